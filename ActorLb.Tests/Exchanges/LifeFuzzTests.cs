using Xunit;
using Xunit.Abstractions;

namespace ActorLb.Tests.Exchanges;

/// <summary>Thousands of requests of any kind over backends that do anything.</summary>
public sealed class LifeFuzzTests(ITestOutputHelper output)
{
    private const int Lanes = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task A_request_ends_once_and_is_sent_no_more_often_than_is_safe(int seed) => RunAsync(seed);

    [Fact]
    public Task The_same_holds_for_a_seed_that_nobody_has_tried()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return RunAsync(seed);
    }

    private static async Task RunAsync(int seed)
    {
        var fuzzer = new LifeFuzzer(seed);
        await fuzzer.RunAsync(Lanes);

        // It came to all that it looks at.
        Assert.True(fuzzer.Repeated > 0, $"{fuzzer.Repeated} of {fuzzer.Requests}");
        Assert.All(Enum.GetValues<MemoryEnd>().Where(e => e != MemoryEnd.None), e => Assert.True(fuzzer.Ends.GetValueOrDefault(e) > 0, $"{e}"));
    }
}
