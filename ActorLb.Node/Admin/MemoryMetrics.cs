using ActorLb.Engine.Memory;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>What the node has in use, against limits.memory.</summary>
internal static class MemoryMetrics
{
    public static void AddTo(CollectorRegistry registry, MemoryGate memory)
    {
        MetricFactory metrics = Metrics.WithCustomRegistry(registry);
        Gauge used = metrics.CreateGauge("actorlb_memory_used_bytes", "Memory in use, as limits.memory counts it.");
        Gauge limit = metrics.CreateGauge("actorlb_memory_limit_bytes", "Where new requests are refused.");
        Gauge full = metrics.CreateGauge("actorlb_memory_full", "1 while new requests are refused for lack of memory.");
        Counter refused = metrics.CreateCounter("actorlb_memory_refused_total", "Requests that were refused for lack of memory.");
        registry.AddBeforeCollectCallback(() =>
        {
            used.Set(memory.Used);
            limit.Set(memory.Limit);
            full.Set(memory.IsFull ? 1 : 0);
            refused.IncTo(memory.Refused);
        });
    }
}
