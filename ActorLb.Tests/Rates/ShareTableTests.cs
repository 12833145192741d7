using ActorLb.Engine.Rates;
using ActorLb.Shared.Messages;
using Xunit;

namespace ActorLb.Tests.Rates;

/// <summary>What a node lets through of a limit that the cluster has, by a clock of the test's.</summary>
public sealed class ShareTableTests
{
    private readonly SharesInForce _inForce = new();

    [Fact]
    public void A_node_that_is_alone_has_all_of_the_limit()
    {
        ShareTable table = Table(10, 5);
        Assert.Equal(5, Passed(table, 20, At(0)));
        Assert.Equal(TimeSpan.FromMilliseconds(100), table.Take(1, At(0)));
        Assert.Equal(0, Passed(table, 20, At(0.099)));
        Assert.Equal(1, Passed(table, 20, At(0.1)));
        Assert.Equal(2, Passed(table, 20, At(0.3)));
        Assert.Equal(5, Passed(table, 20, At(60)));
    }

    [Fact]
    public void Without_an_owner_each_of_three_nodes_has_a_third()
    {
        _inForce.Follow(3, 7);
        ShareTable table = Table(30, 9);
        Assert.Equal(3, Passed(table, 20, At(0)));
        Assert.Equal(1, Passed(table, 20, At(0.1)));
        Assert.Equal(3, Passed(table, 20, At(60)));
        Assert.Equal(TimeSpan.FromMilliseconds(100), table.Take(1, At(60)));
    }

    [Fact]
    public void A_burst_that_is_smaller_than_there_are_nodes_lets_one_through_at_each()
    {
        _inForce.Follow(8, 7);
        ShareTable table = Table(1, 1);
        Assert.Equal(1, Passed(table, 20, At(0)));
        Assert.Equal(0, Passed(table, 20, At(7.9)));
        Assert.Equal(1, Passed(table, 20, At(8)));
    }

    [Fact]
    public void A_share_that_grows_fills_faster_from_then_on_and_gives_nothing_at_once()
    {
        _inForce.Follow(2, 7);
        ShareTable table = Table(10, 10);
        Assert.Equal(5, Passed(table, 20, At(0)));
        table.Give(1, 1, At(10), At(0), 7);
        Assert.Equal(0, Passed(table, 20, At(0)));
        Assert.Equal(1, Passed(table, 20, At(0.1)));
        Assert.Equal(10, Passed(table, 20, At(5)));
    }

    [Fact]
    public void A_share_that_is_taken_away_takes_what_it_has_filled()
    {
        _inForce.Follow(2, 7);
        ShareTable table = Table(10, 10);
        table.Take(1, At(0));
        table.Give(1, 0, At(10), At(0), 7);
        Assert.Equal(1, Passed(table, 20, At(9)));
        Assert.Equal(0, Passed(table, 20, At(9.9)));
    }

    [Fact]
    public void A_share_that_nobody_gives_again_ends_and_what_it_filled_until_then_counts()
    {
        _inForce.Follow(2, 7);
        ShareTable table = Table(10, 100);
        Assert.Equal(50, Passed(table, 100, At(0)));
        table.Give(1, 1, At(2), At(0), 7);
        Assert.Equal(1, table.ShareOf(1, At(1.9)));
        Assert.Equal(0.5, table.ShareOf(1, At(2)));

        // Two seconds of ten, and one of five.
        Assert.Equal(25, Passed(table, 100, At(3)));
    }

    [Fact]
    public void A_share_of_other_members_does_not_count_nor_does_one_from_before_they_changed()
    {
        _inForce.Follow(2, 7);
        ShareTable table = Table(10, 10);
        table.Take(1, At(0));
        table.Give(1, 1, At(2), At(0), 8);
        Assert.Equal(0.5, table.ShareOf(1, At(0)));
        table.Give(1, 1, At(2), At(0), 7);
        Assert.Equal(1, table.ShareOf(1, At(0)));

        _inForce.Follow(4, 9);
        Assert.Equal(0.25, table.ShareOf(1, At(0)));
    }

    [Fact]
    public void An_owner_hears_of_a_key_above_half_of_the_even_share_until_it_is_below_an_eighth()
    {
        _inForce.Follow(2, 7);
        ShareTable table = Table(100, 100);
        for (int i = 0; i < 24; i++)
        {
            table.Take(1, At(0));
        }

        Assert.Empty(Hot(table, 0));
        table.Take(1, At(0));
        table.Take(1, At(0));
        Assert.Equal([new RatePart(new RateKeyId(9, 1), 260_000)], Hot(table, 0));
        Assert.Empty(Hot(table, 1));

        // With a share of its own it is one for longer.
        table.Give(1, 0.9, At(10), At(0), 7);
        Assert.Single(Hot(table, 1));
        Assert.Empty(Hot(table, 1.5));
    }

    [Fact]
    public void What_is_refused_is_asked_for_as_well()
    {
        ShareTable table = Table(10, 1);
        for (int i = 0; i < 50; i++)
        {
            table.Take(1, At(0));
        }

        // All of the limit and a little: more gets no more.
        Assert.Equal(1_500_000u, Assert.Single(Hot(table, 0)).Millionths);
    }

    [Fact]
    public void A_limit_of_an_hour_remembers_for_longer_than_a_second()
    {
        _inForce.Follow(2, 7);
        var table = new ShareTable(9, 10, TimeSpan.FromHours(1), 10, 64, _inForce);
        table.Take(1, At(0));
        Assert.Single(Hot(table, 60));
        Assert.Empty(Hot(table, 3600));
    }

    [Fact]
    public void Many_keys_take_no_more_room_and_one_that_is_asked_for_most_is_not_displaced()
    {
        var table = new ShareTable(9, 100, TimeSpan.FromHours(1), 100, ShareTable.PlacesMax, _inForce);
        Assert.Equal(100, Passed(table, 200, At(0)));
        for (ulong key = 1000; key < 300_000; key++)
        {
            table.Take(key, At(1));
        }

        Assert.Equal(0, Passed(table, 10, At(2)));
    }

    private ShareTable Table(int requests, int burst) => new(9, requests, TimeSpan.FromSeconds(1), burst, 64, _inForce);

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static int Passed(ShareTable table, int tries, TimeSpan now) => Enumerable.Range(0, tries).Count(_ => table.Take(1, now) == TimeSpan.Zero);

    private static List<RatePart> Hot(ShareTable table, double seconds)
    {
        var hot = new List<RatePart>();
        table.AddHot(hot, At(seconds));
        return hot;
    }
}
