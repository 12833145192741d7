using System.Collections.Immutable;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.Ownership;

/// <summary>
/// What the owner of one bucket knows and decides: which bindings there are, which of them distributed data has
/// not got yet, and which backends were just found unreachable. Pure; every decision returns its successor.
/// </summary>
internal sealed class SessionAffinityState
{
    private readonly SessionPlaces _places;
    private readonly BindingBucket _written;
    private readonly ImmutableDictionary<BackendKey, uint> _avoidedUntil;

    private SessionAffinityState(
        SessionPlaces places, BindingBucket bucket, BindingBucket written, ImmutableDictionary<BackendKey, uint> avoidedUntil)
    {
        _places = places;
        Bucket = bucket;
        _written = written;
        _avoidedUntil = avoidedUntil;
    }

    public BindingBucket Bucket { get; }

    /// <summary>The bucket as this node's distributed data has it.</summary>
    public BindingBucket Written => _written;

    /// <summary>True where distributed data does not have everything yet.</summary>
    public bool IsDirty => !ReferenceEquals(Bucket, _written);

    /// <param name="places">The most bindings that this bucket takes in.</param>
    public static SessionAffinityState Empty(SessionPlaces places) =>
        new(places, BindingBucket.Empty, BindingBucket.Empty, ImmutableDictionary<BackendKey, uint>.Empty);

    /// <summary>Takes in what is already replicated: a copy of the majority, or this node's.</summary>
    public SessionAffinityState Learn(BindingBucket replicated)
    {
        BindingBucket written = _written.Merge(replicated);
        BindingBucket bucket = IsDirty ? Bucket.Merge(replicated) : written;
        return ReferenceEquals(written, _written) && ReferenceEquals(bucket, Bucket)
            ? this
            : new SessionAffinityState(_places, bucket, written, _avoidedUntil);
    }

    /// <summary>Merges what a node saw of its sessions: adoptions and touches alike.</summary>
    /// <returns>Newer: the bindings where the node is behind. Refused: how many found no place.</returns>
    public (SessionAffinityState Next, ImmutableArray<Binding> Newer, int Refused) Merge(ImmutableArray<Binding> seen)
    {
        ImmutableArray<Binding> newer = [];
        var accepted = new List<Binding>(seen.Length);
        int count = Bucket.Count;
        int refused = 0;
        foreach (Binding binding in seen)
        {
            if (!Bucket.TryGet(binding.Id, out Binding own))
            {
                if (count >= _places.For(binding))
                {
                    refused++;
                    continue;
                }

                count++;
            }
            else if (own.Supersedes(binding))
            {
                newer = newer.Add(own);
            }

            accepted.Add(binding);
        }

        return (With(Bucket.With([.. accepted])), newer, refused);
    }

    /// <summary>
    /// Decides where a session lives whose backend an asker found gone. Compare and swap: it moves only from where
    /// the asker knows it to be; an asker who is behind gets what was decided before, so that many who ask at the
    /// same moment get one answer.
    /// </summary>
    /// <param name="failed">A backend that the asker could not reach, whatever the snapshot says of it; or None.</param>
    /// <param name="milliseconds">Now, since 1970, by the time that the nodes agree on.</param>
    /// <returns>Answer: the binding in force. Its backend is None where the pool has none for it; then nothing is recorded.</returns>
    public (SessionAffinityState Next, Binding Answer) Rebind(Binding known, BackendKey failed, PoolSnapshot pool, long milliseconds)
    {
        uint now = (uint)(milliseconds / 1000);
        ImmutableDictionary<BackendKey, uint> avoidedUntil = Avoiding(failed, pool, now);
        bool owned = Bucket.TryGet(known.Id, out Binding own);
        if (owned && own.IsEnded)
        {
            return (With(Bucket, avoidedUntil), own);
        }

        BackendSnapshot? decided = owned && own.Supersedes(known) && own.Backend != failed ? pool.Find(own.Backend) : null;
        if (decided?.Keeps(own.Id, milliseconds) == true)
        {
            return (With(Bucket.With([own.Seen(now)]), avoidedUntil), own.Seen(now));
        }

        Binding current = owned && !known.Supersedes(own) ? own : known;
        BackendKey home = NewHome(known, current, failed, pool, avoidedUntil, now);
        if (home == BackendKey.None)
        {
            // It was to move on from there, and nobody takes it.
            return decided is { KeepsSessions: true }
                ? (With(Bucket.With([own.Seen(now)]), avoidedUntil), own.Seen(now))
                : (With(Bucket, avoidedUntil), current with { Backend = BackendKey.None });
        }

        Binding moved = current.MovedTo(home, Math.Max(now, current.LastSeen));
        bool hasPlace = owned || Bucket.Count < _places.For(moved);
        return (With(hasPlace ? Bucket.With([moved]) : Bucket, avoidedUntil), moved);
    }

    /// <summary>Moves a session as an operator wants it, one step; when it was last used stays.</summary>
    /// <param name="from">It moves only while it lives there; None: wherever it lives.</param>
    /// <param name="to">None: by the hash, among the others that take new sessions.</param>
    /// <returns>Answer: the binding in force. Its backend is None where nobody takes it; then nothing is recorded.</returns>
    public (SessionAffinityState Next, Binding Answer) Move(in Binding known, BackendKey from, BackendKey to, PoolSnapshot pool, uint now)
    {
        bool owned = Bucket.TryGet(known.Id, out Binding own);
        Binding current = owned ? Binding.Merge(own, known) : known;
        BackendKey chosen = to == BackendKey.None ? NewHome(current, current, BackendKey.None, pool, _avoidedUntil, now) : to;
        Binding next = OperatorMovePolicy.Next(current, from, to, chosen, pool);
        bool isRecorded = next.Backend != BackendKey.None && (owned || Bucket.Count < _places.For(next));
        return (isRecorded ? With(Bucket.With([next])) : this, next);
    }

