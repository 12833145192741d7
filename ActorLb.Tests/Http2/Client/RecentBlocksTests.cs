using ActorLb.Engine.Clients;
using ActorLb.Engine.Http2.Client;
using Xunit;

namespace ActorLb.Tests.Http2.Client;

public sealed class RecentBlocksTests
{
    private readonly RecentBlocks _blocks = new();

    [Fact]
    public void Who_sent_last_and_heard_nothing_is_suspected_once()
    {
        _blocks.Send(Client(1));
        _blocks.Send(Client(2));
        _blocks.Send(Client(1));

        Assert.Equal([Client(1), Client(2)], _blocks.TakeSuspects().OrderBy(c => c.Network));
        Assert.Empty(_blocks.TakeSuspects());
    }

    [Fact]
    public void What_was_sent_before_a_block_that_was_read_was_read()
    {
        _blocks.Send(Client(1));
        long read = _blocks.Send(Client(2));
        _blocks.Send(Client(3));
        _blocks.Bear(read);
        _blocks.Bear(1);

        Assert.Equal([Client(3)], _blocks.TakeSuspects());
    }

    [Fact]
    public void Who_sends_again_is_suspected_for_what_came_last()
    {
        long first = _blocks.Send(Client(1));
        _blocks.Send(Client(2));
        _blocks.Send(Client(1));
        _blocks.Bear(first);
        Assert.Equal([Client(1), Client(2)], _blocks.TakeSuspects().OrderBy(c => c.Network));

        _blocks.Send(Client(2));
        _blocks.Bear(_blocks.Send(Client(1)));
        Assert.Empty(_blocks.TakeSuspects());
    }

    [Fact]
    public void Nobody_is_suspected_where_the_peer_leaves()
    {
        _blocks.Send(Client(1));
        _blocks.BearAll();

        Assert.Empty(_blocks.TakeSuspects());
    }

    [Theory]
    [InlineData(RecentBlocks.ClientsMax - 1)]
    [InlineData(RecentBlocks.ClientsMax)]
    [InlineData(RecentBlocks.ClientsMax + 1)]
    public void Of_many_the_last_are_known(int clients)
    {
        for (int i = 1; i <= clients; i++)
        {
            _blocks.Send(Client(i));
        }

        int known = Math.Min(clients, RecentBlocks.ClientsMax);
        Assert.Equal(Enumerable.Range(clients - known + 1, known).Select(Client), _blocks.TakeSuspects().OrderBy(c => c.Network));
    }

    [Fact]
    public void One_client_that_sends_much_drives_out_nobody()
    {
        _blocks.Send(Client(1));
        for (int i = 0; i < 10 * RecentBlocks.ClientsMax; i++)
        {
            _blocks.Send(Client(2 + (i % 3)));
        }

        Assert.Contains(Client(1), _blocks.TakeSuspects());
    }

    private static ClientKey Client(int number) => new(true, (ulong)number);
}
