using ActorLb.Engine.Listeners;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>The connections of clients, and what came by them, by listener.</summary>
internal static class ConnectionMetrics
{
    private const string ListenerFull = "listener-full";
    private const string AddressFull = "address-full";
    private const string NoMemory = "no-memory";
    private const string NoDescriptors = "no-descriptors";

    public static void AddTo(CollectorRegistry registry, ConnectionLimits limits)
    {
        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(registry);
        Gauge open = metrics.CreateGauge("actorlb_connections", "Connections of clients now.", ["listener"]);
        Counter refused = metrics.CreateCounter(
            "actorlb_connections_refused_total", "Connections closed at once because a limit was reached.", ["listener", "reason"]);
        Counter certificates = metrics.CreateCounter(
            "actorlb_client_certificates_refused_total", "TLS handshakes in which the client showed no certificate that is good.", ["listener"]);
        Counter accepted = metrics.CreateCounter("actorlb_connections_accepted_total", "Connections of clients that were let in.", ["listener"]);
        Counter handshakes = metrics.CreateCounter(
            "actorlb_tls_handshakes_total", "TLS handshakes of clients, by the version that they came to.", ["listener", "version"]);
        Counter failed = metrics.CreateCounter("actorlb_tls_handshakes_failed_total", "TLS handshakes of clients that came to nothing.", ["listener"]);
        Counter requests = metrics.CreateCounter(
            "actorlb_listener_requests_total", "Requests that are over, by the class of the status that their clients got.", ["listener", "status"]);
        var series = new LabelledSeries();
        registry.AddBeforeCollectCallback(() =>
        {
            foreach ((string listener, ListenerConnections connections) in limits.Listeners)
            {
                series.Of(open, listener).Set(connections.Open);
                series.Of(accepted, listener).IncTo(connections.Accepted);
                series.Of(handshakes, listener, "1.2").IncTo(connections.HandshakesOfTls12);
                series.Of(handshakes, listener, "1.3").IncTo(connections.HandshakesOfTls13);
                series.Of(failed, listener).IncTo(connections.FailedHandshakes);
                series.Of(refused, listener, ListenerFull).IncTo(connections.RefusedForListener);
                series.Of(refused, listener, NoDescriptors).IncTo(connections.RefusedForDescriptors);
                series.Of(refused, listener, NoMemory).IncTo(connections.RefusedForMemory);
                series.Of(refused, listener, AddressFull).IncTo(connections.RefusedForAddress);
                for (int of = 0; of < RequestMetrics.StatusClasses.Length; of++)
                {
                    if (connections.Requests.CountOf(of) is > 0 and long count)
                    {
                        series.Of(requests, listener, RequestMetrics.StatusClasses[of]).IncTo(count);
                    }
                }

                series.Of(certificates, listener).IncTo(connections.RefusedCertificates);
            }

            series.DropOthers();
        });
    }
}
