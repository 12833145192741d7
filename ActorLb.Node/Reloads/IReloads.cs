using System.Collections.Immutable;

namespace ActorLb.Node.Reloads;

/// <summary>Has files read again, and says what came of it.</summary>
internal interface IReloads
{
    /// <summary>Answered from memory.</summary>
    ReloadStatus Status { get; }

    /// <summary>This node alone.</summary>
    /// <param name="who">The operator, in words for people.</param>
    /// <exception cref="InvalidOperationException">It does not serve yet, or stops.</exception>
    Task<ReloadReport> ReloadAsync(bool isTrial, string who, CancellationToken cancellation);

    /// <summary>In which keys the other members differ from this node; one for each.</summary>
    Task<ImmutableArray<NodeComparison>> CompareAsync(CancellationToken cancellation);

    /// <summary>This node and all members, this one first; who does not answer is silent.</summary>
    /// <inheritdoc cref="ReloadAsync"/>
    /// <exception cref="InvalidOperationException">This node does not serve yet, or stops.</exception>
    Task<ImmutableArray<ReloadReport>> ReloadAllAsync(bool isTrial, string who, CancellationToken cancellation);
}
