using ActorLb.Engine.Epoll;
using Xunit;

namespace ActorLb.Tests.Epoll;

public sealed class RestartStateTests
{
    [Fact]
    public void Five_within_a_minute_may_help_and_a_sixth_does_not()
    {
        var state = default(RestartState);
        for (int i = 0; i < RestartState.RowMax; i++)
        {
            state = state.After(TimeSpan.FromSeconds(i));
            Assert.False(state.AreTooMany);
        }

        Assert.True(state.After(RestartState.RowTime).AreTooMany);
        Assert.False(state.After(RestartState.RowTime + TimeSpan.FromSeconds(1)).AreTooMany);
    }

    [Fact]
    public void One_a_minute_may_go_on_for_ever()
    {
        var state = default(RestartState);
        for (int i = 0; i < 1000; i++)
        {
            state = state.After(i * (RestartState.RowTime + TimeSpan.FromSeconds(1)));
            Assert.False(state.AreTooMany);
        }

        Assert.Equal(1000, state.Count);
    }
}
