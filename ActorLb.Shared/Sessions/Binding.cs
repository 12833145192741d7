using System.Runtime.InteropServices;
using ActorLb.Shared.Backends;

namespace ActorLb.Shared.Sessions;

/// <summary>
/// A session's backend: 32 bytes, the unit of tables, replication and disk.
/// A binding moves only forward: the owner of its bucket writes version + 1.
/// </summary>
/// <param name="Version">1 for the first backend; one more for every move, up to the last but one: after that it stays, and ranks decide alone.</param>
/// <param name="LastSeen">Seconds since 1970-01-01 UTC of the last request that a node reported.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Binding(SessionId Id, BackendKey Backend, uint Version, uint LastSeen)
{
    public const int Bytes = 32;

    /// <summary>The version of a session that an operator ended: none supersedes it, so that it wins any merge.</summary>
    public const uint EndedVersion = uint.MaxValue;

    /// <summary>What is kept of a session that an operator ended: its tickets count as none.</summary>
    /// <param name="at">When, or when it was last used where that is later.</param>
    public static Binding Ended(SessionId id, uint at) => new(id, BackendKey.None, EndedVersion, at);

    /// <summary>
    /// The one binding that both sides agree on (invariant 7): the higher version's backend; with equal versions
    /// the backend that ranks higher for this session; and the later of both times. Commutative and idempotent.
    /// </summary>
    public static Binding Merge(in Binding left, in Binding right)
    {
        uint lastSeen = Math.Max(left.LastSeen, right.LastSeen);
        Binding winner = left.Supersedes(right) ? left : right;
        return winner.LastSeen == lastSeen ? winner : winner with { LastSeen = lastSeen };
    }

    /// <summary>True where this binding, not the other, says where the session lives. Equal ones do not supersede.</summary>
    public bool Supersedes(in Binding other)
    {
        if (Version != other.Version)
        {
            return Version > other.Version;
        }

        return Backend != other.Backend && Rendezvous.Ranks(Id, Backend, other.Backend);
    }

    /// <summary>
    /// True once nobody has used the session for the timeout. What is kept of one that was ended outlives the last ticket that a node
    /// may have given out for it: the last use that others hear of is a part of the timeout early.
    /// </summary>
    public bool IsExpired(uint nowSeconds, TimeSpan idleTimeout) =>
        LastSeen + (ulong)(IsEnded ? idleTimeout * 1.25 : idleTimeout).TotalSeconds < nowSeconds;

    /// <summary>It lives elsewhere than where it began.</summary>
    public bool HasMoved => Version > 1;

    /// <summary>An operator ended it: it lives nowhere, and is no session for its client.</summary>
    public bool IsEnded => Version == EndedVersion;

    public Binding MovedTo(BackendKey backend, uint at) => IsEnded ? this
        : new(Id, backend, Version == EndedVersion - 1 ? Version : Version + 1, at);

    public Binding Seen(uint at) => at > LastSeen ? this with { LastSeen = at } : this;
}
