using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Tickets;

public class UnknownKeysTests
{
    private readonly UnknownKeys _keys = new();

    [Theory]
    [InlineData(UnknownKeys.TicketsMin - 1, false)]
    [InlineData(UnknownKeys.TicketsMin, true)]
    [InlineData(UnknownKeys.TicketsMin * 5, true)]
    public void A_key_with_which_somebody_goes_on_signing_is_reported_once(int tickets, bool reported)
    {
        for (uint i = 0; i < tickets; i++)
        {
            _keys.Saw(7, Ticket(session: i, issuedAt: 100 + i), 100 + i);
        }

        Assert.Equal(reported, _keys.TryTake(out ushort key));
        Assert.Equal(reported ? 7 : 0, key);
        Assert.False(_keys.TryTake(out _));
    }

    [Fact]
    public void A_key_that_was_dropped_is_not_reported_whoever_comes_with_its_tickets()
    {
        for (uint i = 0; i < 1000; i++)
        {
            _keys.Saw(7, Ticket(session: i, issuedAt: 100 - (i % 50)), 100 + i);
        }

        Assert.False(_keys.TryTake(out _));
    }

    [Fact]
    public void A_client_that_keeps_one_ticket_whatever_it_is_given_is_reported()
    {
        for (uint i = 0; i < UnknownKeys.TicketsMin; i++)
        {
            _keys.Saw(7, Ticket(session: 1, issuedAt: 50), 100 + i);
        }

        Assert.True(_keys.TryTake(out _));
    }

    [Fact]
    public void Made_up_keys_neither_hide_a_real_one_nor_fill_the_log()
    {
        for (uint i = 0; i < 40_000; i++)
        {
            _keys.Saw(7, Ticket(session: i, issuedAt: 101 + i), 100 + i);
            _keys.Saw((ushort)(i % 30_000 + 8), Ticket(session: i, issuedAt: 101 + i), 100 + i);
        }

        int reported = 0;
        bool real = false;
        while (_keys.TryTake(out ushort key))
        {
            reported++;
            real |= key == 7;
        }

        Assert.True(real);
        Assert.InRange(reported, 1, UnknownKeys.KeysMax);
    }

    private static TicketClaim Ticket(uint session, uint issuedAt) => new(new SessionId(session, session), 1, issuedAt);
}
