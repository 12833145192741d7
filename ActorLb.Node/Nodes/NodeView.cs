using System.Collections.Immutable;
using ActorLb.Engine.Certificates;
using ActorLb.Node.Admin;
using ActorLb.Node.Events;
using ActorLb.Node.Overlays;
using ActorLb.Node.Reloads;
using ActorLb.Node.Revisions;
using ActorLb.Node.Storage;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Nodes;

/// <summary>What the admin API sees of a node.</summary>
internal sealed class NodeView(BalancerNode node) : INodeView
{
    public NodePhase Phase => node.Phase;

    public bool IsAlive => node.IsAlive;

    public ImmutableArray<NodeMember> Members => node.Members;

    public ImmutableArray<LostNode> Lost => node.Lost;

    public StorageStatus Storage => node.Store.Status;

    public (int InFlight, int Tunnels) OpenElsewhere(BackendName backend) => node.Traffic.At(backend);

    public bool IsCounted(string member) => member == node.Name || node.Traffic.Reports(member);

    public DrainAtNode? DrainAt(string member, BackendName backend) => node.Traffic.DrainAt(member, backend);

    public ReloadStatus Reloads => node.Reloads.Status;

    public RevisionStatus Revisions => node.Revisions.Status;

    public uint Fingerprint => node.Topology.State.Fingerprint;

    public uint? ConfigurationOf(string member) => member == node.Name ? node.Topology.State.Fingerprint : node.Traffic.ConfigurationOf(member);

    public ImmutableDictionary<BackendName, OperatorDecision> Decisions => node.Health.Decisions;

    public DateTimeOffset? SinceOf(BackendName backend, BackendHealth health) => node.Events.Healths.Of(backend, health);

    public DecisionTaken? TakenOf(OperatorDecision decision) => node.Events.Words.Of(decision);

    public DecisionTaken? TakenOf(OverlayReport overlay) => node.Events.Words.Of(overlay);

    public ImmutableArray<OverlayReport> Overlays
    {
        get
        {
            TopologyState topology = node.Topology.State;
            return [.. node.Overlays.Known.ByBackend.Values.Select(r => OverlayReport.Of(r, topology.Written))];
        }
    }

    public ImmutableArray<SettingDifference> OverlayDifferences
    {
        get
        {
            TopologyState topology = node.Topology.State;
            return TopologyDifferences.Between(topology.Written, topology.InForce, topology.Layer.Hidden);
        }
    }

    public IReadOnlyList<CertificateProblem> CertificateProblems => [.. node.Lanes.CertificateProblems, .. node.AdminCertificateProblems];

    public ImmutableArray<Verdict> VerdictsOn(BackendName backend) => node.Health.VerdictsOn(backend);
}
