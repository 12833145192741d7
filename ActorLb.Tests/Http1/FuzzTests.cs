using ActorLb.Bench.Http1.Fuzzing;
using Xunit;
using Xunit.Abstractions;

namespace ActorLb.Tests.Http1;

public sealed class FuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Mutated_messages_are_read_the_same_in_any_split_and_by_the_grammar_and_after_writing()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");

        // Each seed is new; the long runs are the command line's.
        new MessageFuzzer(seed).Run(10_000);
    }
}
