using ActorLb.Node.Events;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class AskersTests
{
    [Fact]
    public void Who_asked_last_for_a_decision_is_known_and_nobody_asked_for_another_one()
    {
        var askers = new Askers<int>();
        askers.Remember(1, "ci");
        askers.Remember(1, "ann");
        askers.Remember(2, null);
        Assert.Equal(("ann", null), (askers.Of(1), askers.Of(2)));
    }

    [Theory]
    [InlineData(-1, "who 0")]
    [InlineData(0, "who 0")]
    [InlineData(1, null)]
    public void The_latest_are_known(int beyond, string? first)
    {
        var askers = new Askers<int>();
        for (int i = 0; i < Askers<int>.Max + beyond; i++)
        {
            askers.Remember(i, $"who {i}");
        }

        Assert.Equal(first, askers.Of(0));
        Assert.Equal("who 500", askers.Of(500));
    }
}
