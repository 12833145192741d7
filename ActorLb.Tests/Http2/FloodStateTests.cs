using ActorLb.Engine.Http2;
using Xunit;

namespace ActorLb.Tests.Http2;

public sealed class FloodStateTests
{
    private const int Stream = 1;

    private FloodState _state = FloodState.Begin(0);
    private long _now;

    [Theory]
    [InlineData(FrameType.Ping, 0, 8, FloodKind.Pings)]
    [InlineData(FrameType.Ping, 1, 8, FloodKind.Pings)]
    [InlineData(FrameType.Settings, 0, 6, FloodKind.Settings)]
    [InlineData(FrameType.Settings, 1, 0, FloodKind.Settings)]
    [InlineData(FrameType.Priority, 0, 5, FloodKind.Priorities)]
    [InlineData(FrameType.Continuation, 0, 0, FloodKind.Continuations)]
    [InlineData(FrameType.Data, 0, 0, FloodKind.EmptyData)]
    [InlineData(FrameType.WindowUpdate, 0, 4, FloodKind.WindowUpdates)]
    [InlineData(FrameType.ResetStream, 0, 4, FloodKind.Resets)]
    [InlineData((FrameType)0x42, 0, 16384, FloodKind.UnknownFrames)]
    [InlineData(FrameType.GoAway, 0, 8, FloodKind.UnknownFrames)]
    public void A_flood_ends_by_its_name(object type, byte flags, int length, FloodKind kind)
    {
        for (int i = 0; i < 20_000; i++)
        {
            FloodKind seen = Send((FrameType)type, flags, length);
            if (seen != FloodKind.None)
            {
                Assert.Equal(kind, seen);
                return;
            }
        }

        Assert.Fail("it went on");
    }

    [Fact]
    public void Rapid_resets_end_although_each_comes_with_a_request()
    {
        int pairs = 0;
        FloodKind seen = FloodKind.None;
        while (seen == FloodKind.None && pairs < 10_000)
        {
            Assert.Equal(FloodKind.None, Send(FrameType.Headers, 5, 40));
            seen = Send(FrameType.ResetStream, 0, 4);
            pairs++;
        }

        Assert.Equal(FloodKind.Resets, seen);
        Assert.InRange(pairs, 500, 600);
    }

    [Fact]
    public void Half_an_hour_of_a_busy_browser_is_no_flood()
    {
        for (int second = 0; second < 1800; second++)
        {
            for (int request = 0; request < 200; request++)
            {
                Pass(FrameType.Headers, 5, 40);
                Pass(FrameType.Priority, 0, 5);
                Pass(FrameType.WindowUpdate, 0, 4);
                Pass(FrameType.WindowUpdate, 0, 4);
            }

            for (int cancelled = 0; cancelled < 50; cancelled++)
            {
                Pass(FrameType.ResetStream, 0, 4);
            }

            Pass(FrameType.Ping, 0, 8);
            _now += 1000;
        }
    }

    [Fact]
    public void Uploads_and_requests_cost_nothing()
    {
        for (int i = 0; i < 1_000_000; i++)
        {
            Pass(FrameType.Headers, 4, 40);
            Pass(FrameType.Data, 0, 1);
            Pass(FrameType.Data, 1, 0);
        }
    }

    [Fact]
    public void What_the_client_takes_pays_for_its_updates_of_windows()
    {
        for (int i = 0; i < 1_000_000; i++)
        {
            Pass(FrameType.WindowUpdate, 0, 4);
            _state = _state.WithTaken(4096);
        }
    }

    private void Pass(FrameType type, byte flags, int length) => Assert.Equal(FloodKind.None, Send(type, flags, length));

    private FloodKind Send(FrameType type, byte flags, int length)
    {
        (_state, FloodKind kind) = _state.After(new FrameFacts(type, flags, length, Stream), _now);
        return kind;
    }
}
