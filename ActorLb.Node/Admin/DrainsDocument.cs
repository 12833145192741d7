using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Admin;

/// <summary>What <c>GET /api/v1/drains</c> answers. Names and shape are the API's: a change here is a change of it.</summary>
/// <param name="Time">When this was: the time that the nodes agree on, as all times here are.</param>
public sealed record DrainsDocument(string Node, DateTimeOffset Time, IReadOnlyList<DrainsDocument.Drain> Drains)
{
    /// <param name="Cause">operator, or removed: it is no backend of the pool any more, or no name leads there, or an operator removed it.</param>
    /// <param name="By">The node that took the operator's decision; null where there was none.</param>
    /// <param name="Version">Of that decision; 0 where there was none.</param>
    /// <param name="Deadline">When the rest moves; null: when it has ended.</param>
    /// <param name="Over">That has passed, and the rest moves.</param>
    /// <param name="Moving">How sessions leave before that; null: each when it ends.</param>
    /// <param name="Sessions">That live there, of the whole cluster.</param>
    /// <param name="Requests">There now or waiting for their turn, from all counted members, without tunnels.</param>
    /// <param name="NobodyElse">No other backend of the pool takes new sessions: those that are to leave stay until one does.</param>
    /// <param name="CanBeStopped">Nothing is left there at any member that can be reached.</param>
    public sealed record Drain(
        string Pool,
        string Backend,
        string Address,
        string Cause,
        string? By,
        long Version,
        DateTimeOffset Since,
        DateTimeOffset? Deadline,
        bool Over,
        MovingDocument? Moving,
        int Sessions,
        int Requests,
        int Tunnels,
        bool NobodyElse,
        bool CanBeStopped)
    {
        /// <summary>Why it cannot be stopped, for people; null where it can.</summary>
        public string? Why { get; init; }

        /// <summary>Members that can be reached and have not said what they have open.</summary>
        public IReadOnlyList<string> NotCounted { get; init; } = [];

        /// <summary>Members that can be reached and do not go by the decision yet.</summary>
        public IReadOnlyList<string> NotInForce { get; init; } = [];

        /// <summary>
        /// Members that cannot be reached, and nodes that were lost within the last half hour: what they have open is not known. Where more are lost
        /// than are left, it cannot be stopped: the others serve there.
        /// </summary>
        public IReadOnlyList<string> Unreachable { get; init; } = [];
    }

    /// <summary>The document of this moment.</summary>
    public static DrainsDocument Of(DataPlane plane, INodeView view)
    {
        var drains = ImmutableArray.CreateBuilder<Drain>();
        foreach (PoolSnapshot pool in plane.Routing.Pools.Values.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            if (pool.Backends.All(b => b.Operator != OperatorState.Draining))
            {
                continue;
            }

            Dictionary<BackendKey, int> bound = plane.Tables[pool.Name].CountByBackend(plane.Clock.Ending, pool.Settings.Affinity.IdleTimeout);
            drains.AddRange(pool.Backends
                .Where(b => b.Operator == OperatorState.Draining)
                .Select(b => Describe(plane, view, pool, b, b.HoldsSessions ? bound.GetValueOrDefault(b.Key) : 0)));
        }

        return new DrainsDocument(plane.Settings.Name, plane.Clock.UtcNow, drains.ToImmutable());
    }

    private static Drain Describe(DataPlane plane, INodeView view, PoolSnapshot pool, BackendSnapshot backend, int bound)
    {
        var name = new BackendName(pool.Name, backend.Id);
        OperatorDecision? decision = backend.Decision is { State: OperatorState.Draining } drains ? drains : null;
        NodeMember[] others = [.. view.Members.Where(m => m.Name != plane.Settings.Name && m.MayServe)];
        NodeMember[] reached = [.. others.Where(m => m.Reachable)];
        NodeMember[] counted = [.. reached.Where(m => view.IsCounted(m.Name))];
        (int inFlight, int tunnels) = view.OpenElsewhere(name);
        tunnels += backend.Traffic.Tunnels;
        var drain = new Drain(
            pool.Name,
            backend.Id,
            backend.Address.GetLeftPart(UriPartial.Authority),
            decision is null || pool.Settings.OverrideOf(backend.Id)?.Removal is not null ? "removed" : "operator",
            decision?.Node,
            decision?.Version ?? 0,
            decision?.DrainsSince ?? LeftAt(pool, backend) ?? plane.Clock.UtcNow,
            backend.DrainDeadline,
            backend.DrainOver,
            MovingDocument.Of(decision?.Moves),
            counted.Select(m => view.DrainAt(m.Name, name)?.Sessions ?? 0).Append(bound).Max(),
            Math.Max(0, backend.Traffic.InFlight + inFlight - tunnels) + backend.Traffic.Gate.Waiting,
            tunnels,
            !pool.TakesNewSessions,
            CanBeStopped: false)
        {
            NotCounted = Sorted(reached.Except(counted)),
            NotInForce = Sorted(counted.Where(m => decision is not null && !(view.DrainAt(m.Name, name)?.Version >= decision.Version))),
            Unreachable = [.. others.Except(reached).Select(m => m.Name).Union(view.Lost.Select(l => l.Name)).Order(StringComparer.Ordinal)],
        };
        string? why = WhyNot(drain, view.Lost.Length > others.Length + 1 ? view.Lost : []);
        return drain with { CanBeStopped = why is null, Why = why };
    }

    private static DateTimeOffset? LeftAt(PoolSnapshot pool, BackendSnapshot backend) =>
        pool.Settings.Backends.FirstOrDefault(b => b.Id == backend.Id)?.LeftAt;

    /// <param name="cutOffFrom">The larger side, where this is the smaller.</param>
    private static string? WhyNot(Drain drain, ImmutableArray<LostNode> cutOffFrom)
    {
        string[] left = [.. new[] { Counted(drain.Sessions, "session"), Counted(drain.Requests, "request"), Counted(drain.Tunnels, "tunnel") }.OfType<string>()];
        string[] why =
        [
            .. left.Length == 0 ? Array.Empty<string>() : [string.Join(", ", left)],
            .. drain.NobodyElse && drain.Sessions > 0 ? ["no other backend takes new sessions"] : Array.Empty<string>(),
            .. drain.NotInForce.Count == 0 ? Array.Empty<string>() : [$"{string.Join(", ", drain.NotInForce)} may still send new sessions there"],
            .. drain.NotCounted.Count == 0 ? Array.Empty<string>() : [$"{string.Join(", ", drain.NotCounted)} did not say what is open there"],
            .. cutOffFrom.IsEmpty ? Array.Empty<string>() : [$"this node is cut off from {string.Join(", ", cutOffFrom.Select(l => l.Name))}, which may have sessions there and do not know of this"],
        ];
        return why.Length == 0 ? null : string.Join("; ", why);
    }

    private static string? Counted(int count, string what) =>
        count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static ImmutableArray<string> Sorted(IEnumerable<NodeMember> members) => [.. members.Select(m => m.Name).Order(StringComparer.Ordinal)];
}

/// <summary>How the sessions of a backend leave it.</summary>
/// <param name="Rate">Sessions a second, over the whole cluster; null: all at once.</param>
/// <param name="Begins">When the first one leaves.</param>
/// <param name="Ends">When the last one does.</param>
public sealed record MovingDocument(int? Rate, DateTimeOffset Begins, DateTimeOffset Ends)
{
    public static MovingDocument? Of(SessionMoves? moves) => moves is null ? null : new MovingDocument(moves.Rate, moves.Begins, moves.Ends);
}
