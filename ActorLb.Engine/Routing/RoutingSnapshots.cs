using System.Buffers;
using System.Runtime.InteropServices;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Routing;

/// <summary>Builds snapshots: the one place that decides who may get traffic. Pure.</summary>
public static class RoutingSnapshots
{
    /// <summary>Steps of a slow start: weights are multiplied by it while somebody ramps up.</summary>
    private const int SlowStartSteps = 10;

    /// <summary>
    /// A pool whose settings were changed, before its router has looked at it: who stays is as before, who is new is unknown and
    /// ready, who was listed and is not any more drains.
    /// </summary>
    /// <param name="old">Null: the pool is new.</param>
    /// <param name="written">Its settings as they were written before.</param>
    /// <param name="agreedNow">By the time that the nodes agree on.</param>
    internal static PoolSnapshot Changed(
        PoolSnapshot? old,
        PoolSettings? written,
        PoolSettings next,
        Func<string, BackendTraffic> traffic,
        RotationCursor cursor,
        DateTimeOffset now,
        DateTimeOffset agreedNow)
    {
        var unknown = new BackendCondition(BackendHealth.Unknown, now, OperatorState.Ready, null, false, 1);
        if (old is null)
        {
            return Pool(next, _ => unknown, traffic, cursor, before: null, now);
        }

        PoolSettings effective = next with { Backends = EffectiveBackends.After(old.Settings.Backends, written!.Backends, next, agreedNow) };
        Dictionary<string, BackendSettings> byId = effective.Backends.ToDictionary(b => b.Id, StringComparer.Ordinal);
        return Pool(
            effective,
            id => old.Find(BackendKey.Of(id)) is { } known && known.Address == byId[id].Address
                ? ConditionOf(known, byId[id].LeftAt is not null, DecisionOf(old.Settings, next, id, known.Decision))
                : unknown,
            traffic,
            cursor,
            before: null,
            old.BackupsSince ?? now);
    }

    // What is removed drains by its removal; of what operators decided before the router will know.
    private static OperatorDecision? DecisionOf(PoolSettings before, PoolSettings pool, string id, OperatorDecision? known) =>
        pool.OverrideOf(id)?.Removal is { } removal ? OperatorDecision.Of(new BackendName(pool.Name, id), removal)
        : before.OverrideOf(id)?.Removal is not null ? null
        : known;

    private static BackendCondition ConditionOf(BackendSnapshot known, bool hasLeft, OperatorDecision? decision) => new(
        known.Health,
        known.Since,
        known.Operator == OperatorState.Ready && hasLeft ? OperatorState.Draining
            : known.Operator == OperatorState.Draining && decision is not { State: OperatorState.Draining } && !hasLeft ? OperatorState.Ready
            : known.Operator,
        decision != known.Decision ? decision?.Deadline : known.DrainDeadline,
        known.DrainOver,
        known.SlowStartShare,
        known.Traffic.IsEjected)
    {
        Decision = decision,
        WhyDown = known.WhyDown,
    };

    /// <summary>One pool from its settings and the condition of each backend.</summary>
    /// <param name="before">
    /// What is published. Backends that are as they were are shared with it, and it is the answer where all is as it was; null:
    /// nothing is published yet.
    /// </param>
    /// <param name="now">Since when backups are used, where they are and were not before.</param>
    public static PoolSnapshot Pool(
        PoolSettings settings,
        Func<string, BackendCondition> condition,
        Func<string, BackendTraffic> traffic,
        RotationCursor cursor,
        PoolSnapshot? before = null,
        DateTimeOffset now = default)
    {
        int count = settings.Backends.Length;
        BackendCondition[] rented = ArrayPool<BackendCondition>.Shared.Rent(count);
        try
        {
            Span<BackendCondition> conditions = rented.AsSpan(0, count);
            for (int i = 0; i < count; i++)
            {
                conditions[i] = condition(settings.Backends[i].Id);
            }

            return Pool(settings, conditions, traffic, cursor, before, now);
        }
        finally
        {
            ArrayPool<BackendCondition>.Shared.Return(rented, clearArray: true);
        }
    }

