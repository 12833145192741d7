using ActorLb.Engine;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>What became of the access log's lines. None of it where the log is off, and never was on.</summary>
internal static class AccessLogMetrics
{
    public static void AddTo(CollectorRegistry registry, DataPlane plane)
    {
        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(registry);
        var counter = new CounterConfiguration { SuppressInitialValue = true };
        Counter written = metrics.CreateCounter("actorlb_access_log_lines_total", "Lines of the access log that were written.", counter);
        Counter dropped = metrics.CreateCounter("actorlb_access_log_dropped_total", "Lines lost because the buffer was full.", counter);
        Gauge failing = metrics.CreateGauge(
            "actorlb_access_log_failing", "1 while the access log cannot be written.", new GaugeConfiguration { SuppressInitialValue = true });
        registry.AddBeforeCollectCallback(() =>
        {
            if (plane.AccessLog is { } log)
            {
                written.IncTo(plane.AccessLogTotals.Written);
                dropped.IncTo(plane.AccessLogTotals.Dropped);
                failing.Set(log.Failing ? 1 : 0);
                written.Publish();
                dropped.Publish();
            }
            else
            {
                failing.Unpublish();
            }
        });
    }
}
