using System.Runtime.CompilerServices;
using ActorLb.Engine.Balancing;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Engine.Traffic;

/// <summary>
/// Decides which backend serves a request; both lanes ask it. Reads one snapshot and one table, and waits for
/// nobody, except where a session's backend is gone and its owner must say where the session lives now, or cannot be
/// reached and the verdict must say whether it is gone.
/// </summary>
public sealed class TrafficDirector
{
    private readonly DataPlane _plane;
    private readonly TicketRecognition _recognition;
    private readonly LearnedRecognition _learned;
    private readonly SessionLearning _learning;
    private readonly BoundRequests _bound;

    public TrafficDirector(DataPlane plane)
    {
        _plane = plane;
        _bound = new BoundRequests(plane);
        _recognition = new TicketRecognition(plane);
        _learned = new LearnedRecognition(plane);
        _learning = new SessionLearning(plane);
    }

    /// <inheritdoc cref="RoutingSnapshot.Find"/>
    internal ChosenRoute Route<T>(ReadOnlySpan<char> host, ReadOnlySpan<char> path, T conditions)
        where T : IRouteConditions, allows ref struct => _plane.Routing.Find(host, path, conditions);

    /// <summary>The pool for every request; null where routes decide.</summary>
    public PoolSnapshot? OnlyPool => _plane.Routing.OnlyPool;

    /// <summary>Of a request's tickets, the one that says most about the side of a split, among those of sessions that some backend of this pool may keep; null: there is none.</summary>
    internal TicketClaim? TicketOf(PoolSnapshot pool, PoolAffinity affinity, in PresentedTickets tickets) =>
        TicketRecognition.FirstOf(affinity, tickets, _plane.Clock.Read()) is { } claim && pool.Backends.Any(b => b.KeepsSessions) ? claim : null;

    /// <inheritdoc cref="RoutingSnapshot.Only"/>
    internal ChosenRoute Only => _plane.Routing.Only;

