using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Routes that share their sessions out over several pools.</summary>
public abstract class SplitTests(ListenerEngine engine)
{
    [Fact]
    public async Task New_sessions_go_by_weight_exactly_and_stay_where_they_are_whatever_the_weights_become()
    {
        await using SampleBackend blue = await SampleBackend.NamedAsync("blue");
        await using SampleBackend green = await SampleBackend.NamedAsync("green");
        await using TestLane lane = await SplitAsync(blue, green, 3, 1, sticky: true);
        var sessions = new List<(string Side, string Cookie)>();
        for (int i = 0; i < 40; i++)
        {
            using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");
            sessions.Add((await answer.Content.ReadAsStringAsync(), TestLane.TicketOf(answer)!));
        }

        Assert.Equal(30, sessions.Count(s => s.Side == "blue"));
        Assert.Equal(10, sessions.Count(s => s.Side == "green"));
        foreach ((int left, int right) in new[] { (1, 3), (0, 1), (1, 0) })
        {
            await WeighAsync(lane, left, right);
            foreach ((string side, string cookie) in sessions)
            {
                Assert.Equal(side, await lane.GetAsync("/", cookie));
            }
        }

        await WeighAsync(lane, 0, 1);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("green", await lane.GetAsync());
        }
    }

    [Fact]
    public async Task A_side_that_keeps_no_sessions_any_more_gives_them_to_the_others()
    {
        await using SampleBackend blue = await SampleBackend.NamedAsync("blue");
        await using SampleBackend green = await SampleBackend.NamedAsync("green");
        await using TestLane lane = await SplitAsync(blue, green, 1, 0, sticky: true);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        string cookie = TestLane.TicketOf(first)!;
        Assert.Equal("blue", await first.Content.ReadAsStringAsync());
        await WeighAsync(lane, 0, 1);
        Assert.Equal("blue", await lane.GetAsync("/", cookie));

        lane.Publish(blue.Address, BackendHealth.Up, OperatorState.Maintenance);

        using HttpResponseMessage moved = await lane.SendAsync(HttpMethod.Get, "/", cookie);
        Assert.Equal("green", await moved.Content.ReadAsStringAsync());
        Assert.NotEqual(cookie, TestLane.TicketOf(moved));
        lane.Publish(blue.Address);
        Assert.Equal("green", await lane.GetAsync("/", TestLane.TicketOf(moved)));
    }

    [Theory]
    [InlineData(true, "green")]
    [InlineData(false, "blue")]
    public async Task A_side_whose_drain_is_over_gives_its_sessions_to_the_others(bool isOver, string side)
    {
        await using SampleBackend blue = await SampleBackend.NamedAsync("blue");
        await using SampleBackend green = await SampleBackend.NamedAsync("green");
        await using TestLane lane = await SplitAsync(blue, green, 1, 0, sticky: true);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        await WeighAsync(lane, 0, 1);

        lane.Publish(blue.Address, BackendHealth.Up, OperatorState.Draining, drainOver: isOver);

        Assert.Equal(side, await lane.GetAsync("/", TestLane.TicketOf(first)));
    }

    [Fact]
    public async Task A_pool_that_nobody_serves_has_no_share_and_a_forged_ticket_no_side()
    {
        await using SampleBackend blue = await SampleBackend.NamedAsync("blue");
        await using SampleBackend green = await SampleBackend.NamedAsync("green");
        await using TestLane lane = await SplitAsync(blue, green, 1, 1, sticky: true);
        lane.Publish(blue.Address, BackendHealth.Down);
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal("green", await lane.GetAsync("/", i % 2 == 0 ? null : "ALB=" + new string('A', 80)));
        }
    }

    [Fact]
    public async Task Without_affinity_each_request_goes_by_weight()
    {
        await using SampleBackend blue = await SampleBackend.NamedAsync("blue");
        await using SampleBackend green = await SampleBackend.NamedAsync("green");
        await using TestLane lane = await SplitAsync(blue, green, 1, 4, sticky: false);
        var sides = new List<string>();
        for (int i = 0; i < 50; i++)
        {
            sides.Add(await lane.GetAsync());
        }

        Assert.Equal(10, sides.Count(s => s == "blue"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_keeps_its_side_when_another_route_leads_its_client_to_the_other(bool isFirst)
    {
        await using SampleBackend blue = await SampleBackend.NamedAsync("blue");
        await using SampleBackend green = await SampleBackend.NamedAsync("green");
        await using TestLane lane = await SplitAsync(blue, green, 0, 1, sticky: true, greenCookie: "GREEN");
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        Assert.Equal("green", await first.Content.ReadAsStringAsync());
        string split = TestLane.TicketOf(first, "GREEN")!;
        var shares = new List<PoolShare> { new("web", 9), new("green", 1) };
        if (!isFirst)
        {
            shares.Reverse();
        }

        await lane.ApplyAsync((Topology t) => t with { Routes = [t.Routes[0] with { Shares = [.. shares] }, new RouteSettings("*", "/api", "web")] });
        using HttpResponseMessage other = await lane.SendAsync(HttpMethod.Get, "/api", split);
        Assert.Equal("blue", await other.Content.ReadAsStringAsync());
        string both = $"{TestLane.TicketOf(other)}; {split}";

        Assert.StartsWith("ALB=", both, StringComparison.Ordinal);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("green", await lane.GetAsync("/", both));
            Assert.Equal("blue", await lane.GetAsync("/api", both));
        }
    }

    [Fact]
    public async Task A_session_that_another_route_began_decides_the_side_where_there_is_no_other()
    {
        await using SampleBackend blue = await SampleBackend.NamedAsync("blue");
        await using SampleBackend green = await SampleBackend.NamedAsync("green");
        await using TestLane lane = await SplitAsync(blue, green, 0, 1, sticky: true, greenCookie: "GREEN");
        await lane.ApplyAsync((Topology t) => t with { Routes = [t.Routes[0], new RouteSettings("*", "/api", "web")] });
        using HttpResponseMessage other = await lane.SendAsync(HttpMethod.Get, "/api");

        Assert.Equal("blue", await lane.GetAsync("/", TestLane.TicketOf(other)));
        Assert.Equal("green", await lane.GetAsync());
    }

    private static Task WeighAsync(TestLane lane, int blue, int green) => lane.ApplyAsync(
        (Topology t) => t with { Routes = [t.Routes[0] with { Pool = "", Shares = [new PoolShare("web", blue), new PoolShare("green", green)] }] });

    private async Task<TestLane> SplitAsync(SampleBackend blue, SampleBackend green, int blueWeight, int greenWeight, bool sticky, string greenCookie = "ALB")
    {
        TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Sticky = sticky }, blue.Address);
        PoolSettings pool = lane.Topology.Pools["web"];
        await lane.ApplyAsync((Topology t) => t with
        {
            Pools = t.Pools.Add("green", pool with
            {
                Name = "green",
                Backends = [new BackendSettings(green.Address.Authority, green.Address, 1)],
                Affinity = pool.Affinity with { Cookie = pool.Affinity.Cookie with { Name = greenCookie } },
            }),
        });
        var well = new BackendCondition(BackendHealth.Up, DateTimeOffset.UnixEpoch, OperatorState.Ready, null, false, 1);
        lane.Plane.Publish(RoutingSnapshots.Pool(
            lane.Topology.Pools["green"], _ => well, id => lane.Plane.Traffic[new BackendName("green", id)], lane.Plane.Cursors["green"]));
        lane.Publish(blue.Address);
        await WeighAsync(lane, blueWeight, greenWeight);
        return lane;
    }
}
