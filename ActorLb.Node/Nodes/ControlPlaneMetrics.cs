using ActorLb.Node.Cluster;
using ActorLb.Node.Sessions;
using Prometheus;

namespace ActorLb.Node.Nodes;

/// <summary>What the control plane refused, dropped or had to do again, read when somebody collects.</summary>
internal static class ControlPlaneMetrics
{
    /// <param name="affinity">The capability of the run that is on; its counts begin anew with each run.</param>
    public static void AddTo(CollectorRegistry registry, ControlPlane control, Func<SessionCapability> affinity)
    {
        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(registry);
        (Counter Counter, Func<long> Value)[] counters =
        [
            (metrics.CreateCounter("actorlb_control_plane_restarts_total", "Actor systems that ended without being asked."), () => control.Restarts),
            (metrics.CreateCounter("actorlb_clusters_formed_total", "Clusters that this node formed because it found none."), () => control.Discovery.ClustersFormed),
            (metrics.CreateCounter("actorlb_clusters_left_total", "Times that this node left its cluster for a better one, after a partition."), () => control.Discovery.ClustersLeft),
            (metrics.CreateCounter("actorlb_wire_refused_total", "Messages between nodes that were refused as none of ours."), () => control.Refusals.Count),
            (metrics.CreateCounter("actorlb_cluster_peers_refused_total", "Connections between this node and what is no node of its cluster, ended."), () => control.RefusedPeers.Count),
        ];
        (Gauge Gauge, Func<long> Value)[] sinceRestart =
        [
            (metrics.CreateGauge("actorlb_rebinds_refused", "Rebinds not asked because too many waited or the owner was silent, since the control plane's start."), () => affinity().RebindsRefused),
            (metrics.CreateGauge("actorlb_rebinds_unanswered", "Rebinds that an owner did not answer in time, since the control plane's start."), () => affinity().RebindsUnanswered),
            (metrics.CreateGauge("actorlb_bindings_not_owned", "Bindings that an owner here had no place for, since the control plane's start."), () => affinity().NotOwned),
        ];
        registry.AddBeforeCollectCallback(() =>
        {
            foreach ((Counter counter, Func<long> value) in counters)
            {
                counter.IncTo(value());
            }

            foreach ((Gauge gauge, Func<long> value) in sinceRestart)
            {
                gauge.Set(value());
            }
        });
    }
}
