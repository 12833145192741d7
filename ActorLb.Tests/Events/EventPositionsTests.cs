using ActorLb.Node.Events;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class EventPositionsTests
{
    private static readonly EventPositions Some = EventPositions.None.With(new EventId(5, "n1")).With(new EventId(9, "n2"));

    [Fact]
    public void Each_node_has_a_position_of_its_own()
    {
        Assert.True(Some.Has(new EventId(5, "n1")));
        Assert.False(Some.Has(new EventId(6, "n1")));
        Assert.True(Some.Has(new EventId(9, "n2")));
        Assert.False(Some.Has(new EventId(1, "n3")));
    }

    [Fact]
    public void An_earlier_event_takes_nothing_back() => Assert.Equal(9, Some.With(new EventId(3, "n2"))["n2"]);

    [Fact]
    public void What_is_written_is_read_again()
    {
        string text = Some.ToString();
        Assert.Equal("n1=0000000000000005,n2=0000000000000009", text);
        Assert.True(EventPositions.TryParse(text, out EventPositions read));
        Assert.Equal(text, read.ToString());
    }

    [Fact]
    public void All_nodes_have_seen_what_was_before_a_time()
    {
        EventPositions of = EventPositions.Of(DateTimeOffset.UnixEpoch.AddMilliseconds(1)).With(new EventId(2000, "[::1]:8110"));
        Assert.True(of.Has(new EventId(999, "n7")));
        Assert.False(of.Has(new EventId(1000, "n7")));
        Assert.True(EventPositions.TryParse(of.ToString(), out EventPositions read));
        Assert.Equal((999, 2000), (read["n7"], read["[::1]:8110"]));
    }

    [Fact]
    public void The_id_of_one_event_stands_for_all_before_it()
    {
        Assert.True(EventPositions.TryParse(new EventId(255, "n-1").ToString(), out EventPositions read));
        Assert.True(read.Has(new EventId(255, "other")));
        Assert.False(read.Has(new EventId(256, "n-1")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("n1=")]
    [InlineData("n1=5")]
    [InlineData("n1=ffffffffffffffff")]
    [InlineData("n1=00000000000000zz")]
    [InlineData("n1=0000000000000005,")]
    [InlineData("=0000000000000005")]
    [InlineData("0000000000000005-")]
    [InlineData("8000000000000000-n1")]
    [InlineData("0000000000000005 n1")]
    public void What_no_node_has_written_is_refused(string text) => Assert.False(EventPositions.TryParse(text, out _));

    [Theory]
    [InlineData(EventPositions.NodesMax, true)]
    [InlineData(EventPositions.NodesMax + 1, false)]
    [InlineData(100_000, false)]
    public void There_are_no_more_nodes_than_there_may_be(int nodes, bool isRead) =>
        Assert.Equal(isRead, EventPositions.TryParse(string.Join(',', Enumerable.Range(0, nodes).Select(i => $"n{i}=0000000000000001")), out _));

    [Fact]
    public void Of_too_many_the_one_that_was_silent_for_longest_is_left_to_the_others()
    {
        EventPositions all = Enumerable.Range(1, EventPositions.NodesMax + 1).Aggregate(EventPositions.None, (p, i) => p.With(new EventId(i, $"n{i}")));
        Assert.Equal(EventPositions.NodesMax, all.ByNode.Count());
        Assert.True(all.Has(new EventId(1, "n1")));
        Assert.False(all.Has(new EventId(2, "n1")));
    }

    [Fact]
    public void A_name_that_is_too_long_is_none() =>
        Assert.False(EventPositions.TryParse($"{new string('n', EventId.NodeLengthMax + 1)}=0000000000000001", out _));
}
