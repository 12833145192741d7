using System.Collections.Immutable;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Routing;

/// <summary>
/// What a router knows of its pool: health, operator decisions, circuits, and since when. Pure; gives each backend's
/// condition at a time of this node's clock that nobody sets, and the time at which one changes by itself.
/// </summary>
internal sealed record PoolState(PoolSettings Settings, ImmutableDictionary<string, PoolState.Backend> Backends)
{
    /// <summary>Ten steps of a tenth: a step is a new rotation, and nobody needs a finer ramp.</summary>
    private const int SlowStartSteps = 10;

    /// <summary>As the data plane last had it: a router that starts again goes on from there.</summary>
    public static PoolState From(PoolSnapshot pool) => new(
        pool.Settings,
        pool.Backends.ToImmutableDictionary(
            b => b.Id,
            b => new Backend(
                b.Health, b.Since, Recovers: false, b.Decision, pool.Settings.Backends.FirstOrDefault(s => s.Id == b.Id)?.LeftAt, b.Traffic.IsEjected) { WhyDown = b.WhyDown }));

    /// <summary>How far that clock is ahead of the time that the nodes agree on: deadlines are of that.</summary>
    public TimeSpan ClockAhead { get; init; }

    public bool IsJudged => (Settings.Names.IsEmpty || Backends.Count > 0) && Backends.Values.All(b => b.Health != BackendHealth.Unknown);

    /// <summary>The pool has other settings or backends now; those that stay where they are are as they were.</summary>
    public PoolState WithSettings(PoolSettings pool, DateTimeOffset now)
    {
        // At another address it is another server, of which nothing is known.
        Dictionary<string, Uri> addresses = Settings.Backends.ToDictionary(b => b.Id, b => b.Address, StringComparer.Ordinal);
        PoolState next = this with
        {
            Settings = pool,
            Backends = pool.Backends.ToImmutableDictionary(
                b => b.Id,
                b => (addresses.GetValueOrDefault(b.Id) == b.Address ? Backends.GetValueOrDefault(b.Id) : null)
                    is { } known ? known with { LeftAt = b.LeftAt }
                    : new Backend(BackendHealth.Unknown, now, Recovers: false, Decision: null, LeftAt: b.LeftAt, CircuitOpen: false)),
        };
        return next.WithRemovals();
    }

    private PoolState WithRemovals()
    {
        PoolState state = this;
        foreach (BackendOverride decided in Settings.Overrides)
        {
            if (decided.Removal is { } removal)
            {
                state = state.With(decided.Id, b => b with { Decision = OperatorDecision.Of(new BackendName(Settings.Name, decided.Id), removal) });
            }
        }

        return state;
    }

    /// <param name="whyDown">What a probe that failed said.</param>
    public PoolState WithHealth(string id, BackendHealth health, DateTimeOffset since, string whyDown = "") => With(id, b => b.Health == health
        ? b
        : b with
        {
            Health = health,
            Since = since,
            Recovers = b.Health == BackendHealth.Down && health == BackendHealth.Up,
            WhyDown = health == BackendHealth.Down ? whyDown : "",
        });

    public PoolState WithCircuit(string id, bool open) => With(id, b => b with { CircuitOpen = open });

    /// <summary>All decisions at once: a backend without one is ready.</summary>
    public PoolState WithDecisions(ImmutableDictionary<BackendName, OperatorDecision> decisions)
    {
        ImmutableDictionary<string, Backend> backends = Backends;
        foreach ((string id, Backend backend) in Backends)
        {
            OperatorDecision? decision = DecisionOn(id, decisions);
            if (decision != backend.Decision)
            {
                backends = backends.SetItem(id, backend with { Decision = decision });
            }
        }

        return ReferenceEquals(backends, Backends) ? this : this with { Backends = backends };
    }

    /// <summary>The pool for requests from this time on; what is published where that is still so.</summary>
    public PoolSnapshot Snapshot(PoolSnapshot published, TrafficTable traffic, DateTimeOffset now) => RoutingSnapshots.Pool(
        Settings,
        id => ConditionOf(id, now),
        id => traffic[new BackendName(Settings.Name, id)],
        published.Cursor,
        published,
        now);

