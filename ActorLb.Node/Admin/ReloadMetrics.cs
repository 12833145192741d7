using ActorLb.Engine.Sessions;
using ActorLb.Node.Reloads;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>How a node stands to its files, to what was given to the cluster, and to the other nodes.</summary>
internal static class ReloadMetrics
{
    /// <param name="node">This one's name.</param>
    public static void AddTo(CollectorRegistry registry, INodeView view, SessionClock clock, string node)
    {
        MetricFactory metrics = Metrics.WithCustomRegistry(registry);
        Counter reloads = metrics.CreateCounter("actorlb_config_reloads_total", "Times that this node read its files again.", ["outcome"]);
        Gauge at = metrics.CreateGauge("actorlb_config_last_reload_timestamp_seconds", "When the files in force were read: seconds since 1970.");
        Gauge successful = metrics.CreateGauge("actorlb_config_last_reload_successful", "1 where the files as they were read last are in force, 0 where they were refused.");
        Gauge needStart = metrics.CreateGauge("actorlb_config_static_keys_changed", "Static keys that say another thing in the files than at this node's start.");
        Gauge fingerprint = metrics.CreateGauge("actorlb_config_fingerprint", "The fingerprint of what is in force: nodes that go by the same have the same.");
        Gauge revision = metrics.CreateGauge("actorlb_config_revision", "The number of the last revision that was given to the cluster; 0: none, or it was released.");
        Gauge inForce = metrics.CreateGauge("actorlb_config_revision_in_force", "1 where this node goes by the last revision, or by its files where there is none; 0 where it cannot.");
        Gauge differing = metrics.CreateGauge("actorlb_config_members_differing", "Other members that go by something else than this node.");
        registry.AddBeforeCollectCallback(() =>
        {
            ReloadStatus status = view.Reloads;
            reloads.WithLabels("changed").IncTo(status.Changed);
            reloads.WithLabels("unchanged").IncTo(status.Unchanged);
            reloads.WithLabels("refused").IncTo(status.Refused);
            at.Set((status.LoadedAt - clock.Ahead).ToUnixTimeMilliseconds() / 1000.0);
            successful.Set(status.Last?.Outcome == ReloadOutcome.Refused ? 0 : 1);
            needStart.Set(status.NeedStart.Length);
            fingerprint.Set(view.Fingerprint);
            revision.Set(view.Revisions.History.Head is { IsRelease: false } head ? head.Id.Number : 0);
            inForce.Set(view.Revisions.Problem is null ? 1 : 0);
            differing.Set(view.Members.Count(m => m.Name != node && view.ConfigurationOf(m.Name) is { } theirs && theirs != view.Fingerprint));
        });
    }
}
