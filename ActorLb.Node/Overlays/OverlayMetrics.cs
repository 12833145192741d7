using Prometheus;

namespace ActorLb.Node.Overlays;

/// <summary>The operators' decisions about backends, read when somebody collects.</summary>
internal static class OverlayMetrics
{
    public static void AddTo(CollectorRegistry registry, NodeOverlays overlays)
    {
        MetricFactory metrics = Metrics.WithCustomRegistry(registry);
        Gauge count = metrics.CreateGauge("actorlb_overlays", $"Backends that operators added, removed or weighed at run time; {BackendRegisters.Most} at most.");
        Gauge behind = metrics.CreateGauge("actorlb_overlays_behind", "1 while this node cannot go by what operators decided about backends.");
        registry.AddBeforeCollectCallback(() =>
        {
            count.Set(overlays.Known.ByBackend.Count);
            behind.Set(overlays.IsBehind ? 1 : 0);
        });
    }
}
