using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Sessions.Rates;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Admin;

/// <summary>What <c>GET /api/v1/sessions</c> answers. Names and shape are the API's: a change here is a change of it.</summary>
/// <param name="Time">When this was: the time that the nodes agree on.</param>
/// <param name="Counted">The nodes whose counts are in it, and for how long each has counted.</param>
/// <param name="NotCounted">Members that did not say what they counted.</param>
public sealed record SessionsDocument(
    string Node,
    DateTimeOffset Time,
    IReadOnlyList<SessionsDocument.Pool> Pools,
    IReadOnlyList<SessionsDocument.Counter> Counted,
    IReadOnlyList<string> NotCounted)
{
    /// <param name="Sessions">That live in the pool, those that would move included.</param>
    public sealed record Pool(string Name, int Sessions, IReadOnlyList<Backend> Backends);

    /// <param name="Address">Null: it is no backend of the pool any more.</param>
    /// <param name="Sessions">That live there, of the whole cluster, as the answering node's table has them.</param>
    /// <param name="SessionsToMove">That lived there last and would move if they came now.</param>
    /// <param name="LastMinute">What became of sessions there, counted by all nodes of <see cref="Counted"/>.</param>
    public sealed record Backend(string Id, string? Address, int Sessions, int SessionsToMove, Events LastMinute);

    /// <param name="Began">First tickets that were given to clients.</param>
    /// <param name="Adopted">Clients that came back for the first time, and sessions that a node learned from a ticket.</param>
    /// <param name="Moved">That left, by why.</param>
    /// <param name="Expired">That nobody used for idle-timeout, and were forgotten.</param>
    /// <param name="Ended">By operators.</param>
    public sealed record Events(long Began, long Adopted, Moves Moved, long Expired, long Ended);

    /// <summary>Sessions that left their backend, by the words of actorlb_sessions_rebound_total.</summary>
    public sealed record Moves(long Down, long Maintenance, long Drained, long Removed, long Unreachable, long Operator)
    {
        /// <summary>For whatever reason.</summary>
        public long All => Down + Maintenance + Drained + Removed + Unreachable + Operator;
    }

    /// <param name="Seconds">About sixty; fewer after its start.</param>
    public sealed record Counter(string Node, double Seconds);

    /// <param name="pool">Null: all.</param>
    /// <param name="backend">Null: all.</param>
    internal static SessionsDocument Of(DataPlane plane, SessionRates rates, string? pool, string? backend)
    {
        ILookup<BackendName, ImmutableArray<long>> counts = rates.Nodes.SelectMany(n => n.Counts).ToLookup(c => c.Backend, c => c.Counts);
        return new SessionsDocument(
            plane.Settings.Name,
            plane.Clock.UtcNow,
            [.. plane.Routing.Pools.Values.Where(p => (pool ?? p.Name) == p.Name).OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => Describe(plane, p, counts, backend))],
            [.. rates.Nodes.Select(n => new Counter(n.Node, Math.Round(n.Window.TotalSeconds, 1)))],
            rates.NotCounted);
    }

    private static Pool Describe(DataPlane plane, PoolSnapshot pool, ILookup<BackendName, ImmutableArray<long>> counts, string? backend)
    {
        Dictionary<BackendKey, int> bound = pool.Table.CountByBackend(plane.Clock.Ending, pool.Settings.Affinity.IdleTimeout);
        IEnumerable<string> gone = counts.Select(c => c.Key).Where(b => b.Pool == pool.Name && pool.Find(BackendKey.Of(b.Id)) is null).Select(b => b.Id);
        Backend[] backends =
        [
            .. pool.Backends.Select(b => new Backend(
                b.Id,
                b.Address.GetLeftPart(UriPartial.Authority),
                b.KeepsSessions ? bound.GetValueOrDefault(b.Key) : 0,
                b.KeepsSessions ? 0 : bound.GetValueOrDefault(b.Key),
                Sum(counts[new BackendName(pool.Name, b.Id)]))),
            .. gone.Order(StringComparer.Ordinal).Select(id => new Backend(
                id, null, 0, bound.GetValueOrDefault(BackendKey.Of(id)), Sum(counts[new BackendName(pool.Name, id)]))),
        ];
        return new Pool(pool.Name, bound.Values.Sum(), [.. backends.Where(b => (backend ?? b.Id) == b.Id)]);
    }

    private static Events Sum(IEnumerable<ImmutableArray<long>> counts)
    {
        var sum = new long[SessionCounts.Kinds];
        foreach (ImmutableArray<long> of in counts)
        {
            for (int i = 0; i < Math.Min(of.Length, sum.Length); i++)
            {
                sum[i] += of[i];
            }
        }

        return new Events(
            Of(SessionEvent.Began),
            Of(SessionEvent.Adopted),
            new Moves(
                Of(SessionEvent.MovedDown),
                Of(SessionEvent.MovedInMaintenance),
                Of(SessionEvent.MovedByDrain),
                Of(SessionEvent.MovedByRemoval),
                Of(SessionEvent.MovedUnreachable),
                Of(SessionEvent.MovedByOperator)),
            Of(SessionEvent.Expired),
            Of(SessionEvent.Ended));

        long Of(SessionEvent what) => sum[(int)what];
    }
}
