using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class SilentClientTests(ListenerEngine engine)
{
    [Theory]
    [InlineData("", "")]
    [InlineData("GET / HT", "HTTP/1.1 408")]
    public async Task A_new_connection_has_no_longer_for_its_first_head_than_header_timeout(string sent, string answer)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { HeaderTimeout = TimeSpan.FromSeconds(2) }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        if (sent.Length > 0)
        {
            await client.SendAsync(sent);
        }

        Assert.StartsWith(answer, await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_has_asked_once_may_be_silent_for_longer()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { HeaderTimeout = TimeSpan.FromSeconds(2), Loops = 1 }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.ReadHeadAsync();

        // A later one that asks nothing is closed; this one is not.
        using RawClient silent = await RawClient.ConnectAsync(lane.Endpoint);
        await silent.ReadToEndAsync();

        await client.SendAsync("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }
}
