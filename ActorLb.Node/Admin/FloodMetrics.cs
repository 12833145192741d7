using ActorLb.Engine.Http2;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>Connections of HTTP/2 that were ended because of what they were flooded with.</summary>
internal static class FloodMetrics
{
    public static void AddTo(CollectorRegistry registry, FloodCounts floods)
    {
        Counter ended = Metrics.WithCustomRegistry(registry).CreateCounter(
            "actorlb_http2_floods_total", "Connections that were ended because their frames carried nothing.", ["kind"]);
        registry.AddBeforeCollectCallback(() =>
        {
            foreach ((FloodKind kind, string name) in FloodCounts.Kinds)
            {
                ended.WithLabels(name).IncTo(floods[kind]);
            }
        });
    }
}
