using System.Net;
using ActorLb.Engine.Listeners;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class ConnectionTests(ListenerEngine engine)
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    [Theory]
    [InlineData(2, 0)]
    [InlineData(0, 2)]
    public async Task What_is_beyond_a_limit_is_closed_without_an_answer_and_counted(int perListener, int perAddress)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { ConnectionsMax = perListener, ConnectionsPerAddressMax = perAddress }, backend.Address);
        using RawClient first = await RawClient.ConnectAsync(lane.Endpoint);
        using RawClient second = await RawClient.ConnectAsync(lane.Endpoint);
        ListenerConnections counts = await CountsAsync(lane);
        await TestLane.UntilAsync(() => counts.Accepted == 2);

        using (RawClient third = await RawClient.ConnectAsync(lane.Endpoint))
        {
            Assert.Equal("", await third.ReadToEndAsync());
        }

        Assert.Equal((2, perListener / 2, perAddress / 2), (counts.Open, (int)counts.RefusedForListener, (int)counts.RefusedForAddress));
        await first.SendAsync(Request);
        Assert.StartsWith("HTTP/1.1 200", await first.ReadToEndAsync(), StringComparison.Ordinal);

        await TestLane.UntilAsync(() => counts.Open == 1);
        using RawClient fourth = await RawClient.ConnectAsync(lane.Endpoint);
        await fourth.SendAsync(Request);
        Assert.StartsWith("HTTP/1.1 200", await fourth.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trusted_proxy_may_have_more()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { ConnectionsPerAddressMax = 1, TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] }, backend.Address);
        using RawClient first = await RawClient.ConnectAsync(lane.Endpoint);
        using RawClient second = await RawClient.ConnectAsync(lane.Endpoint);
        ListenerConnections counts = await CountsAsync(lane);
        await TestLane.UntilAsync(() => counts.Open == 2);
    }

    private static async Task<ListenerConnections> CountsAsync(TestLane lane)
    {
        await TestLane.UntilAsync(() => lane.Plane.Connections.Listeners.Any());
        return lane.Plane.Connections.Listeners.Single().Value;
    }
}
