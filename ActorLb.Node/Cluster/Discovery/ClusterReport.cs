using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>How far a node is on its way into a cluster.</summary>
internal enum Standing : byte
{
    /// <summary>It looks for a cluster, and may form one.</summary>
    Looking,

    /// <summary>It has asked to be taken in.</summary>
    Joining,

    /// <summary>It is a member that is up.</summary>
    Member,
}

/// <summary>What a node says of itself to another, which may be in another cluster or in none.</summary>
/// <param name="View">Its cluster; empty for a node that is in none.</param>
internal sealed record ClusterReport(HostPort Address, Standing Standing, ClusterView View)
{
    /// <summary>cluster.name; what says nothing is of the default name.</summary>
    public string Cluster { get; init; } = ClusterSettings.DefaultName;
}

/// <summary>Where are you? Answered by a <see cref="ClusterReport"/>; carries that of the asker, whom the asked may not know.</summary>
internal sealed record AskCluster(ClusterReport Asker);

/// <summary>Do you hear this member? Asked within a cluster by one that does not, before it goes on without it.</summary>
internal sealed record AskHeard(HostPort Address, int Uid);

/// <summary>Answers <see cref="AskHeard"/>; the member again, because answers to several questions may be under way.</summary>
internal sealed record HeardMember(HostPort Address, int Uid, bool Hears);