    /// <summary>
    /// Moves the sessions whose moment has come to leave a backend that all are to leave: one step each, as if its client had
    /// asked. When it was last used stays.
    /// </summary>
    /// <param name="pool">As this node has it.</param>
    /// <param name="milliseconds">Now, since 1970, by the time that the nodes agree on.</param>
    /// <param name="movesMax">The others are due at once.</param>
    /// <param name="isLive">What has ended moves nowhere.</param>
    /// <returns>Moved: how many. NextAt: when the next one is due; null: nobody is to leave.</returns>
    public (SessionAffinityState Next, int Moved, long? NextAt) MoveDue(
        PoolSnapshot pool, long milliseconds, int movesMax, Predicate<Binding> isLive)
    {
        Dictionary<BackendKey, BackendSnapshot> left = pool.Backends.Where(b => b.IsLeft).ToDictionary(b => b.Key);
        if (left.Count == 0)
        {
            return (this, 0, null);
        }

        var moved = new List<Binding>();
        long? nextAt = null;
        for (int page = 0; page < BindingBucket.PageCount; page++)
        {
            foreach (ref readonly Binding binding in Bucket.Page(page))
            {
                if (!left.TryGetValue(binding.Backend, out BackendSnapshot? backend) || !isLive(binding))
                {
                    continue;
                }

                long at = backend.DrainOver ? milliseconds : backend.Moves!.MomentOf(binding.Id);
                if (at > milliseconds || moved.Count >= movesMax)
                {
                    nextAt = Math.Min(nextAt ?? long.MaxValue, at);
                }
                else if (NewHome(binding, binding, BackendKey.None, pool, _avoidedUntil, (uint)(milliseconds / 1000)) is var home && home != BackendKey.None)
                {
                    moved.Add(binding.MovedTo(home, binding.LastSeen));
                }
            }
        }

        return (With(Bucket.With([.. moved])), moved.Count, nextAt);
    }

    /// <summary>
    /// Cuts off what nobody has used for the timeout and a quarter, so that touches under way still count. The
    /// horizon moves only when it cuts something: an idle bucket writes nothing.
    /// </summary>
    public SessionAffinityState Expire(uint now, TimeSpan idleTimeout)
    {
        uint horizon = SessionBounds.HorizonAt(now, idleTimeout);
        return Bucket.HasOlder(horizon) ? With(Bucket.Cut(horizon)) : this;
    }

    /// <summary>What distributed data has not got yet, and the state in which it is handed over.</summary>
    public (SessionAffinityState Next, ImmutableArray<Binding> Changes) Flush() =>
        (new SessionAffinityState(_places, Bucket, Bucket, _avoidedUntil), Bucket.ChangedSince(_written));

    // The asker knows of one backend that is gone, the owner perhaps of another: both are left out, and those that
    // somebody could not reach a moment ago, or two unreachable backends would pass a session to and fro.
    private static BackendKey NewHome(
        Binding known,
        Binding current,
        BackendKey failed,
        PoolSnapshot pool,
        ImmutableDictionary<BackendKey, uint> avoidedUntil,
        uint now)
    {
        BackendKey home = Best(known.Id, pool, b => IsElsewhere(b) && b != known.Backend && !(avoidedUntil.TryGetValue(b, out uint until) && until > now));
        if (home == BackendKey.None)
        {
            home = Best(known.Id, pool, b => IsElsewhere(b) && b != known.Backend);
        }

        return home == BackendKey.None ? Best(known.Id, pool, IsElsewhere) : home;

        bool IsElsewhere(BackendKey b) => b != failed && b != current.Backend;
    }

    private static BackendKey Best(SessionId session, PoolSnapshot pool, Func<BackendKey, bool> allowed)
    {
        var candidates = new List<Rendezvous.Candidate>(pool.Backends.Length);
        foreach (BackendSnapshot backend in pool.Backends)
        {
            if (backend.TakesNewSessions && allowed(backend.Key))
            {
                candidates.Add(new Rendezvous.Candidate(backend.Key, backend.Weight));
            }
        }

        int chosen = Rendezvous.Choose(session, [.. candidates]);
        return chosen < 0 ? BackendKey.None : candidates[chosen].Key;
    }

    // Only backends of the pool are remembered, so that the list is as short as the pool.
    private ImmutableDictionary<BackendKey, uint> Avoiding(BackendKey failed, PoolSnapshot pool, uint now) =>
        failed == BackendKey.None || pool.Find(failed) is null
            ? _avoidedUntil
            : _avoidedUntil.RemoveRange(_avoidedUntil.Where(a => a.Value <= now).Select(a => a.Key))
                .SetItem(failed, now + SessionBounds.AvoidSeconds);

    private SessionAffinityState With(BindingBucket bucket, ImmutableDictionary<BackendKey, uint>? avoidedUntil = null) =>
        ReferenceEquals(bucket, Bucket) && (avoidedUntil is null || ReferenceEquals(avoidedUntil, _avoidedUntil))
            ? this
            : new SessionAffinityState(_places, bucket, _written, avoidedUntil ?? _avoidedUntil);
}
