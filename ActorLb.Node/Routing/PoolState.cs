using System.Collections.Immutable;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Routing;

/// <summary>
/// What a router knows of its pool: health, operator decisions, circuits, and since when. Pure; gives each backend's
/// condition at a time, and the time at which one changes by itself.
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
            b => new Backend(b.Health, b.Since, Recovers: false, b.Operator, b.DrainDeadline, b.Traffic.CircuitOpen)));

    public bool IsJudged => (Settings.Names.IsEmpty || Backends.Count > 0) && Backends.Values.All(b => b.Health != BackendHealth.Unknown);

    /// <summary>The pool has other backends now; those that stay are as they were.</summary>
    public PoolState WithBackends(ImmutableArray<BackendSettings> backends, DateTimeOffset now) => this with
    {
        Settings = Settings with { Backends = backends },
        Backends = backends.ToImmutableDictionary(
            b => b.Id,
            b => Backends.GetValueOrDefault(b.Id)
                ?? new Backend(BackendHealth.Unknown, now, Recovers: false, OperatorState.Ready, null, CircuitOpen: false)),
    };

    public PoolState WithHealth(string id, BackendHealth health, DateTimeOffset since) => With(id, b => b.Health == health
        ? b
        : b with { Health = health, Since = since, Recovers = b.Health == BackendHealth.Down && health == BackendHealth.Up });

    public PoolState WithCircuit(string id, bool open) => With(id, b => b with { CircuitOpen = open });

    /// <summary>All decisions at once: a backend without one is ready.</summary>
    public PoolState WithDecisions(ImmutableDictionary<BackendName, OperatorDecision> decisions) => this with
    {
        Backends = Backends.ToImmutableDictionary(
            p => p.Key,
            p => decisions.TryGetValue(new BackendName(Settings.Name, p.Key), out OperatorDecision? decision)
                ? p.Value with { Operator = decision.State, DrainDeadline = decision.Deadline }
                : p.Value with { Operator = OperatorState.Ready, DrainDeadline = null }),
    };

    public BackendCondition ConditionOf(string id, DateTimeOffset now)
    {
        Backend b = Backends[id];
        return new BackendCondition(
            b.Health,
            b.Since,
            b.Operator,
            b.DrainDeadline,
            DrainOver: b.DrainDeadline <= now,
            SlowStartShare(b, now),
            b.CircuitOpen);
    }

    /// <summary>When the next drain ends or the next step of a slow start comes; null where nothing is to come.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (Backend b in Backends.Values)
        {
            if (b.DrainDeadline > now && !(next < b.DrainDeadline))
            {
                next = b.DrainDeadline;
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

    private double SlowStartShare(Backend b, DateTimeOffset now) =>
        Ramps(b, now) ? Math.Max(1, Step(b, now)) / (double)SlowStartSteps : 1;

    private DateTimeOffset? NextStep(Backend b, DateTimeOffset now) =>
        Ramps(b, now) ? b.Since + (Settings.SlowStart * (Math.Max(1, Step(b, now)) + 1) / SlowStartSteps) : null;

    private bool Ramps(Backend b, DateTimeOffset now) =>
        b is { Recovers: true, Health: BackendHealth.Up } && Step(b, now) < SlowStartSteps;

    /// <summary>Tenths of the slow start that are over. A clock that was set back begins anew.</summary>
    private int Step(Backend b, DateTimeOffset now) => Settings.SlowStart <= TimeSpan.Zero
        ? SlowStartSteps
        : (int)Math.Clamp((now - b.Since) * SlowStartSteps / Settings.SlowStart, 0, SlowStartSteps);

    /// <param name="Recovers">It came up from down, not from unknown: slow start applies.</param>
    internal sealed record Backend(
        BackendHealth Health,
        DateTimeOffset Since,
        bool Recovers,
        OperatorState Operator,
        DateTimeOffset? DrainDeadline,
        bool CircuitOpen);
}
