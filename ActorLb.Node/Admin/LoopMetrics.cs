using System.Globalization;
using ActorLb.Engine.Listeners;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>What the event loops of the epoll lane hold, each by its number; nothing where there are none.</summary>
internal static class LoopMetrics
{
    public static void AddTo(CollectorRegistry registry, Func<IReadOnlyList<LoopFigures>> loops)
    {
        MetricFactory metrics = Metrics.WithCustomRegistry(registry);
        Gauge clients = metrics.CreateGauge("actorlb_loop_clients", "Clients that an event loop serves.", ["loop"]);
        Gauge kept = metrics.CreateGauge(
            "actorlb_loop_backend_connections_kept", "Connections to backends that an event loop keeps for the next request.", ["loop"]);
        Gauge bytes = metrics.CreateGauge(
            "actorlb_loop_buffer_bytes", "Unmanaged memory of an event loop: lent to connections, or kept for the next one.", ["loop", "state"]);
        Counter restarts = metrics.CreateCounter(
            "actorlb_loop_restarts_total", "Times that an event loop failed, closed its clients and was begun anew.", ["loop"]);
        registry.AddBeforeCollectCallback(() =>
        {
            int number = 0;
            foreach (LoopFigures loop in loops())
            {
                string label = number++.ToString(CultureInfo.InvariantCulture);
                clients.WithLabels(label).Set(loop.Clients);
                kept.WithLabels(label).Set(loop.BackendConnectionsKept);
                restarts.WithLabels(label).IncTo(loop.Restarts);
                bytes.WithLabels(label, "lent").Set(loop.LentBytes);
                bytes.WithLabels(label, "kept").Set(loop.KeptBytes);
            }
        });
    }
}
