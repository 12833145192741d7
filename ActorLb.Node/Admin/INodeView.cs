using ActorLb.Engine.Certificates;
using System.Collections.Immutable;
using ActorLb.Node.Events;
using ActorLb.Node.Overlays;
using ActorLb.Node.Reloads;
using ActorLb.Node.Revisions;
using ActorLb.Node.Storage;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Admin;

/// <summary>Where a node is in its life.</summary>
public enum NodePhase
{
    Starting,
    Ready,
    Stopping,
}

/// <summary>What the admin API shows beside the data plane. Answered from memory, from any thread, without waiting.</summary>
public interface INodeView
{
    NodePhase Phase { get; }

    /// <summary>False: this process cannot get well by itself and should be restarted.</summary>
    bool IsAlive { get; }

    /// <summary>Oldest first; empty while this node has no cluster.</summary>
    ImmutableArray<NodeMember> Members { get; }

    /// <summary>Nodes that died within the last half hour and are not back, the longest gone first.</summary>
    ImmutableArray<LostNode> Lost { get; }

    /// <summary>How the node's file is.</summary>
    StorageStatus Storage { get; }

    /// <summary>What the other nodes have open at a backend.</summary>
    (int InFlight, int Tunnels) OpenElsewhere(BackendName backend);

    /// <summary>Whether what a member has open is known here.</summary>
    bool IsCounted(string member);

    /// <summary>How a drain stands at another member, as it last said; null where it has not.</summary>
    DrainAtNode? DrainAt(string member, BackendName backend);

    /// <summary>How the node stands to its files.</summary>
    ReloadStatus Reloads { get; }

    /// <summary>How the node stands to what was given to the cluster.</summary>
    RevisionStatus Revisions { get; }

    /// <summary>Of what is in force here.</summary>
    uint Fingerprint { get; }

    /// <summary>The fingerprint of what is in force at a member; null where it is not known here.</summary>
    uint? ConfigurationOf(string member);

    /// <summary>What operators decided about the states of backends, also of those that are not there.</summary>
    ImmutableDictionary<BackendName, OperatorDecision> Decisions { get; }

    /// <summary>Since when a backend is up or down, as all nodes say it; null: the events do not reach back to it, or say another thing.</summary>
    DateTimeOffset? SinceOf(BackendName backend, BackendHealth health);

    /// <summary>When a decision was taken and who asked for it; null: the events do not reach back to it.</summary>
    DecisionTaken? TakenOf(OperatorDecision decision);

    /// <inheritdoc cref="TakenOf(OperatorDecision)"/>
    DecisionTaken? TakenOf(OverlayReport overlay);

    /// <summary>What operators decided about backends at run time.</summary>
    ImmutableArray<OverlayReport> Overlays { get; }

    /// <summary>In which keys that which is in force differs from what is written.</summary>
    ImmutableArray<SettingDifference> OverlayDifferences { get; }

    /// <summary>Certificates whose files have changed and cannot be used.</summary>
    IReadOnlyList<CertificateProblem> CertificateProblems { get; }

    /// <summary>The observers' current verdicts; empty for one that nobody has probed yet.</summary>
    ImmutableArray<Verdict> VerdictsOn(BackendName backend);
}
