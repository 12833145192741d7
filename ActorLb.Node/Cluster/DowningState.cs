using System.Collections.Immutable;

namespace ActorLb.Node.Cluster;

/// <summary>One life of a member: a node that restarts has the same address and another uid.</summary>
internal readonly record struct MemberKey(string Address, int Uid);

/// <summary>
/// Decides whom this node downs: every member that has been unreachable for stable-after and that this node
/// itself cannot reach either. Nobody else's size matters: every side goes on. Where only the link between two is broken,
/// the older goes on with those that hear both, and the younger waits to be taken out by it. Pure.
/// </summary>
internal sealed class DowningState
{
    public static readonly DowningState Empty = new([], []);

    /// <summary>How many times stable-after the younger waits for the older: it may have died in the meantime.</summary>
    private const int Patience = 3;

    private readonly ImmutableDictionary<MemberKey, DateTimeOffset> _unreachableSince;
    private readonly ImmutableHashSet<MemberKey> _deferredTo;

    private DowningState(
        ImmutableDictionary<MemberKey, DateTimeOffset> unreachableSince, ImmutableHashSet<MemberKey> deferredTo)
    {
        _unreachableSince = unreachableSince;
        _deferredTo = deferredTo;
    }

    /// <summary>True while somebody is unreachable: there may be something to decide.</summary>
    public bool IsWaiting => !_unreachableSince.IsEmpty;

    /// <summary>Somebody in the cluster no longer hears the member. Said again, it does not start anew.</summary>
    public DowningState Unreachable(MemberKey member, DateTimeOffset now) =>
        _unreachableSince.ContainsKey(member) ? this : new DowningState(_unreachableSince.Add(member, now), _deferredTo);

    /// <summary>An older member, which somebody else in the cluster hears.</summary>
    public DowningState DeferTo(MemberKey member) =>
        _unreachableSince.ContainsKey(member) ? new DowningState(_unreachableSince, _deferredTo.Add(member)) : this;

    /// <summary>The member is heard again by all, or it is gone.</summary>
    public DowningState Forget(MemberKey member) => new(_unreachableSince.Remove(member), _deferredTo.Remove(member));

    /// <summary>
    /// Who is to be downed now, in a fixed order. A member that this node hears is left to those that do not: a node
    /// that hears nobody would otherwise make all of them down each other.
    /// </summary>
    public ImmutableArray<MemberKey> Overdue(DateTimeOffset now, TimeSpan stableAfter, Func<MemberKey, bool> isHeardHere) =>
    [
        .. _unreachableSince
            .Where(u => now - u.Value >= (_deferredTo.Contains(u.Key) ? Patience * stableAfter : stableAfter) && !isHeardHere(u.Key))
            .Select(u => u.Key)
            .OrderBy(m => m.Address, StringComparer.Ordinal)
            .ThenBy(m => m.Uid),
    ];
}
