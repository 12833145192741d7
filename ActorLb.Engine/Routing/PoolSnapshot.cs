using System.Collections.Immutable;
using ActorLb.Engine.Balancing;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Routing;

/// <summary>One pool at one moment. Immutable.</summary>
public sealed class PoolSnapshot
{
    // Shared by all snapshots that have the same backends, whatever else became of them.
    private readonly Dictionary<BackendKey, int> _places;

    /// <param name="before">What this one replaces; null: nothing.</param>
    public PoolSnapshot(
        PoolSettings settings,
        ImmutableArray<BackendSnapshot> backends,
        Rotation rotation,
        RotationCursor cursor,
        PoolSnapshot? before = null)
    {
        Settings = settings;
        Backends = backends;
        Rotation = rotation;
        Cursor = cursor;
        _places = before is not null && HaveSameKeys(before.Backends, backends)
            ? before._places
            : backends.Index().ToDictionary(b => b.Item.Key, b => b.Index);

        // The same turns are those of the same backends, with the same weights.
        Policy = before is not null && ReferenceEquals(before.Rotation, rotation) && before.Settings.Balance.Kind == settings.Balance.Kind
            ? before.Policy
            : BalancePolicy.Of(settings.Balance.Kind, rotation, Candidates, backends.Length);
    }

    private PoolSnapshot(PoolSnapshot made, BindingTable table, PoolAffinity? affinity, RetryBudget retries)
    {
        Retries = retries;
        Settings = made.Settings;
        Backends = made.Backends;
        Rotation = made.Rotation;
        Cursor = made.Cursor;
        Policy = made.Policy;
        BackupsSince = made.BackupsSince;
        _places = made._places;
        Table = table;
        Affinity = affinity;
    }

    public string Name => Settings.Name;

    public PoolSettings Settings { get; }

    /// <summary>In the listed order.</summary>
    public ImmutableArray<BackendSnapshot> Backends { get; }

    /// <summary>Turns of those backends that take new sessions; indices are into <see cref="Backends"/>.</summary>
    public Rotation Rotation { get; }

    public RotationCursor Cursor { get; }

    /// <summary>Chooses among those.</summary>
    internal BalancePolicy Policy { get; }

    /// <summary>Since when new sessions go to backups, because nobody else takes them; null: they do not.</summary>
    public DateTimeOffset? BackupsSince { get; init; }

    /// <summary>The bindings of its sessions. One that is not published has none.</summary>
    public BindingTable Table { get; } = null!;

    /// <summary>How many of its requests may be tried again. Of one that is published.</summary>
    public RetryBudget Retries { get; } = null!;

    /// <summary>To its backends by this node, those included that were tried again.</summary>
    internal long RequestsSent
    {
        get
        {
            long sent = 0;
            foreach (BackendSnapshot backend in Backends)
            {
                sent += backend.Traffic.Requests;
            }

            return sent;
        }
    }

    /// <summary>Of each backend, what this node knows of it.</summary>
    internal IReadOnlyList<(string Id, BackendTraffic Traffic)> TrafficById => [.. Backends.Select(b => (b.Id, b.Traffic))];

    /// <summary>What its tickets are read and written with; null where it has no affinity, and before it is published.</summary>
    internal PoolAffinity? Affinity { get; }

    /// <summary>Some backend takes new sessions.</summary>
    public bool TakesNewSessions => Rotation.Length > 0;

    public BackendSnapshot? Find(BackendKey key) => _places.TryGetValue(key, out int place) ? Backends[place] : null;

    /// <summary>
    /// Where a session whose backend is gone goes: the highest-ranked backend that takes new sessions, without
    /// the one that just failed. Every node and every owner comes to the same answer. Null where there is none.
    /// </summary>
    public BackendSnapshot? NewHome(SessionId session, BackendKey failed)
    {
        Span<Rendezvous.Candidate> candidates = Backends.Length <= 64
            ? stackalloc Rendezvous.Candidate[Backends.Length]
            : new Rendezvous.Candidate[Backends.Length];
        int count = 0;
        foreach (BackendSnapshot backend in Backends)
        {
            if (backend.TakesNewSessions && backend.Key != failed)
            {
                candidates[count++] = new Rendezvous.Candidate(backend.Key, backend.Weight);
            }
        }

        int chosen = Rendezvous.Choose(session, candidates[..count]);
        return chosen < 0 ? null : Find(candidates[chosen].Key);
    }

    /// <summary>The same as it is published.</summary>
    internal PoolSnapshot With(BindingTable table, PoolAffinity? affinity, RetryBudget retries) => new(this, table, affinity, retries);

    /// <summary>
    /// Whether an exchange that may stay where it is open may have to leave since this is in force, or the other way round: other
    /// backends, healths, decisions of operators or moves of sessions.
    /// </summary>
    internal bool ConcernsOpenExchanges(PoolSnapshot before)
    {
        if (before.Backends.Length != Backends.Length || before.Settings.WhenDown != Settings.WhenDown)
        {
            return true;
        }

        for (int i = 0; i < Backends.Length; i++)
        {
            BackendSnapshot old = before.Backends[i];
            BackendSnapshot now = Backends[i];
            if (ReferenceEquals(old, now))
            {
                continue;
            }

            if (old.Key != now.Key || old.Operator != now.Operator || old.DrainOver != now.DrainOver || old.Health != now.Health || old.Moves != now.Moves)
            {
                return true;
            }
        }

        return false;
    }

    private Candidate[] Candidates() =>
    [
        .. Backends.Index().Where(b => b.Item.TakesNewSessions).Select(b => new Candidate(b.Index, b.Item.Key, b.Item.TurnWeight, b.Item.Traffic.Gate)),
    ];

    private static bool HaveSameKeys(ImmutableArray<BackendSnapshot> before, ImmutableArray<BackendSnapshot> after)
    {
        if (before.Length != after.Length)
        {
            return false;
        }

        for (int i = 0; i < before.Length; i++)
        {
            if (!ReferenceEquals(before[i], after[i]) && before[i].Key != after[i].Key)
            {
                return false;
            }
        }

        return true;
    }
}
