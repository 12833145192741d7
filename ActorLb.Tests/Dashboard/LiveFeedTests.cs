using ActorLb.Node.Dashboard;
using ActorLb.Tests.Cluster;
using ActorLb.Tests.Health;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Dashboard;

public sealed class LiveFeedTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ManualTime _time = new();
    private int _made;

    [Fact]
    public async Task A_message_is_made_once_for_all_who_follow()
    {
        LiveFeed feed = Feed();
        LiveFollower one = feed.TryFollow()!;
        await NextAsync(one);
        LiveFollower other = feed.TryFollow()!;
        for (int made = 2; made <= 3; made++)
        {
            await SecondAsync();
            Assert.Same(await NextAsync(one), await NextAsync(other));
            Assert.Equal(made, Volatile.Read(ref _made));
        }
    }

    [Fact]
    public async Task Who_reads_too_slowly_is_dropped_and_the_others_go_on()
    {
        LiveFeed feed = Feed();
        LiveFollower quick = feed.TryFollow()!;
        await NextAsync(quick);
        LiveFollower slow = feed.TryFollow()!;
        for (int behind = 1; behind <= LiveFollower.BehindMax; behind++)
        {
            await SecondAsync();
            await NextAsync(quick);
            Assert.False(slow.WhenDropped.IsCompleted);
        }

        await SecondAsync();
        await NextAsync(quick);
        await slow.WhenDropped.WaitAsync(Patience);
        Assert.Equal((1, 1), (feed.Count, feed.Dropped));
        await SecondAsync();
        await NextAsync(quick);
    }

    [Fact]
    public void Those_who_follow_are_bounded()
    {
        LiveFeed feed = Feed();
        LiveFollower[] all = [.. Enumerable.Range(0, LiveFeed.FollowersMax).Select(_ => feed.TryFollow()!)];
        Assert.All(all, Assert.NotNull);
        Assert.Null(feed.TryFollow());
        feed.Leave(all[0]);
        Assert.NotNull(feed.TryFollow());
    }

    [Fact]
    public async Task Nothing_is_made_for_nobody()
    {
        LiveFeed feed = Feed();
        LiveFollower one = feed.TryFollow()!;
        await NextAsync(one);
        feed.Leave(one);
        for (int i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        Assert.Equal(1, Volatile.Read(ref _made));
        LiveFollower other = feed.TryFollow()!;
        await AdvanceUntilMadeAsync(2);
        await NextAsync(other);
    }

    [Fact]
    public async Task A_message_that_cannot_be_made_is_left_out_and_the_next_one_comes()
    {
        bool fails = true;
        var feed = new LiveFeed(_time, () => fails ? throw new InvalidOperationException("not now") : Task.FromResult(new byte[1]), NullLogger.Instance);
        LiveFollower one = feed.TryFollow()!;
        fails = false;
        Task<byte[]> next = NextAsync(one);
        while (!next.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        Assert.Single(await next);
    }

    [Fact]
    public async Task All_end_when_the_node_stops_and_nobody_comes_after()
    {
        LiveFeed feed = Feed();
        LiveFollower one = feed.TryFollow()!;
        await NextAsync(one);
        feed.Close();
        await foreach (byte[] _ in one.Messages(CancellationToken.None))
        {
            // What was on its way comes still.
        }

        Assert.Null(feed.TryFollow());
        Assert.False(one.WhenDropped.IsCompleted);
    }

    private LiveFeed Feed() => new(_time, () => Task.FromResult(new[] { (byte)Interlocked.Increment(ref _made) }), NullLogger.Instance);

    private static async Task<byte[]> NextAsync(LiveFollower follower)
    {
        await using IAsyncEnumerator<byte[]> messages = follower.Messages(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(Patience));
        return messages.Current;
    }

    // The feed's pause begins after a message was given, and one more is made when it is over.
    private async Task SecondAsync()
    {
        await Eventually.Holds(() => _time.NextRing is not null, "the feed rests");
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    // Where it may not have begun to rest: time goes on until the next one is made.
    private async Task AdvanceUntilMadeAsync(int made)
    {
        while (Volatile.Read(ref _made) < made)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }
    }
}
