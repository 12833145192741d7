using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Traffic;

/// <summary>What is known of one backend beside its settings.</summary>
/// <param name="DrainOver">The drain's deadline has passed.</param>
/// <param name="SlowStartShare">0 to 1: the share of its weight that it takes now; 1 outside slow start.</param>
/// <param name="CircuitOpen">This node failed to reach it just now, whatever the verdict says.</param>
public readonly record struct BackendCondition(
    BackendHealth Health,
    DateTimeOffset Since,
    OperatorState Operator,
    DateTimeOffset? DrainDeadline,
    bool DrainOver,
    double SlowStartShare,
    bool CircuitOpen = false)
{
    /// <summary>What a probe that failed said; null or empty where none did.</summary>
    public string? WhyDown { get; init; }

    /// <summary>The operator's, where there is one.</summary>
    public OperatorDecision? Decision { get; init; }
}

/// <summary>Builds snapshots: the one place that decides who may get traffic. Pure.</summary>
public static class RoutingSnapshots
{
    /// <summary>Steps of a slow start: weights are multiplied by it while somebody ramps up.</summary>
    private const int SlowStartSteps = 10;

    /// <summary>The snapshot before anything is known: all unknown, all ready.</summary>
    public static RoutingSnapshot Initial(
        NodeSettings settings,
        ImmutableDictionary<string, RotationCursor> cursors,
        TrafficTable traffic,
        DateTimeOffset now)
    {
        var unknown = new BackendCondition(BackendHealth.Unknown, now, OperatorState.Ready, null, false, 1);
        return new RoutingSnapshot(
            new RouteTable(settings.Topology.Routes),
            settings.Topology.Pools.ToImmutableDictionary(
                p => p.Key,
                p => Pool(p.Value, _ => unknown, id => traffic[new BackendName(p.Key, id)], cursors[p.Key])));
    }

    /// <summary>One pool from its settings and the condition of each backend.</summary>
    public static PoolSnapshot Pool(
        PoolSettings settings,
        Func<string, BackendCondition> condition,
        Func<string, BackendTraffic> traffic,
        RotationCursor cursor)
    {
        BackendCondition[] conditions = [.. settings.Backends.Select(b => condition(b.Id))];
        bool allUnknown = Array.TrueForAll(conditions, c => c.Health == BackendHealth.Unknown);
        bool somebodyUp = Array.Exists(conditions, c => c is { Health: BackendHealth.Up, Operator: OperatorState.Ready });
        bool panic = !somebodyUp && !allUnknown && settings.WhenAllDown == WhenAllDown.TryAll;

        // A circuit sends new sessions elsewhere; those that are bound follow the verdict alone. Where nobody else is left it
        // would only turn a part of the failures that this node sees into a whole outage.
        bool somebodyElse = Array.Exists(conditions, c => Eligible(c, allUnknown, panic) && !c.CircuitOpen);
        bool ramping = Array.Exists(conditions, c => c.SlowStartShare < 1);

        var backends = ImmutableArray.CreateBuilder<BackendSnapshot>(conditions.Length);
        for (int i = 0; i < conditions.Length; i++)
        {
            BackendSettings backend = settings.Backends[i];
            BackendCondition c = conditions[i];
            int turnWeight = ramping
                ? Math.Max(1, (int)Math.Round(backend.Weight * SlowStartSteps * c.SlowStartShare))
                : backend.Weight;
            backends.Add(new BackendSnapshot(
                backend.Id,
                BackendKey.Of(backend.Id),
                backend.Address,
                backend.Weight,
                turnWeight,
                c.Health,
                c.Operator,
                c.DrainDeadline,
                c.Since,
                TakesNewSessions: backend.TakesNewSessions && Eligible(c, allUnknown, panic) && !(c.CircuitOpen && somebodyElse),
                KeepsSessions: KeepsSessions(c, panic),
                traffic(backend.Id))
            {
                MaxConnections = backend.MaxConnections ?? settings.MaxConnections,
                Decision = c.Decision,
                WhyDown = c.WhyDown ?? "",
                DrainOver = c.Operator == OperatorState.Draining && c.DrainOver,
            });
        }

        Rotation rotation = Rotation.Of([.. backends.Select(b => b.TakesNewSessions ? b.TurnWeight : 0)]);
        return new PoolSnapshot(settings, backends.ToImmutable(), rotation, cursor);
    }

    private static bool Eligible(in BackendCondition c, bool allUnknown, bool panic) =>
        (c.Health == BackendHealth.Up || allUnknown || panic) && c.Operator == OperatorState.Ready;

    // A backend that nobody has judged yet keeps its sessions: just after a start, a ticket knows better than we do.
    private static bool KeepsSessions(in BackendCondition c, bool panic) =>
        (c.Health != BackendHealth.Down || panic)
        && (c.Operator == OperatorState.Ready || (c.Operator == OperatorState.Draining && !c.DrainOver));
}
