using System.Collections.Immutable;
using ActorLb.Node.Configuration;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Revisions;

/// <summary>Takes topologies to the cluster, and shows those that it was given. No secret is shown.</summary>
internal interface IRevisions
{
    RevisionStatus Status { get; }

    /// <summary>What is in force on this node, as one text with place holders.</summary>
    string Export();

    /// <summary>A revision's text with place holders; null where it is a release.</summary>
    string? Shown(Revision revision);

    /// <summary>In which keys two differ, as this node reads them.</summary>
    /// <param name="to">Null: what is in force on this node.</param>
    (ImmutableArray<SettingDifference> Differences, ImmutableArray<string> Mistakes) Between(Revision from, Revision? to);

    /// <summary>Gives a text to the cluster; its place holders keep what is stored.</summary>
    /// <exception cref="TimeoutException">The control plane did not answer: what became of it is not known.</exception>
    Task<RevisionOutcome> ApplyAsync(IReadOnlyList<ConfigurationText> layers, RevisionRequest request, CancellationToken cancellation);

    /// <summary>Gives a revision to the cluster once more; the files have their say again where it is a release, or null.</summary>
    /// <exception cref="TimeoutException">The control plane did not answer: what became of it is not known.</exception>
    Task<RevisionOutcome> ReturnToAsync(Revision? revision, RevisionRequest request, CancellationToken cancellation);
}
