using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>Who knocks at the admin ports.</summary>
internal static class AdminMetrics
{
    /// <param name="probes">Null where probes have no port of their own.</param>
    public static void AddTo(CollectorRegistry registry, TokenGuesses guesses, AdminPlaces admin, AdminPlaces? probes)
    {
        MetricFactory metrics = Metrics.WithCustomRegistry(registry);
        Counter tokens = metrics.CreateCounter(
            "actorlb_admin_token_guesses_total", "Wrong tokens, and those that were not looked at because their address had sent too many wrong ones.", ["outcome"]);
        Gauge open = metrics.CreateGauge("actorlb_admin_connections", "Connections to the admin ports now.", ["port"]);
        Counter closed = metrics.CreateCounter(
            "actorlb_admin_connections_closed_total", "Connections to the admin ports that were closed because another one needed their place.", ["port"]);
        registry.AddBeforeCollectCallback(() =>
        {
            tokens.WithLabels("wrong").IncTo(guesses.Wrong);
            tokens.WithLabels("unread").IncTo(guesses.Unread);
            Collect("admin", admin);
            if (probes is not null)
            {
                Collect("health", probes);
            }
        });

        void Collect(string port, AdminPlaces places)
        {
            open.WithLabels(port).Set(places.Count);
            closed.WithLabels(port).IncTo(places.Closed);
        }
    }
}
