using ActorLb.Engine.Health;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class EjectionTimeStateTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);

    [Fact]
    public void Who_fails_again_soon_is_kept_away_for_twice_as_long_and_ten_times_at_most()
    {
        EjectionTimeState state = EjectionTimeState.None;
        var lengths = new List<double>();
        for (int i = 0; i < 6; i++)
        {
            state = state.Opened(First, i == 0 ? null : TimeSpan.FromSeconds(1));
            lengths.Add(state.Length.TotalSeconds);
        }

        Assert.Equal([10, 20, 40, 80, 100, 100], lengths);
    }

    [Theory]
    [InlineData(19.999, 40)]
    [InlineData(20, 40)]
    [InlineData(20.001, 10)]
    public void Soon_is_within_the_time_for_which_the_last_one_was_kept_open(double sinceClosed, double seconds)
    {
        EjectionTimeState twice = EjectionTimeState.None.Opened(First, null).Opened(First, TimeSpan.Zero);
        Assert.Equal(seconds, twice.Opened(First, TimeSpan.FromSeconds(sinceClosed)).Length.TotalSeconds);
    }

    [Fact]
    public void Without_a_time_none_is_kept_open_and_a_shorter_one_bounds_what_was_longer_before()
    {
        EjectionTimeState before = EjectionTimeState.None.Opened(First, null);
        Assert.Equal(TimeSpan.Zero, before.Opened(TimeSpan.Zero, TimeSpan.Zero).Length);
        Assert.Equal(TimeSpan.FromSeconds(1), before.Opened(TimeSpan.FromMilliseconds(100), TimeSpan.Zero).Length);
        Assert.Equal(First, before.Opened(TimeSpan.Zero, TimeSpan.Zero).Opened(First, TimeSpan.Zero).Length);
    }
}
