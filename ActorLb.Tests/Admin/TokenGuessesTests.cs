using System.Net;
using ActorLb.Engine.Clients;
using ActorLb.Node.Admin;
using ActorLb.Tests.Health;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class TokenGuessesTests
{
    private static readonly ClientKey One = ClientKey.Of(IPAddress.Parse("192.0.2.1"));
    private static readonly ClientKey Other = ClientKey.Of(IPAddress.Parse("192.0.2.2"));

    private readonly ManualTime _time = new();

    [Fact]
    public void Ten_wrong_tokens_of_an_address_are_looked_at_and_then_one_a_second()
    {
        var guesses = new TokenGuesses(_time);
        Assert.Equal(TokenGuesses.AtOnce, Enumerable.Range(0, 100).Count(_ => Guess(guesses, One)));
        Assert.Equal(90, guesses.Unread);
        Assert.Equal(10, guesses.Wrong);

        _time.Advance(TokenGuesses.Interval - TimeSpan.FromMilliseconds(1));
        Assert.False(Guess(guesses, One));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(Guess(guesses, One));
        Assert.False(Guess(guesses, One));
    }

    [Fact]
    public void Another_address_is_not_slowed()
    {
        var guesses = new TokenGuesses(_time);
        Assert.Equal(TokenGuesses.AtOnce, Enumerable.Range(0, 100).Count(_ => Guess(guesses, One)));

        Assert.True(Guess(guesses, Other));
    }

    [Fact]
    public void Right_tokens_cost_nothing()
    {
        var guesses = new TokenGuesses(_time);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(guesses.TryTake(One));
            guesses.Settle(One, isRight: true);
        }
    }

    [Fact]
    public void Guesses_in_parallel_are_counted_before_they_are_looked_at()
    {
        var guesses = new TokenGuesses(_time);

        Assert.Equal(TokenGuesses.AtOnce, Enumerable.Range(0, 100).Count(_ => guesses.TryTake(One)));
    }

    [Fact]
    public void More_addresses_than_are_remembered_are_still_served()
    {
        var guesses = new TokenGuesses(_time);
        for (uint i = 0; i < 2 * TokenGuesses.AddressesMax; i++)
        {
            Assert.True(Guess(guesses, new ClientKey(true, i)));
        }
    }

    private static bool Guess(TokenGuesses guesses, ClientKey client)
    {
        if (!guesses.TryTake(client))
        {
            return false;
        }

        guesses.Settle(client, isRight: false);
        return true;
    }
}
