using System.Net;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class RoundRobinTests(ListenerEngine engine)
{
    [Fact]
    public async Task Requests_without_a_cookie_take_the_backends_in_the_listed_order()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using SampleBackend c = await SampleBackend.NamedAsync("c");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address, b.Address, c.Address);

        var order = new List<string>();
        for (int i = 0; i < 9; i++)
        {
            order.Add(await lane.GetAsync());
        }

        Assert.Equal(["a", "b", "c", "a", "b", "c", "a", "b", "c"], order);
    }

    [Fact]
    public async Task Concurrent_requests_are_spread_evenly_and_counted_exactly()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using SampleBackend c = await SampleBackend.NamedAsync("c");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Sticky = false }, a.Address, b.Address, c.Address);

        await Parallel.ForAsync(0, 300, async (_, _) => await lane.GetAsync());

        foreach (SampleBackend backend in new[] { a, b, c })
        {
            Assert.Equal(100, backend.Seen.Count);
            Assert.Equal(100, lane.Traffic(backend.Address).Requests);
            Assert.Equal(0, lane.Traffic(backend.Address).Failures);
        }

        await TestLane.UntilAsync(() => lane.Plane.Traffic.Values.All(t => t.InFlight == 0));
    }

    [Fact]
    public async Task A_pool_without_affinity_sets_no_cookie()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Sticky = false }, a.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }
}
