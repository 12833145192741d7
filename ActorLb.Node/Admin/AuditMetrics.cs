using ActorLb.Engine.AccessLogs;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>What became of the audit log's lines. None of it where it has no file.</summary>
internal static class AuditMetrics
{
    /// <param name="file">Null: there is none.</param>
    public static void AddTo(CollectorRegistry registry, AccessLog? file)
    {
        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(registry);
        var counter = new CounterConfiguration { SuppressInitialValue = true };
        Counter written = metrics.CreateCounter("actorlb_audit_log_lines_total", "Lines of the audit log that were written.", counter);
        Counter dropped = metrics.CreateCounter("actorlb_audit_log_dropped_total", "Lines of the audit log that nobody will ever read.", counter);
        Gauge failing = metrics.CreateGauge(
            "actorlb_audit_log_failing", "1 while the audit log cannot be written.", new GaugeConfiguration { SuppressInitialValue = true });
        if (file is null)
        {
            return;
        }

        registry.AddBeforeCollectCallback(() =>
        {
            written.IncTo(file.Written);
            dropped.IncTo(file.Dropped);
            failing.Set(file.Failing ? 1 : 0);
            written.Publish();
            dropped.Publish();
        });
    }
}