    /// <summary>Nobody takes its new sessions, and those that keep theirs were to be done with them by now.</summary>
    internal bool IsOver(PoolSnapshot pool)
    {
        if (pool.TakesNewSessions)
        {
            return false;
        }

        DateTimeOffset now = _plane.Clock.UtcNow;
        foreach (BackendSnapshot backend in pool.Backends)
        {
            if (backend.KeepsSessions && !(backend.Operator == OperatorState.Draining && backend.DrainDeadline <= now))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The backend for a request with these Cookie headers. Completes at once but where a session's backend is gone or silent.</summary>
    /// <inheritdoc cref="AssignAsync(PoolSnapshot, PoolAffinity?, in PresentedTickets, BackendSnapshot?, IFirstRequest?, CancellationToken)"/>
    [SkipLocalsInit]
    internal ValueTask<Assignment> AssignAsync(
        PoolSnapshot pool, StringValues cookies, CancellationToken cancellation, BackendSnapshot? held = null)
    {
        PoolAffinity? affinity = pool.Affinity;
        var tickets = new PresentedTickets(stackalloc byte[PresentedTickets.BufferBytes]);
        affinity?.Cookie.Find(cookies, ref tickets);
        return AssignAsync(pool, affinity, tickets, held, keys: null, cancellation);
    }

    /// <summary>The backend for a request with these tickets. Completes at once but where a session's backend is gone or silent.</summary>
    /// <param name="affinity">The pool's own.</param>
    /// <param name="held">
    /// Where the client has a connection that knows it (NTLM, Negotiate): a request of no session goes there as long as that
    /// backend keeps sessions, since it would come as a stranger anywhere else. Null: it has none.
    /// </param>
    /// <param name="keys">The request, where it can say its key: asked for one of no session alone.</param>
    internal ValueTask<Assignment> AssignAsync(
        PoolSnapshot pool, PoolAffinity? affinity, in PresentedTickets tickets, BackendSnapshot? held, IFirstRequest? keys, CancellationToken cancellation)
    {
        if (affinity is null)
        {
            BalanceKey own = KeyOf(pool, keys);
            return new(new Assignment(pool, Held(pool, held) ?? BackendChoice.Next(pool, BackendKey.None, own), default, IsBound: false, NeedsTicket: false) { Key = own });
        }

        SessionTime time = _plane.Clock.Read();
        if (affinity.LearnedCookie is not null)
        {
            return AssignLearnedAsync(pool, affinity, tickets, held, keys, time, cancellation);
        }

        if (!_recognition.TryRecognise(affinity, tickets, time, out RecognisedSession session))
        {
            return new(Begin(pool, affinity, held, keys));
        }

        Binding binding = session.Binding;
        bool needsTicket = session.Claim.Version != binding.Version || session.IsContested || affinity.IsDue(session.Claim, time.Now);
        return GoHomeAsync(pool, affinity, binding, needsTicket, session.TableIsBehind, time.Now, keys, cancellation);
    }

    /// <summary>
    /// Learns the sessions that an answer begins, where the pool does that. Completes when other nodes know them, too, or their
    /// time is over; until then the client does not get the answer.
    /// </summary>
    /// <inheritdoc cref="SessionLearning.LearnAsync"/>
    internal ValueTask LearnAsync(ref Assignment assignment, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields) =>
        _learning.LearnAsync(ref assignment, source, fields);

    /// <summary>
    /// Where a request goes that could not connect: the next turn for a new session. A bound one goes to its backend again
    /// until the verdict is down or the time to connect is over, and then to the new home that its owner decides.
    /// </summary>
    /// <param name="outcome">How the connect failed. Whatever is no failed connect moves no session.</param>
    internal ValueTask<Assignment> ReassignAsync(in Assignment failed, RequestOutcome? outcome, CancellationToken cancellation)
    {
        PoolSnapshot pool = _plane.Now(failed.Pool);
        if (failed.Backend is null)
        {
            return new(failed);
        }

        if (pool.Affinity is not { } affinity)
        {
            return new(failed with { Pool = pool, Backend = BackendChoice.Next(pool, failed.Backend.Key, failed.Key) });
        }

        return failed.IsBound
            ? _bound.ReassignAsync(affinity, failed, outcome, cancellation)
            : new(NewSession(pool, affinity, failed.Binding.Id, BackendChoice.Next(pool, failed.Backend.Key, failed.Key), failed.Key, failed.Request) with { HasEnded = failed.HasEnded });
    }

    /// <summary>
    /// Where a request goes that has waited in its backend's queue: there, unless the operator or a verdict decided otherwise
    /// meanwhile. Another backend is another place to be found.
    /// </summary>
    internal ValueTask<Assignment> AfterQueueAsync(in Assignment waited, CancellationToken cancellation)
    {
        PoolSnapshot pool = _plane.Now(waited.Pool);
        if (pool.Find(waited.Backend!.Key) is { } now && (waited.IsBound ? _plane.Keeps(now, waited.Binding.Id) : now is { KeepsSessions: true, Operator: OperatorState.Ready }))
        {
            return new(waited);
        }

        if (pool.Affinity is not { } affinity)
        {
            return new(waited with { Pool = pool, Backend = BackendChoice.Next(pool, BackendKey.None, waited.Key) });
        }

        return waited.IsBound
            ? _bound.RebindAsync(pool, affinity, waited.Binding, cancellation)
            : new(NewSession(pool, affinity, waited.Binding.Id, BackendChoice.Next(pool, BackendKey.None, waited.Key), waited.Key, waited.Request) with { HasEnded = waited.HasEnded });
    }

    /// <summary>
    /// Writes the lines that bring the client the ticket of an assignment that <see cref="Assignment.NeedsTicket"/>, in an answer
    /// of our own; returns their length, 0 where there is no key to sign with or no room.
    /// </summary>
    /// <param name="secure">The client's connection is TLS.</param>
    internal int WriteTicket(in Assignment assignment, bool secure, Span<byte> target) => WriteTicket(assignment, secure, isPrivate: false, target);

    /// <summary>The same for an answer of a backend: nothing where a cache may give that to others.</summary>
    /// <param name="source">The answer's head, into which the fields are offsets.</param>
    internal int WriteTicket(
        in Assignment assignment, bool secure, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, Span<byte> target)
    {
        PoolAffinity affinity = assignment.Pool.Affinity!;
        if (affinity.Dropped is { } dropped)
        {
            // A cache would have everybody drop his.
            return assignment.HasEnded && !SharedCaching.MayBeShared(source, fields, (uint)(_plane.Clock.Wall / 1000)) ? dropped.Write(source, fields, target) : 0;
        }

        if (!affinity.Settings.Cookie.OnCacheable && SharedCaching.MayBeShared(source, fields, (uint)(_plane.Clock.Wall / 1000)))
        {
            _plane.SessionCounters.TicketWithheld();
            return 0;
        }

        bool isPrivate = affinity.Settings.Cookie.OnCacheable || (affinity.Header is not null && SharedCaching.IsForbidden(source, fields));
        return WriteTicket(assignment, secure, isPrivate, target);
    }

    private int WriteTicket(in Assignment assignment, bool secure, bool isPrivate, Span<byte> target)
    {
        PoolAffinity affinity = assignment.Pool.Affinity!;
        TicketCodec codec = affinity.Codec;
        if (!codec.CanSeal || target.Length < affinity.TicketLinesBytesMax)
        {
            return 0;
        }

        Span<byte> ticket = stackalloc byte[TicketCodec.TicketChars];
        codec.SealToUtf8(assignment.Binding, ticket);
        _plane.SessionCounters.TicketIssued();
        if (!assignment.IsBound)
        {
            assignment.Backend!.Traffic.Sessions.Count(SessionEvent.Began);
        }

        return affinity.Header is { } header ? header.Write(ticket, isPrivate, target) : affinity.Cookie.WriteLine(ticket, secure, target);
    }

    private uint Now => _plane.Clock.Now;

    private ValueTask<Assignment> GoHomeAsync(
        PoolSnapshot pool, PoolAffinity affinity, in Binding binding, bool needsTicket, bool isAdopted, uint now, IFirstRequest? keys, CancellationToken cancellation)
    {
        if (pool.Find(binding.Backend) is not { } backend || !_plane.Keeps(backend, binding.Id))
        {
            return _bound.RebindAsync(pool, affinity, binding, cancellation);
        }

        var home = new Assignment(pool, backend, binding with { LastSeen = now }, IsBound: true, needsTicket) { Request = affinity.LearnedCookie is null ? null : keys, IsAdopted = isAdopted };
        return backend.Traffic.IsSilent ? _bound.AwaitVerdictAsync(affinity, home, cancellation) : new(home);
    }

    private ValueTask<Assignment> AssignLearnedAsync(
        PoolSnapshot pool, PoolAffinity affinity, in PresentedTickets values, BackendSnapshot? held, IFirstRequest? keys, SessionTime time, CancellationToken cancellation)
    {
        if (_learned.TryRecognise(affinity, values, time, out Binding binding))
        {
            return GoHomeAsync(pool, affinity, binding, needsTicket: false, isAdopted: false, time.Now, keys, cancellation);
        }

        // The key before the wait: what it is read from may be gone after it.
        SessionId[] unknown = _learned.ToAsk(affinity, values, keys, time);
        bool hasEnded = LearnedRecognition.IsOfEnded(affinity, values, time);
        return unknown.Length > 0
            ? FindAsync(pool, affinity, unknown, held, KeyOf(pool, keys), keys, hasEnded, cancellation)
            : new(Begin(pool, affinity, held, keys) with { HasEnded = hasEnded });
    }

    // The snapshot of now, not of when the request came: the wait may have been long.
    private async ValueTask<Assignment> FindAsync(
        PoolSnapshot seen,
        PoolAffinity affinity,
        SessionId[] unknown,
        BackendSnapshot? held,
        BalanceKey key,
        IFirstRequest? keys,
        bool hasEnded,
        CancellationToken cancellation)
    {
        Binding? found = await _learned.FindAsync(affinity, unknown, cancellation).ConfigureAwait(false);
        PoolSnapshot pool = _plane.Now(seen);
        return found is { } binding
            ? await GoHomeAsync(pool, affinity, binding, needsTicket: false, isAdopted: true, Now, keys, cancellation).ConfigureAwait(false)
            : NewSession(pool, affinity, default, Held(pool, held) ?? BackendChoice.Next(pool, BackendKey.None, key), key, keys) with { HasEnded = hasEnded };
    }

    // A new session, or one that another first request of the same client has just begun.
    private Assignment Begin(PoolSnapshot pool, PoolAffinity affinity, BackendSnapshot? held, IFirstRequest? keys)
    {
        BalanceKey own = KeyOf(pool, keys);
        if (FirstOf(affinity, keys, out UInt128 asker) is not { } first)
        {
            return NewSession(pool, affinity, SessionIds.Next(keys is { IsOfSplit: true }), Held(pool, held) ?? BackendChoice.Next(pool, BackendKey.None, own), own, keys);
        }

        lock (first.Turn)
        {
            if (first.TryJoin(pool.Name, asker, out BackendKey at, out Binding binding)
                && pool.Find(at) is { TakesNewSessions: true, Traffic.IsEjected: false } home)
            {
                return new Assignment(pool, home, binding, IsBound: false, NeedsTicket: affinity.CanIssue) { Key = own, Request = affinity.LearnedCookie is null ? null : keys };
            }

            Assignment begun = NewSession(pool, affinity, SessionIds.Next(keys is { IsOfSplit: true }), Held(pool, held) ?? BackendChoice.Next(pool, BackendKey.None, own), own, keys);
            if (begun.Backend is { } backend)
            {
                first.Begin(pool.Name, asker, backend.Key, begun.Binding);
            }

            return begun;
        }
    }

    private FirstSession? FirstOf(PoolAffinity affinity, IFirstRequest? request, out UInt128 asker)
    {
        asker = 0;
        FirstSession? ofConnection = request?.First;
        if (request is null || (affinity.Firsts is null && ofConnection is null or { IsOver: true }) || request.Asker is not { } told)
        {
            return null;
        }

        asker = told;
        return affinity.Firsts is { } firsts
            ? firsts.Of(told, (long)_plane.Time.GetElapsedTime(0).TotalMilliseconds)
            : ofConnection;
    }

    // Where clients have no tickets, it is the answer that names the session.
    private Assignment NewSession(PoolSnapshot pool, PoolAffinity affinity, SessionId id, BackendSnapshot? backend, BalanceKey key, IFirstRequest? request) =>
        affinity.LearnedCookie is not null ? new Assignment(pool, backend, default, IsBound: false, NeedsTicket: false) { Key = key, Request = request }
        : backend is null ? new Assignment(pool, null, new Binding(id, BackendKey.None, 1, Now), IsBound: false, NeedsTicket: false)
        : new Assignment(pool, backend, new Binding(id, backend.Key, 1, Now), IsBound: false, NeedsTicket: affinity.CanIssue) { Key = key };

    private static BalanceKey KeyOf(PoolSnapshot pool, IFirstRequest? keys) =>
        pool.Policy.GoesByKey && keys is not null ? keys.KeyFor(pool.Settings.Balance) : BalanceKey.None;

    // Pools may name their backends alike: what is counted of one is no other's.
    private static BackendSnapshot? Held(PoolSnapshot pool, BackendSnapshot? held) =>
        held is not null && pool.Find(held.Key) is { } now && ReferenceEquals(now.Traffic, held.Traffic) && now.KeepsSessions ? now : null;
}
