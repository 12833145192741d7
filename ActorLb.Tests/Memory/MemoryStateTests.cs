using ActorLb.Engine.Memory;
using Xunit;

namespace ActorLb.Tests.Memory;

public sealed class MemoryStateTests
{
    private const long Limit = 1000;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private MemoryState _state;
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void Below_the_limit_everything_is_taken()
    {
        Assert.Equal((MemoryLevel.Free, false), After(999));
    }

    [Fact]
    public void Garbage_refuses_nobody()
    {
        Assert.Equal((MemoryLevel.Free, true), After(1000));
        Assert.Equal((MemoryLevel.Free, false), After(1050));
        Assert.Equal((MemoryLevel.Free, false), After(400));
    }

    [Fact]
    public void What_a_collection_does_not_free_refuses_new_requests()
    {
        After(1000);
        After(1000);
        After(1000);

        Assert.Equal((MemoryLevel.Full, false), After(1000));
    }

    [Fact]
    public void A_tenth_beyond_the_limit_connections_are_refused_at_once()
    {
        Assert.Equal(MemoryLevel.Free, After(1099).Level);
        Assert.Equal(MemoryLevel.Over, After(1100).Level);
    }

    [Fact]
    public void Connections_are_taken_again_below_the_limit_and_requests_a_tenth_below_it()
    {
        After(1100);

        Assert.Equal(MemoryLevel.Over, After(1000).Level);
        Assert.Equal(MemoryLevel.Full, After(999).Level);
        Assert.Equal(MemoryLevel.Full, After(900).Level);
        Assert.Equal(MemoryLevel.Free, After(899).Level);
    }

    [Fact]
    public void While_it_is_full_a_collection_is_asked_for_now_and_then()
    {
        int looks = (int)(MemoryState.CollectionInterval / Look);
        int collections = Enumerable.Range(0, 5 * looks).Count(_ => After(1000).Collects);

        Assert.Equal(5, collections);
    }

    [Fact]
    public void A_limit_of_a_few_bytes_is_always_full()
    {
        _state = _state.After(5, 1, _now).Next;

        Assert.Equal(MemoryLevel.Over, _state.Level);
    }

    private (MemoryLevel Level, bool Collects) After(long used)
    {
        (_state, bool collects) = _state.After(used, Limit, _now);
        _now += Look;
        return (_state.Level, collects);
    }
}
