using Prometheus;

namespace ActorLb.Node.Storage;

/// <summary>The state of the node's file, read when somebody collects.</summary>
internal static class StorageMetrics
{
    public static void AddTo(CollectorRegistry registry, Func<StorageStatus> status)
    {
        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(registry);
        Gauge failing = metrics.CreateGauge("actorlb_storage_failing", "1 while what this node knows cannot be written to its data directory.");
        Gauge unwritten = metrics.CreateGauge("actorlb_storage_unwritten_seconds", "How long the oldest change that is not on disk has been waiting.");
        Gauge bytes = metrics.CreateGauge("actorlb_storage_bytes", "Size of the node's file and its write-ahead log.");
        registry.AddBeforeCollectCallback(() =>
        {
            StorageStatus now = status();
            failing.Set(now.State == StorageState.Ok ? 0 : 1);
            unwritten.Set(now.UnwrittenFor.TotalSeconds);
            bytes.Set(now.Bytes);
        });
    }
}
