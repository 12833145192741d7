using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.OpenExchanges;

/// <summary>
/// Looks at a lane's open exchanges one after the other: keeps their sessions in use, and says which are to be closed.
/// The lane calls it on whichever thread an exchange belongs to. Reads the snapshot and the tables of now.
/// </summary>
internal sealed class OpenExchangeReview
{
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Of the shortest idle timeout: one of a second is kept as well as one of a day.</summary>
    private const int LooksPerTimeout = 8;

    private readonly LeavingTurns _turns = new();
    private readonly DataPlane _plane;
    private volatile Of _period;

    public OpenExchangeReview(DataPlane plane)
    {
        _plane = plane;
        _period = new Of(plane.Topology);
    }

    /// <summary>How often a lane looks; exchanges that are not open for as long are not looked at.</summary>
    public TimeSpan Period
    {
        get
        {
            Topology now = _plane.Topology;
            if (!ReferenceEquals(_period.Topology, now))
            {
                _period = new Of(now);
            }

            return _period.Period;
        }
    }

    /// <summary>limits.tunnel-grace.</summary>
    public TimeSpan Grace => _plane.Topology.Limits.TunnelGrace;

    /// <summary>Why the exchange is to be closed; None: it stays, and its session is in use.</summary>
    /// <param name="assignment">Of the exchange, at a backend now.</param>
    public FailureReason Look(in Assignment assignment, ExchangeKind kind, bool nodeStops, ref OpenExchange open)
    {
        // A pool that was removed finishes what it has.
        PoolSnapshot pool = _plane.Now(assignment.Pool);
        bool hasMoved = false;
        bool hasEnded = false;
        if (assignment.HasSession && assignment.Pool.Affinity is { } affinity)
        {
            // A slow answer makes no session of a client that may never send its cookie back; what stays open does.
            if (kind != ExchangeKind.Answer || assignment.IsBound)
            {
                SessionUse.Continue(_plane, affinity, assignment.Binding, ref open.NotedAt, Now);
            }

            bool isKnown = affinity.Table.TryGet(assignment.Binding.Id, out Binding binding);
            hasEnded = isKnown && binding.IsEnded;
            hasMoved = isKnown
                && binding.Backend != assignment.Backend!.Key
                && binding.Supersedes(assignment.Binding);
        }

        return OpenExchangePolicy.WhyClosed(new OpenExchangeFacts(
            kind,
            pool.Find(assignment.Backend!.Key),
            pool.Settings.WhenDown,
            hasMoved,
            hasMoved && _plane.OperatorMoves.HaveMoved(assignment.Binding),
            hasEnded,
            nodeStops));
    }

    /// <summary>How long an exchange that may not stay is left in peace: an answer ends by itself, and the others have their turns.</summary>
    public TimeSpan TimeLeft(in Assignment assignment, ExchangeKind kind, FailureReason why) =>
        kind == ExchangeKind.Answer ? Grace
        : why == FailureReason.SessionEnded || (why == FailureReason.SessionMoved && !AllMovedAtOnce(assignment)) ? TimeSpan.Zero
        : _turns.Next(why == FailureReason.NodeStopping ? InFlight(assignment.Pool) : assignment.Backend!.Traffic.InFlight, Grace);

    private bool AllMovedAtOnce(in Assignment assignment) =>
        _plane.Now(assignment.Pool).Find(assignment.Backend!.Key)?.Moves is { Rate: null };

    // All of them are asked at once when the node stops.
    private static int InFlight(PoolSnapshot pool)
    {
        int sum = 0;
        for (int i = 0; i < pool.Backends.Length && sum < LeavingTurns.Most; i++)
        {
            sum += pool.Backends[i].Traffic.InFlight;
        }

        return sum;
    }

    /// <summary>The exchange has ended.</summary>
    public void End(in Assignment assignment, ref OpenExchange open)
    {
        // Those that were never looked at are as long ago as their request.
        if (open.NotedAt != 0 && assignment.HasSession && assignment.Pool.Affinity is { } affinity)
        {
            SessionUse.End(_plane, affinity, assignment.Binding, ref open.NotedAt, Now);
        }
    }

    private uint Now => _plane.Clock.Now;

    /// <summary>The period that goes with a topology.</summary>
    private sealed class Of(Topology topology)
    {
        public Topology Topology { get; } = topology;

        public TimeSpan Period { get; } = topology.Pools.Values
            .Where(p => p.Affinity.IsSticky)
            .Select(p => p.Affinity.IdleTimeout / LooksPerTimeout)
            .Append(LongestPeriod)
            .Min();
    }
}
