using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Routing;

/// <summary>What the conditions of all backends of a pool mean for each of them.</summary>
/// <param name="AllUnknown">Of those that operators let work, nobody has been judged yet: all of them are used.</param>
/// <param name="Panic">Nobody is up, and the pool tries all then.</param>
/// <param name="SomebodyElse">
/// One that may be used has no open circuit. A circuit sends new sessions elsewhere; those that are bound follow the verdict alone.
/// Where nobody else is left it would only turn a part of the failures that this node sees into a whole outage.
/// </param>
/// <param name="SomebodyTakes">One takes new sessions, and so those of who drains.</param>
/// <param name="Ramps">One of them is in its slow start.</param>
internal readonly record struct PoolOutlook(bool AllUnknown, bool Panic, bool SomebodyElse, bool SomebodyTakes, bool Ramps)
{
    public static PoolOutlook Of(PoolSettings settings, ReadOnlySpan<BackendCondition> conditions)
    {
        bool somebodyReady = false;
        bool somebodyJudged = false;
        bool somebodyReadyJudged = false;
        bool somebodyUp = false;
        bool ramps = false;
        for (int i = 0; i < conditions.Length; i++)
        {
            ref readonly BackendCondition c = ref conditions[i];
            bool isReady = c.Operator == OperatorState.Ready && settings.Backends[i].TakesNewSessions;
            bool isJudged = c.Health != BackendHealth.Unknown;
            somebodyReady |= isReady;
            somebodyJudged |= isJudged;
            somebodyReadyJudged |= isReady && isJudged;
            somebodyUp |= isReady && c.Health == BackendHealth.Up;
            ramps |= c.SlowStartShare < 1;
        }

        // Where all that are written were exchanged for others, those that drain were judged, and take nobody in.
        bool allUnknown = somebodyReady ? !somebodyReadyJudged : !somebodyJudged;
        var outlook = new PoolOutlook(
            allUnknown, Panic: !somebodyUp && !allUnknown && settings.WhenAllDown == WhenAllDown.TryAll, SomebodyElse: false, SomebodyTakes: false, ramps);
        bool somebodyElse = false;
        bool somebodyTakes = false;
        for (int i = 0; i < conditions.Length && !(somebodyElse && somebodyTakes); i++)
        {
            if (outlook.Eligible(conditions[i]))
            {
                somebodyElse |= !conditions[i].CircuitOpen;
                somebodyTakes |= settings.Backends[i].TakesNewSessions;
            }
        }

        return outlook with { SomebodyElse = somebodyElse, SomebodyTakes = somebodyTakes };
    }

    public bool Eligible(in BackendCondition c) =>
        (c.Health == BackendHealth.Up || AllUnknown || Panic) && c.Operator == OperatorState.Ready;

    // A backend that nobody has judged yet keeps its sessions: just after a start, a ticket knows better than we do.
    public bool KeepsSessions(in BackendCondition c) =>
        (c.Health != BackendHealth.Down || Panic)
        && (c.Operator == OperatorState.Ready || (c.Operator == OperatorState.Draining && !IsDrainOver(c)));

    // A drain from which nobody takes over goes on, and whoever comes up next ends it.
    public bool IsDrainOver(in BackendCondition c) => c.Operator == OperatorState.Draining && c.DrainOver && SomebodyTakes;

    public SessionMoves? MovesOf(in BackendCondition c) =>
        c.Operator == OperatorState.Draining && SomebodyTakes ? c.Decision?.Moves : null;
}