    private static PoolSnapshot Pool(
        PoolSettings settings,
        ReadOnlySpan<BackendCondition> conditions,
        Func<string, BackendTraffic> traffic,
        RotationCursor cursor,
        PoolSnapshot? before,
        DateTimeOffset now)
    {
        PoolOutlook outlook = PoolOutlook.Of(settings, conditions);
        bool sameLength = before?.Backends.Length == conditions.Length;
        BackendSnapshot[]? backends = sameLength ? null : new BackendSnapshot[conditions.Length];
        bool sameTurns = sameLength;
        for (int i = 0; i < conditions.Length; i++)
        {
            BackendSnapshot? old = Known(before, i, settings.Backends[i]);
            BackendSnapshot next = Backend(settings, settings.Backends[i], conditions[i], outlook, old, traffic);
            if (!ReferenceEquals(old, next))
            {
                backends ??= [.. before!.Backends];
                sameTurns &= old is not null && Turns(old) == Turns(next);
            }

            if (backends is not null)
            {
                backends[i] = next;
            }
        }

        if (backends is null && settings.Equals(before!.Settings) && ReferenceEquals(cursor, before.Cursor))
        {
            return before;
        }

        return new PoolSnapshot(
            settings,
            backends is null ? before!.Backends : ImmutableCollectionsMarshal.AsImmutableArray(backends),
            sameTurns ? before!.Rotation : Rotation.Of([.. backends!.Select(Turns)]),
            cursor,
            before)
        {
            BackupsSince = outlook is not { SomebodyTakes: true, Takers: Takers.Backups or Takers.EjectedBackups } ? null : before?.BackupsSince ?? now,
        };
    }

    private static int Turns(BackendSnapshot backend) => backend.TakesNewSessions ? backend.TurnWeight : 0;

    private static BackendSnapshot? Known(PoolSnapshot? before, int place, BackendSettings backend) =>
        place < before?.Backends.Length
        && before.Backends[place] is var old
        && old.Id == backend.Id
        && (ReferenceEquals(old.Address, backend.Address) || old.Address == backend.Address)
            ? old
            : null;

    /// <param name="old">The same backend as it was before; the answer where it is still so.</param>
    private static BackendSnapshot Backend(
        PoolSettings settings,
        BackendSettings backend,
        in BackendCondition c,
        in PoolOutlook outlook,
        BackendSnapshot? old,
        Func<string, BackendTraffic> traffic)
    {
        int turnWeight = outlook.Ramps
            ? Math.Max(1, (int)Math.Round(backend.Weight * SlowStartSteps * c.SlowStartShare))
            : backend.Weight;
        bool takesNewSessions = outlook.Takes(backend, c);
        bool standsBy = outlook.StandsBy(backend, c);
        bool keepsSessions = outlook.KeepsSessions(c);
        int maxConnections = backend.MaxConnections ?? settings.MaxConnections;
        string whyDown = c.WhyDown ?? "";
        bool drainOver = outlook.IsDrainOver(c);
        SessionMoves? moves = outlook.MovesOf(c);
        if (old is null)
        {
            return new BackendSnapshot(
                backend.Id,
                BackendKey.Of(backend.Id),
                backend.Address,
                backend.Weight,
                turnWeight,
                c.Health,
                c.Operator,
                c.DrainDeadline,
                c.Since,
                takesNewSessions,
                keepsSessions,
                traffic(backend.Id))
            {
                SlowStartShare = c.SlowStartShare,
                MaxConnections = maxConnections,
                IsBackup = backend.IsBackup,
                StandsBy = standsBy,
                Decision = c.Decision,
                WhyDown = whyDown,
                DrainOver = drainOver,
                Moves = moves,
            };
        }

        bool isAsBefore = old.Weight == backend.Weight
            && old.TurnWeight == turnWeight
            && old.SlowStartShare == c.SlowStartShare
            && old.Health == c.Health
            && old.Operator == c.Operator
            && old.DrainDeadline == c.DrainDeadline
            && old.Since == c.Since
            && old.TakesNewSessions == takesNewSessions
            && old.KeepsSessions == keepsSessions
            && old.MaxConnections == maxConnections
            && old.IsBackup == backend.IsBackup
            && old.StandsBy == standsBy
            && old.Decision == c.Decision
            && old.WhyDown == whyDown
            && old.DrainOver == drainOver
            && old.Moves == moves;
        return isAsBefore
            ? old
            : old with
            {
                Weight = backend.Weight,
                TurnWeight = turnWeight,
                SlowStartShare = c.SlowStartShare,
                Health = c.Health,
                Operator = c.Operator,
                DrainDeadline = c.DrainDeadline,
                Since = c.Since,
                TakesNewSessions = takesNewSessions,
                KeepsSessions = keepsSessions,
                MaxConnections = maxConnections,
                IsBackup = backend.IsBackup,
                StandsBy = standsBy,
                Decision = c.Decision,
                WhyDown = whyDown,
                DrainOver = drainOver,
                Moves = moves,
            };
    }
}
