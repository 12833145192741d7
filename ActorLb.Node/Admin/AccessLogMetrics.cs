using ActorLb.Engine.AccessLogs;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>What became of the access log's lines. None of it where the log is off.</summary>
internal static class AccessLogMetrics
{
    public static void AddTo(CollectorRegistry registry, AccessLog? log)
    {
        if (log is null)
        {
            return;
        }

        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(registry);
        Counter written = metrics.CreateCounter("actorlb_access_log_lines_total", "Lines of the access log that were written.");
        Counter dropped = metrics.CreateCounter("actorlb_access_log_dropped_total", "Lines lost because the buffer was full.");
        Gauge failing = metrics.CreateGauge("actorlb_access_log_failing", "1 while the access log cannot be written.");
        registry.AddBeforeCollectCallback(() =>
        {
            written.IncTo(log.Written);
            dropped.IncTo(log.Dropped);
            failing.Set(log.Failing ? 1 : 0);
        });
    }
}
