using ActorLb.Node.Operator;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Xunit;

namespace ActorLb.Tests.Operator;

/// <summary>When decisions about backends that are gone are forgotten.</summary>
public sealed class GoneBackendsStateTests
{
    private static readonly DateTimeOffset At = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly OperatorDecision Drain = Of("a", OperatorState.Draining);
    private static readonly OperatorDecision Ready = Of("b", OperatorState.Ready);

    [Fact]
    public void What_no_node_has_had_for_a_day_is_marked_and_a_week_later_forgotten_for_good()
    {
        OperatorDecisions known = OperatorDecisions.Of([Drain, Ready]);
        (GoneBackendsState state, OperatorDecisions next) = Look(GoneBackendsState.Empty, known, At);
        Assert.Same(known, next);
        (state, next) = Look(state, next, At + GoneBackendsState.MarkedAfter - TimeSpan.FromTicks(1));
        Assert.Same(known, next);

        DateTimeOffset marked = At + GoneBackendsState.MarkedAfter;
        (state, next) = Look(state, next, marked);
        Assert.Equal(Drain with { Version = 2, GoneSince = marked }, next.ByBackend[Drain.Backend]);
        Assert.Equal(Ready, next.ByBackend[Ready.Backend]);

        OperatorDecisions before = next;
        (state, next) = Look(state, next, marked + GoneBackendsState.CutAfter);
        Assert.Equal(before, next);
        (_, next) = Look(state, next, marked + GoneBackendsState.CutAfter + TimeSpan.FromTicks(1));
        Assert.Equal([Ready.Backend], next.ByBackend.Keys);
        Assert.Equal(next, next.Merge(before));
        Assert.Equal(next, before.Merge(next));
    }

    [Fact]
    public void A_node_that_has_it_takes_the_mark_away_whoever_leads()
    {
        OperatorDecisions marked = OperatorDecisions.Of([Drain with { GoneSince = At }]);
        (_, OperatorDecisions next) = GoneBackendsState.Empty.Look(marked, _ => true, leads: false, "n3", At);
        Assert.Equal(Drain with { Version = 2, Node = "n3" }, next.ByBackend[Drain.Backend]);
    }

    [Fact]
    public void Who_does_not_lead_marks_and_cuts_nothing()
    {
        OperatorDecisions known = OperatorDecisions.Of([Drain, Ready with { GoneSince = At }]);
        (GoneBackendsState state, OperatorDecisions next) = GoneBackendsState.Empty.Look(known, _ => false, leads: false, "n1", At);
        (_, next) = state.Look(next, _ => false, leads: false, "n1", At.AddDays(100));
        Assert.Same(known, next);
    }

    [Fact]
    public void One_that_was_there_meanwhile_is_missing_from_then_on()
    {
        OperatorDecisions known = OperatorDecisions.Of([Drain]);
        (GoneBackendsState state, _) = Look(GoneBackendsState.Empty, known, At);
        (state, _) = state.Look(known, _ => true, leads: true, "n1", At.AddHours(20));
        (state, _) = Look(state, known, At.AddHours(23));
        Assert.Same(known, Look(state, known, At.AddHours(30)).Decisions);
    }

    [Fact]
    public void There_are_never_more_of_them_than_the_most_and_as_many_marked_ones()
    {
        GoneBackendsState state = GoneBackendsState.Empty;
        OperatorDecisions known = OperatorDecisions.Empty;
        for (int i = 0; i < (3 * GoneBackendsState.Most) + 7; i += 100)
        {
            known = Enumerable.Range(i, 100).Aggregate(known, (all, n) => all.With(Of($"x{n}", OperatorState.Draining)));
            (state, known) = Look(state, known, At.AddMinutes(i));
            Assert.InRange(known.ByBackend.Count, 1, 2 * GoneBackendsState.Most);
        }

        Assert.Equal(GoneBackendsState.Most, known.ByBackend.Values.Count(d => d.GoneSince is null));
    }

    private static (GoneBackendsState Next, OperatorDecisions Decisions) Look(GoneBackendsState state, OperatorDecisions known, DateTimeOffset now) =>
        state.Look(known, b => b == Ready.Backend, leads: true, "n1", now);

    private static OperatorDecision Of(string id, OperatorState state) => new(new BackendName("web", id), state, null, 1, "n1");
}
