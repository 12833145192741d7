using System.Collections.Frozen;
using System.Text;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
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
    private readonly FrozenDictionary<string, PoolAffinity> _affinities;
    private readonly BoundRequests _bound;

    public TrafficDirector(DataPlane plane)
    {
        _plane = plane;
        _bound = new BoundRequests(plane);
        _affinities = plane.Settings.Pools.Values
            .Where(p => p.Affinity.Mode == AffinityMode.Cookie)
            .ToFrozenDictionary(p => p.Name, p => new PoolAffinity(plane, p));
    }

    /// <summary>The pool for a request, or null where no route fits (404).</summary>
    public PoolSnapshot? Route(ReadOnlySpan<char> host, ReadOnlySpan<char> path) => _plane.Routing.PoolFor(host, path);

    /// <summary>The pool for every request; null where host and path decide.</summary>
    public PoolSnapshot? OnlyPool => _plane.Routing.OnlyPool;

    /// <summary>What a pool's tickets are read and written with; null where it has no affinity.</summary>
    internal PoolAffinity? AffinityOf(PoolSnapshot pool) => _affinities.GetValueOrDefault(pool.Name);

    /// <summary>The backend for a request with these Cookie headers. Completes at once but where a session's backend is gone or silent.</summary>
    /// <inheritdoc cref="AssignAsync(PoolSnapshot, PoolAffinity?, in PresentedTicket, BackendSnapshot?, CancellationToken)"/>
    public ValueTask<Assignment> AssignAsync(
        PoolSnapshot pool, StringValues cookies, CancellationToken cancellation, BackendSnapshot? held = null)
    {
        Span<byte> ticket = stackalloc byte[TicketCodec.TicketBytes];
        PoolAffinity? affinity = AffinityOf(pool);
        return AssignAsync(
            pool,
            affinity,
            affinity is not null ? PresentedTicket.Of(affinity.Cookie, cookies, ticket) : default,
            held,
            cancellation);
    }

    /// <summary>The backend for a request with this ticket. Completes at once but where a session's backend is gone or silent.</summary>
    /// <param name="affinity">The pool's own.</param>
    /// <param name="held">
    /// Where the client has a connection that knows it (NTLM, Negotiate): a request of no session goes there as long as that
    /// backend keeps sessions, since it would come as a stranger anywhere else. Null: it has none.
    /// </param>
    internal ValueTask<Assignment> AssignAsync(
        PoolSnapshot pool, PoolAffinity? affinity, in PresentedTicket ticket, BackendSnapshot? held, CancellationToken cancellation)
    {
        if (affinity is null)
        {
            return new(new Assignment(pool, Held(pool, held) ?? NextTurn(pool, BackendKey.None), default, IsBound: false, NeedsTicket: false));
        }

        uint now = Now;
        if (!TryRecognise(affinity, ticket, now, out Binding binding))
        {
            return new(NewSession(pool, affinity, SessionIds.Next(), Held(pool, held) ?? NextTurn(pool, BackendKey.None)));
        }

        if (pool.Find(binding.Backend) is not { KeepsSessions: true } backend)
        {
            return _bound.RebindAsync(affinity, binding, cancellation);
        }

        var home = new Assignment(
            pool,
            backend,
            binding with { LastSeen = now },
            IsBound: true,
            NeedsTicket: ticket.Claim.Version != binding.Version || IsOlderThan(ticket.Claim.IssuedAt, affinity.Settings.IdleTimeout / 4, now));
        return backend.Traffic.IsSilent ? _bound.AwaitVerdictAsync(affinity, home, cancellation) : new(home);
    }

    /// <summary>
    /// Where a request goes that could not connect: the next turn for a new session. A bound one goes to its backend again
    /// until the verdict is down or the time to connect is over, and then to the new home that its owner decides.
    /// </summary>
    /// <param name="outcome">How the connect failed. Whatever is no failed connect moves no session.</param>
    public ValueTask<Assignment> ReassignAsync(in Assignment failed, RequestOutcome? outcome, CancellationToken cancellation)
    {
        if (_plane.Routing.Pools.GetValueOrDefault(failed.Pool.Name) is not { } pool || failed.Backend is null)
        {
            return new(failed with { Backend = null });
        }

        if (!_affinities.TryGetValue(pool.Name, out PoolAffinity? affinity))
        {
            return new(failed with { Pool = pool, Backend = NextTurn(pool, failed.Backend.Key) });
        }

        return failed.IsBound
            ? _bound.ReassignAsync(affinity, failed, outcome, cancellation)
            : new(NewSession(pool, affinity, failed.Binding.Id, NextTurn(pool, failed.Backend.Key)));
    }

    /// <summary>The Set-Cookie value for an assignment that <see cref="Assignment.NeedsTicket"/>; null without a key.</summary>
    /// <param name="secure">The client's connection is TLS.</param>
    public string? TicketFor(in Assignment assignment, bool secure)
    {
        Span<byte> value = stackalloc byte[_affinities[assignment.Pool.Name].Cookie.ValueBytesMax];
        int length = WriteTicket(assignment, secure, value);
        return length == 0 ? null : Encoding.UTF8.GetString(value[..length]);
    }

    /// <summary>The same into memory; returns its length, 0 where there is no key to sign with or no room.</summary>
    public int WriteTicket(in Assignment assignment, bool secure, Span<byte> target)
    {
        PoolAffinity affinity = _affinities[assignment.Pool.Name];
        TicketCodec codec = affinity.Codec;
        if (!codec.CanSeal || target.Length < affinity.Cookie.ValueBytesMax)
        {
            return 0;
        }

        Span<byte> ticket = stackalloc byte[TicketCodec.TicketChars];
        codec.SealToUtf8(assignment.Binding, ticket);
        _plane.AffinityCounters.TicketIssued();
        return affinity.Cookie.Write(ticket, secure, target);
    }

    /// <summary>The same for an answer of a backend: nothing where a cache may give that to others.</summary>
    /// <param name="source">The answer's head, into which the fields are offsets.</param>
    internal int WriteTicket(
        in Assignment assignment, bool secure, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, Span<byte> target)
    {
        if (!_affinities[assignment.Pool.Name].Settings.Cookie.OnCacheable && SharedCaching.MayBeShared(source, fields, Now))
        {
            _plane.AffinityCounters.TicketWithheld();
            return 0;
        }

        return WriteTicket(assignment, secure, target);
    }

    private uint Now => (uint)_plane.Time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Whether this is one genuine ticket of a live session, and where that session lives as far as we know.</summary>
    private bool TryRecognise(PoolAffinity affinity, in PresentedTicket presented, uint now, out Binding binding)
    {
        binding = default;
        if (presented.Count == 0)
        {
            return false;
        }

        if (!presented.IsReadable)
        {
            _plane.AffinityCounters.TicketRefused();
            return false;
        }

        ReadOnlySpan<byte> ticket = presented.Bytes;
        TicketClaim claim = presented.Claim;
        bool known = affinity.Table.TryGet(claim.Session, out binding) && !binding.IsExpired(now, affinity.Settings.IdleTimeout);
        if (known && claim.Version <= binding.Version && affinity.Verified.Contains(ticket, claim))
        {
            Touch(affinity, binding, now);
            return true;
        }

        TicketCodec codec = affinity.Codec;
        if (!codec.TryOpen(ticket, claim, out Binding carried))
        {
            _plane.AffinityCounters.TicketRefused();
            if (!codec.KnowsKeyOf(ticket))
            {
                _plane.AffinityCounters.TicketKeyUnknown();
            }

            return false;
        }

        affinity.Verified.Add(ticket, claim);
        if (known && !carried.Supersedes(binding))
        {
            Touch(affinity, binding, now);
            return true;
        }

        if (!known && carried.IsExpired(now, affinity.Settings.IdleTimeout))
        {
            _plane.AffinityCounters.TicketExpired();
            return false;
        }

        // The ticket knows more than our table: this node is new, or the replica has not come round yet.
        binding = carried with { LastSeen = now };
        affinity.Adopt(binding);
        return true;
    }

    private void Touch(PoolAffinity affinity, in Binding binding, uint now)
    {
        if (IsOlderThan(binding.LastSeen, affinity.Settings.IdleTimeout / 8, now))
        {
            Binding seen = binding.Seen(now);
            affinity.Table.Note(seen);
            _plane.Sessions.Offer(new SessionNotice(affinity.Pool, seen, SessionNoticeKind.Touched));
        }
    }

    private Assignment NewSession(PoolSnapshot pool, PoolAffinity affinity, SessionId id, BackendSnapshot? backend) => backend is null
        ? new Assignment(pool, null, new Binding(id, BackendKey.None, 1, Now), IsBound: false, NeedsTicket: false)
        : new Assignment(pool, backend, new Binding(id, backend.Key, 1, Now), IsBound: false, NeedsTicket: affinity.Codec.CanSeal);

    // Pools may name their backends alike: what is counted of one is no other's.
    private static BackendSnapshot? Held(PoolSnapshot pool, BackendSnapshot? held) =>
        held is not null && pool.Find(held.Key) is { } now && ReferenceEquals(now.Traffic, held.Traffic) && now.KeepsSessions ? now : null;

    /// <summary>The next backend in turn, without the one that failed and those whose circuit just opened; null where none is left.</summary>
    private static BackendSnapshot? NextTurn(PoolSnapshot pool, BackendKey failed)
    {
        BackendSnapshot? lastResort = null;
        for (int tries = pool.Rotation.Length; tries > 0; tries--)
        {
            BackendSnapshot next = pool.Backends[pool.Rotation.Next(pool.Cursor)];
            if (next.Key == failed)
            {
                continue;
            }

            if (!next.Traffic.CircuitOpen)
            {
                return next;
            }

            lastResort ??= next;
        }

        return lastResort;
    }

    private static bool IsOlderThan(uint at, TimeSpan age, uint now) => (ulong)at + (ulong)age.TotalSeconds < now;
}
