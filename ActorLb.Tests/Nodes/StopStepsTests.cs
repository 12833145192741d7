using ActorLb.Node.Nodes;
using Xunit;

namespace ActorLb.Tests.Nodes;

public sealed class StopStepsTests
{
    [Fact]
    public async Task A_part_that_fails_keeps_none_behind_it_from_ending_and_is_told_at_the_end()
    {
        var ended = new List<int>();
        Func<Task> Step(int number, Exception? failure = null) => async () =>
        {
            await Task.Yield();
            ended.Add(number);
            throw failure ?? new InvalidOperationException("a later one");
        };

        var thrown = await Assert.ThrowsAsync<IOException>(() => StopSteps.RunAsync(
            () =>
            {
                ended.Add(1);
                return Task.CompletedTask;
            },
            Step(2, new IOException("the first")),
            () => throw new NotSupportedException("at once"),
            Step(4)));

        Assert.Equal("the first", thrown.Message);
        Assert.Equal([1, 2, 4], ended);
    }
}
