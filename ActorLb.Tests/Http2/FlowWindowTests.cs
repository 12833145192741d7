using ActorLb.Engine.Http2;
using Xunit;

namespace ActorLb.Tests.Http2;

public sealed class FlowWindowTests
{
    [Theory]
    [InlineData(99, true, 1)]
    [InlineData(100, true, 0)]
    [InlineData(101, false, 100)]
    [InlineData(0, true, 100)]
    public void All_is_taken_or_nothing(int bytes, bool isTaken, int left)
    {
        var window = new FlowWindow(100);
        Assert.Equal(isTaken, window.TryTake(bytes));
        Assert.Equal(left, window.Size);
    }

    [Fact]
    public void As_much_is_taken_as_there_is()
    {
        var window = new FlowWindow(100);
        Assert.Equal(60, window.Take(60));
        Assert.Equal(40, window.Take(60));
        Assert.Equal(0, window.Take(60));
        Assert.Equal(0, window.Size);
        Assert.True(window.TryShift(-10));
        Assert.Equal(0, window.Take(60));
        Assert.Equal(-10, window.Size);
        Assert.True(window.TryTake(0));
        Assert.False(window.TryTake(1));
    }

    [Fact]
    public void An_update_without_anything_is_an_error()
    {
        var window = new FlowWindow(100);
        Assert.False(window.TryAdd(0, out Http2Error error));
        Assert.Equal((Http2Error.ProtocolError, 100), (error, window.Size));
    }

    [Theory]
    [InlineData(100, 0x7fffffffu - 101, true)]
    [InlineData(100, 0x7fffffffu - 100, true)]
    [InlineData(100, 0x7fffffffu - 99, false)]
    [InlineData(int.MaxValue, 1u, false)]
    [InlineData(int.MaxValue, 0x7fffffffu, false)]
    [InlineData(0, uint.MaxValue, false)]
    [InlineData(-5, 0x7fffffffu, true)]
    public void No_window_is_above_two_to_the_31st(int size, uint increment, bool isAdded)
    {
        var window = new FlowWindow(size);
        Assert.Equal(isAdded, window.TryAdd(increment, out Http2Error error));
        Assert.Equal(isAdded ? (Http2Error.NoError, (int)(size + increment)) : (Http2Error.FlowControlError, size), (error, window.Size));
    }

    [Fact]
    public void The_initial_window_may_change_to_below_what_was_sent_and_back()
    {
        var window = new FlowWindow(65_535);
        Assert.True(window.TryTake(60_000));
        Assert.True(window.TryShift(-65_535));
        Assert.Equal(-60_000, window.Size);
        Assert.True(window.TryAdd(60_000, out _));
        Assert.Equal(0, window.Size);
        Assert.True(window.TryShift(65_535));
        Assert.Equal(65_535, window.Size);
    }

    [Theory]
    [InlineData(1, int.MaxValue - 1, true)]
    [InlineData(1, int.MaxValue, false)]
    [InlineData(int.MaxValue, 1, false)]
    [InlineData(-1, int.MinValue, false)]
    [InlineData(0, int.MinValue, true)]
    public void A_change_that_leads_too_far_changes_nothing(int size, int delta, bool isShifted)
    {
        var window = new FlowWindow(size);
        Assert.Equal(isShifted, window.TryShift(delta));
        Assert.Equal(isShifted ? size + delta : size, window.Size);
    }
}
