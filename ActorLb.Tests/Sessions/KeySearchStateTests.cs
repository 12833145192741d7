using ActorLb.Node.Sessions.Replication;
using Xunit;

namespace ActorLb.Tests.Sessions;

public sealed class KeySearchStateTests
{
    [Fact]
    public void Keys_are_looked_for_while_replicas_begin_and_some_rounds_longer()
    {
        (KeySearchState state, bool search) = KeySearchState.Initial.Round(3);
        Assert.True(search);
        for (int round = 1; round < 20; round++)
        {
            (state, search) = state.Round(3);
            Assert.True(search);
        }

        Assert.False(state.Round(3).Search);
        Assert.True(state.Round(4).Search);
    }

    [Fact]
    public void Where_nothing_begins_they_are_looked_for_once_in_a_hundred_rounds()
    {
        KeySearchState state = KeySearchState.Initial.Round(3).Next;
        int searched = 0;
        for (int round = 0; round < 1000; round++)
        {
            (state, bool search) = state.Round(3);
            searched += search ? 1 : 0;
        }

        Assert.Equal(19 + 10, searched);
    }
}
