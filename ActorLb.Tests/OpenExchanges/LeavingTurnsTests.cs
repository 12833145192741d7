using ActorLb.Engine.OpenExchanges;
using Xunit;

namespace ActorLb.Tests.OpenExchanges;

public sealed class LeavingTurnsTests
{
    private readonly LeavingTurns _turns = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Whoever_leaves_alone_leaves_at_once(int count) => Assert.Equal(TimeSpan.Zero, _turns.Next(count, TimeSpan.FromSeconds(5)));

    [Theory]
    [InlineData(1_001, 1000)]
    [InlineData(2_501, 2500)]
    [InlineData(2_502, 2500)]
    [InlineData(1_000_000, 2500)]
    public void Many_leave_evenly_a_thousand_a_second_and_within_half_of_the_grace(int count, int within)
    {
        double[] turns = [.. Enumerable.Range(0, 1000).Select(_ => _turns.Next(count, TimeSpan.FromSeconds(5)).TotalMilliseconds).Order()];
        Assert.InRange(turns[^1], within * 0.99, within);
        for (int tenth = 0; tenth < 10; tenth++)
        {
            Assert.InRange(turns.Count(t => t >= tenth * within / 10.0 && t < (tenth + 1) * within / 10.0), 95, 105);
        }
    }
}
