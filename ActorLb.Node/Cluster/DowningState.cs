using System.Collections.Immutable;

namespace ActorLb.Node.Cluster;

/// <summary>One life of a member: a node that restarts has the same address and another uid.</summary>
public readonly record struct MemberKey(string Address, int Uid);

/// <summary>
/// Decides whom this node downs: every member that has been unreachable for stable-after and that this node
/// itself cannot reach either. Nobody else's size or age matters: every side goes on. Pure.
/// </summary>
public sealed class DowningState
{
    public static readonly DowningState Empty = new([]);

    private readonly ImmutableDictionary<MemberKey, DateTimeOffset> _unreachableSince;

    private DowningState(ImmutableDictionary<MemberKey, DateTimeOffset> unreachableSince) => _unreachableSince = unreachableSince;

    /// <summary>True while somebody is unreachable: there may be something to decide.</summary>
    public bool IsWaiting => !_unreachableSince.IsEmpty;

    /// <summary>Somebody in the cluster no longer hears the member. Said again, it does not start anew.</summary>
    public DowningState Unreachable(MemberKey member, DateTimeOffset now) =>
        _unreachableSince.ContainsKey(member) ? this : new DowningState(_unreachableSince.Add(member, now));

    /// <summary>The member is heard again by all, or it is gone.</summary>
    public DowningState Forget(MemberKey member) => new(_unreachableSince.Remove(member));

    /// <summary>
    /// Who is to be downed now, in a fixed order. A member that this node hears is left to those that do not: a node
    /// that hears nobody would otherwise make all of them down each other.
    /// </summary>
    public ImmutableArray<MemberKey> Overdue(DateTimeOffset now, TimeSpan stableAfter, Func<MemberKey, bool> isHeardHere) =>
    [
        .. _unreachableSince
            .Where(u => now - u.Value >= stableAfter && !isHeardHere(u.Key))
            .Select(u => u.Key)
            .OrderBy(m => m.Address, StringComparer.Ordinal)
            .ThenBy(m => m.Uid),
    ];
}
