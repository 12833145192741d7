using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Sessions;

/// <summary>The time of one node, by its own clock and what others say. True time is what the test counts.</summary>
public sealed class ClockStateTests
{
    private const long Day = 86_400_000;
    private const long Hold = 1_800_000;
    private const long Epoch = 20_000 * Day;

    private long _now = 5_000_000;

    [Theory]
    [InlineData(0, new long[0], 0)]
    [InlineData(2 * Day, new long[0], 2 * Day)]
    [InlineData(2 * Day, new[] { 0L }, 0)]
    [InlineData(0, new[] { 2 * Day }, 0)]
    [InlineData(-2 * Day, new[] { 0L }, -2 * Day)]
    [InlineData(0, new[] { -2 * Day }, -2 * Day)]
    [InlineData(2 * Day, new[] { 0L, 0L }, 0)]
    [InlineData(-2 * Day, new[] { 0L, 0L }, 0)]
    [InlineData(0, new[] { 2 * Day, 0L }, 0)]
    [InlineData(0, new[] { 2 * Day, -2 * Day }, 0)]
    [InlineData(0, new[] { 2 * Day, 2 * Day, 0L }, 0)]
    [InlineData(0, new[] { 2 * Day, -2 * Day, 0L, 0L }, 0)]
    [InlineData(2 * Day, new[] { 2 * Day, 0L, 0L, 0L }, 0)]
    [InlineData(0, new[] { 2 * Day, -3 * Day, 9L, 400L }, 0)]
    public void The_time_is_that_of_the_clock_in_the_middle_and_of_two_in_the_middle_the_one_behind(long own, long[] others, long expected)
    {
        ClockState state = Looked(Hear(Started(own), others), own);
        Assert.InRange(Time(state) - True - expected, -ClockState.StepMin, ClockState.StepMin);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Nodes_with_any_clocks_come_to_one_time_and_it_is_the_true_one_where_most_are_right(int nodes)
    {
        var random = new Random(nodes);
        for (int round = 0; round < 200; round++)
        {
            long[] clocks = [.. Enumerable.Range(0, nodes).Select(i => i < (nodes - 1) / 2 ? random.NextInt64(-9 * Day, 9 * Day) : 0)];
            var times = new List<long>();
            for (int node = 0; node < nodes; node++)
            {
                long[] others = [.. clocks.Where((_, i) => i != node)];
                times.Add(Time(Looked(Hear(Started(clocks[node]), others), clocks[node])) - True);
            }

            Assert.InRange(times.Max() - times.Min(), 0, 2 * ClockState.StepMin);
            Assert.All(times, t => Assert.InRange(t, -ClockState.StepMin, ClockState.StepMin));
        }
    }

    [Theory]
    [InlineData(2 * Day)]
    [InlineData(5_000)]
    public void Alone_a_clock_that_jumps_forward_ends_nothing_by_the_jump(long jump)
    {
        ClockState state = Started(0);
        long before = Ending(state);
        state = Looked(state, jump);

        Assert.Equal(True + jump, Time(state));
        Assert.Equal(before, Ending(state));
        _now += Hold - 1;
        Assert.Equal(before + Hold - 1, Ending(state));
        _now += 1;
        Assert.Equal(Time(state), Ending(state));
        Assert.Equal(1, state.Steps);
    }

    [Fact]
    public void Two_jumps_in_a_row_are_held_together()
    {
        ClockState state = Started(0);
        state = Looked(state, Day);
        _now += Hold / 2;
        state = Looked(state, 3 * Day);

        Assert.Equal(True, Ending(state));
        _now += Hold - 1;
        state = Looked(state, 3 * Day);
        Assert.Equal(True, Ending(state));
    }

    [Fact]
    public void A_clock_that_jumps_back_ends_nothing_and_what_was_held_is_held_no_more()
    {
        ClockState state = Looked(Started(0), 2 * Day);
        state = Looked(state, 0);
        Assert.Equal((True, True), (Time(state), Ending(state)));

        state = Looked(state, -Day);
        Assert.Equal((True - Day, True - Day), (Time(state), Ending(state)));
    }

    [Fact]
    public void A_jump_of_one_of_three_changes_nothing()
    {
        ClockState state = Looked(Hear(Started(0), 0, 0), 0);
        state = Looked(state, 2 * Day);
        Assert.Equal((True, True), (Time(state), Ending(state)));
        Assert.Equal(2 * Day, state.Offset);

        state = Looked(Hear(state, 0, 0), 0);
        state = Looked(Hear(state, 2 * Day, 0), 0);
        Assert.Equal((True, True), (Time(state), Ending(state)));
        Assert.Equal<(long, long?, long?)>((0, 2 * Day, 0), (state.Offset, state.OffsetOf("n0"), state.OffsetOf("n1")));
        Assert.Equal(0, state.Steps);
    }

    [Fact]
    public void Of_two_nothing_ends_before_both_clocks_say_so()
    {
        ClockState ahead = Looked(Hear(Started(2 * Day), 0), 2 * Day);
        ClockState behind = Looked(Hear(Started(-2 * Day), 0), -2 * Day);
        Assert.Equal(True, Ending(ahead));
        Assert.Equal(True - (2 * Day), Ending(behind));
    }

    [Fact]
    public void Who_is_left_alone_by_the_one_that_was_behind_ends_nothing_by_that()
    {
        ClockState state = Looked(Hear(Started(0), -2 * Day), 0);
        Assert.Equal(True - (2 * Day), Ending(state));

        state = Looked(state.Among([]), 0);
        Assert.Equal((True, True - (2 * Day)), (Time(state), Ending(state)));
    }

    [Fact]
    public void Who_has_not_been_heard_for_long_has_no_say()
    {
        ClockState state = Looked(Hear(Started(2 * Day), 0), 2 * Day);
        _now += ClockState.SampleAgeMax;
        Assert.Equal(True, Time(Looked(state, 2 * Day)));
        _now++;
        Assert.Equal(True + (2 * Day), Time(Looked(state, 2 * Day)));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(ClockState.RoundTripMax, true)]
    [InlineData(ClockState.RoundTripMax + 1, false)]
    public void The_way_is_taken_out_by_half_and_what_took_too_long_does_not_count(long roundTrip, bool counts)
    {
        ClockState state = Started(0);
        long asked = _now;
        long wall = True + Day + (roundTrip / 2);
        _now += roundTrip;
        state = Looked(state.Heard("n", wall, asked, _now), 0);

        Assert.Equal(counts ? Day : (long?)null, state.OffsetOf("n"));
    }

    [Theory]
    [InlineData(ClockState.StepMin - 1, false)]
    [InlineData(-ClockState.StepMin + 1, false)]
    [InlineData(ClockState.StepMin, true)]
    [InlineData(-ClockState.StepMin, true)]
    public void Less_than_a_second_is_no_difference(long jump, bool sets) =>
        Assert.Equal(sets ? 1 : 0, Looked(Started(0), jump).Steps);

    [Fact]
    public void Between_two_looks_the_time_runs_by_the_monotonic_clock()
    {
        ClockState state = Started(0);
        _now += 90_000;
        Assert.Equal(True, Time(state));
    }

    private long True => Epoch + _now;

    private ClockState Started(long own) => ClockState.Of(True + own, _now);

    private ClockState Looked(ClockState state, long own) => state.Looked(True + own, _now, Hold);

    private ClockState Hear(ClockState state, params long[] others)
    {
        for (int i = 0; i < others.Length; i++)
        {
            state = state.Heard($"n{i}", True + others[i], _now, _now);
        }

        return state;
    }

    private long Time(ClockState state) => state.Base + _now;

    private long Ending(ClockState state) => Time(state) - (_now < state.HeldUntil ? state.Held : 0);
}
