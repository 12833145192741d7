using System.Threading.Channels;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>What the data plane learned about one session: first seen here by its ticket, rebound alone, or just used.</summary>
public readonly record struct SessionNotice(string Pool, Binding Binding, SessionNoticeKind Kind);

public enum SessionNoticeKind : byte
{
    Adopted,
    Touched,
}

/// <summary>
/// The bounded way from requests to the owners: fire and forget. When the control plane does not keep up, notices
/// are dropped and counted; nothing is lost by it, since the binding is also noted in the table and on the ticket.
/// </summary>
public sealed class SessionFeed
{
    private readonly Channel<SessionNotice> _notices;
    private long _dropped;

    /// <param name="length">limits.session-feed-length: notices that may wait.</param>
    public SessionFeed(int length) =>
        _notices = Channel.CreateBounded<SessionNotice>(
            new BoundedChannelOptions(length) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Read by the control plane, by one reader at a time.</summary>
    public ChannelReader<SessionNotice> Notices => _notices.Reader;

    public void Offer(in SessionNotice notice)
    {
        if (!_notices.Writer.TryWrite(notice))
        {
            Interlocked.Increment(ref _dropped);
        }
    }
}

/// <summary>What the owner of a session says of where it lives.</summary>
/// <param name="Binding">In force.</param>
/// <param name="IsNew">This question moved it: who asked counts that. Else it had moved before, which is counted already.</param>
public readonly record struct Rebound(Binding Binding, bool IsNew);

/// <summary>
/// Asks the owner of a session for its one new home, or whether there is such a session. Implemented by the control plane; while
/// that is away, <see cref="Unavailable"/> stands in.
/// </summary>
public interface IRebinder
{
    /// <summary>
    /// The owner's decision, or null where it did not answer in time: the caller then decides by the same hash.
    /// Never throws but for cancellation.
    /// </summary>
    /// <param name="known">The binding as this node knows it.</param>
    /// <param name="failed">A backend that this node just failed to reach, or None.</param>
    /// <param name="timeout">affinity.rebind-timeout.</param>
    ValueTask<Rebound?> RebindAsync(
        string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation);

    /// <summary>
    /// What the owner of a session knows that this node does not; its backend is None where the owner knows none, either. Null:
    /// no answer in time. Never throws but for cancellation.
    /// </summary>
    ValueTask<Binding?> FindAsync(string pool, SessionId session, TimeSpan timeout, CancellationToken cancellation) => new((Binding?)null);

    /// <summary>
    /// Has the other nodes know a session whose client is about to get its cookie, or the new home of one whose cookie does not tell it.
    /// Completes when they do, or their time is over. Never throws.
    /// </summary>
    ValueTask ShareAsync(string pool, Binding session) => default;

    /// <summary>Answers null at once: nobody to ask.</summary>
    static IRebinder Unavailable { get; } = new NoRebinder();

    private sealed class NoRebinder : IRebinder
    {
        public ValueTask<Rebound?> RebindAsync(
            string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation) => new((Rebound?)null);
    }
}
