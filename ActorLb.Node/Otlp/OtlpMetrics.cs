using Prometheus;

namespace ActorLb.Node.Otlp;

/// <summary>What became of the documents that a node pushes. None of it where it pushes nowhere.</summary>
internal static class OtlpMetrics
{
    public static void AddTo(CollectorRegistry registry, OtlpPush push)
    {
        Counter pushes = Metrics.WithCustomRegistry(registry).CreateCounter(
            "actorlb_otlp_pushes_total", "Documents with metrics for a collector.", ["outcome"]);
        registry.AddBeforeCollectCallback(() =>
        {
            if (push.IsOn)
            {
                pushes.WithLabels("taken").IncTo(push.Pushed);
                pushes.WithLabels("failed").IncTo(push.Failed);
            }
        });
    }
}