    // What an operator removed drains, whatever was decided before about what was there.
    private OperatorDecision? DecisionOn(string id, ImmutableDictionary<BackendName, OperatorDecision> decisions)
    {
        var name = new BackendName(Settings.Name, id);
        return Settings.OverrideOf(id)?.Removal is { } removal ? OperatorDecision.Of(name, removal) : decisions.GetValueOrDefault(name);
    }

    public BackendCondition ConditionOf(string id, DateTimeOffset now)
    {
        Backend b = Backends[id];
        DateTimeOffset? deadline = DeadlineOf(b);
        return new BackendCondition(
            b.Health,
            b.Since,
            b.Operator,
            deadline,
            DrainOver: deadline + ClockAhead <= now,
            SlowStartShare(b, now),
            b.CircuitOpen)
        {
            Decision = b.Decision,
            WhyDown = b.WhyDown,
        };
    }

    /// <summary>When the next drain ends or the next step of a slow start comes; null where nothing is to come.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (Backend b in Backends.Values)
        {
            DateTimeOffset? deadline = DeadlineOf(b) + ClockAhead;
            if (deadline > now && !(next < deadline))
            {
                next = deadline;
            }

            if (NextStep(b, now) is { } step && !(next < step))
            {
                next = step;
            }
        }

        return next;
    }

    private PoolState With(string id, Func<Backend, Backend> change) =>
        Backends.TryGetValue(id, out Backend? backend) ? this with { Backends = Backends.SetItem(id, change(backend)) } : this;

    /// <summary>Whether a drain's deadline is still to come.</summary>
    public bool AwaitsDeadline(DateTimeOffset now) => Backends.Values.Any(b => DeadlineOf(b) + ClockAhead > now);

    // The operator's drain has its own deadline; one that began because the name led elsewhere has the pool's.
    private DateTimeOffset? DeadlineOf(Backend b) =>
        b.Decision is { State: OperatorState.Draining } drain ? drain.Deadline
        : b is { Operator: OperatorState.Draining, LeftAt: { } left } && Settings.DrainDeadline > TimeSpan.Zero ? left + Settings.DrainDeadline
        : null;

    private double SlowStartShare(Backend b, DateTimeOffset now) =>
        Ramps(b, now) ? Math.Max(1, Step(b, now)) / (double)SlowStartSteps : 1;

    private DateTimeOffset? NextStep(Backend b, DateTimeOffset now) =>
        Ramps(b, now) ? b.Since + (Settings.SlowStart * (Math.Max(1, Step(b, now)) + 1) / SlowStartSteps) : null;

    private bool Ramps(Backend b, DateTimeOffset now) =>
        b is { Recovers: true, Health: BackendHealth.Up } && Step(b, now) < SlowStartSteps;

    /// <summary>Tenths of the slow start that are over.</summary>
    private int Step(Backend b, DateTimeOffset now) => Settings.SlowStart <= TimeSpan.Zero
        ? SlowStartSteps
        : (int)Math.Clamp((now - b.Since) * SlowStartSteps / Settings.SlowStart, 0, SlowStartSteps);

    /// <param name="Decision">The operator's; null: there is none.</param>
    /// <param name="LeftAt">Since when its name leads elsewhere.</param>
    /// <param name="Recovers">It came up from down, not from unknown: slow start applies.</param>
    internal sealed record Backend(
        BackendHealth Health,
        DateTimeOffset Since,
        bool Recovers,
        OperatorDecision? Decision,
        DateTimeOffset? LeftAt,
        bool CircuitOpen)
    {
        public string WhyDown { get; init; } = "";

        /// <summary>Where the name left it, it drains unless the operator wants more.</summary>
        public OperatorState Operator =>
            Decision is { State: not OperatorState.Ready } ? Decision.State
            : LeftAt is null ? OperatorState.Ready
            : OperatorState.Draining;
    }
}
