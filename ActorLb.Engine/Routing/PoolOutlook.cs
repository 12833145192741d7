using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Routing;

/// <summary>What the conditions of all backends of a pool mean for each of them.</summary>
/// <param name="AllUnknown">Of those that operators let work, nobody has been judged yet: all of them are used. Backups do not count where there are others.</param>
/// <param name="Panic">Nobody is up, and the pool tries all then.</param>
/// <param name="SomebodyTakes">One takes new sessions, and so those of who drains.</param>
/// <param name="Ramps">One of them is in its slow start.</param>
internal readonly record struct PoolOutlook(bool AllUnknown, bool Panic, Takers Takers, bool SomebodyTakes, bool Ramps)
{
    public static PoolOutlook Of(PoolSettings settings, ReadOnlySpan<BackendCondition> conditions)
    {
        Judged others = default;
        Judged backups = default;
        bool somebodyJudged = false;
        bool somebodyUp = false;
        bool ramps = false;
        for (int i = 0; i < conditions.Length; i++)
        {
            ref readonly BackendCondition c = ref conditions[i];
            bool isJudged = c.Health != BackendHealth.Unknown;
            bool isReady = c.Operator == OperatorState.Ready && settings.Backends[i].TakesNewSessions;
            if (isReady)
            {
                (settings.Backends[i].IsBackup ? ref backups : ref others).Count(isJudged);
            }

            somebodyJudged |= isJudged;
            somebodyUp |= isReady && c.Health == BackendHealth.Up;
            ramps |= c.SlowStartShare < 1;
        }

        // Where all that are written were exchanged for others, those that drain were judged, and take nobody in.
        bool allUnknown = others.IsReady ? !others.IsJudged : backups.IsReady ? !backups.IsJudged : !somebodyJudged;
        var outlook = new PoolOutlook(
            allUnknown, Panic: !somebodyUp && !allUnknown && settings.WhenAllDown == WhenAllDown.TryAll, Takers.EjectedBackups, SomebodyTakes: false, ramps);
        for (int i = 0; i < conditions.Length && outlook.Takers != Takers.Reached; i++)
        {
            if (settings.Backends[i].TakesNewSessions && outlook.Eligible(conditions[i]))
            {
                Takers takers = KindOf(settings.Backends[i], conditions[i]);
                outlook = outlook with { SomebodyTakes = true, Takers = takers < outlook.Takers ? takers : outlook.Takers };
            }
        }

        return outlook;
    }

    public bool Eligible(in BackendCondition c) =>
        (c.Health == BackendHealth.Up || (AllUnknown && c.Health == BackendHealth.Unknown) || Panic) && c.Operator == OperatorState.Ready;

    public bool Takes(BackendSettings backend, in BackendCondition c) =>
        backend.TakesNewSessions && Eligible(c) && KindOf(backend, c) == Takers;

    /// <summary>It would take new sessions, were it needed.</summary>
    public bool StandsBy(BackendSettings backend, in BackendCondition c) =>
        backend.TakesNewSessions && Takers == Takers.Reached && Eligible(c) && KindOf(backend, c) == Takers.Backups;

    // A backend that nobody has judged yet keeps its sessions: just after a start, a ticket knows better than we do.
    public bool KeepsSessions(in BackendCondition c) =>
        (c.Health != BackendHealth.Down || Panic)
        && (c.Operator == OperatorState.Ready || (c.Operator == OperatorState.Draining && !IsDrainOver(c)));

    // A drain from which nobody takes over goes on, and whoever comes up next ends it.
    public bool IsDrainOver(in BackendCondition c) => c.Operator == OperatorState.Draining && c.DrainOver && SomebodyTakes;

    public SessionMoves? MovesOf(in BackendCondition c) =>
        c.Operator == OperatorState.Draining && SomebodyTakes ? c.Decision?.Moves : null;

    private static Takers KindOf(BackendSettings backend, in BackendCondition c) => backend.IsBackup
        ? c.CircuitOpen ? Takers.EjectedBackups : Takers.Backups
        : c.CircuitOpen ? Takers.Ejected : Takers.Reached;

    private record struct Judged(bool IsReady, bool IsJudged)
    {
        public void Count(bool isJudged)
        {
            IsReady = true;
            IsJudged |= isJudged;
        }
    }
}
