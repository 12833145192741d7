using ActorLb.Engine.ProxyProtocol;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>Connections of proxies that were closed because they did not say whom they bring.</summary>
internal static class ProxyHeaderMetrics
{
    public static void AddTo(CollectorRegistry registry, ProxyHeaderCounts headers)
    {
        Counter refused = Metrics.WithCustomRegistry(registry).CreateCounter(
            "actorlb_proxy_headers_refused_total", "Connections of trusted proxies that were closed because they did not begin with a valid header of the PROXY protocol.", ["reason"]);
        registry.AddBeforeCollectCallback(() =>
        {
            foreach ((ProxyHeaderFault fault, string name) in ProxyHeaderCounts.Faults)
            {
                refused.WithLabels(name).IncTo(headers[fault]);
            }
        });
    }
}
