using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>One backend that is called by its name, while the name moves from one server to another.</summary>
public sealed class MovingNameTests : NamedServers
{
    [Fact]
    public async Task Requests_and_probes_follow_the_name_without_a_pause_and_a_silent_name_server_changes_nothing()
    {
        await ServeAsync("127.0.0.5");
        await ServeAsync("127.0.0.6");
        LeadTo("127.0.0.5");
        PoolSettings web = TestPools.Pool("web", $"http://moving.test:{Port}");
        await StartAsync(web with { Health = web.Health with { Interval = TimeSpan.FromMilliseconds(100), FastInterval = TimeSpan.FromMilliseconds(100) } });
        Assert.Equal("127.0.0.5", (await AskAsync(null)).Server);

        // Requests never cease: their connections would never grow idle.
        LeadTo("127.0.0.6");
        await UntilAsync(async () => (await AskAsync(null)).Server == "127.0.0.6");

        LeadTo(null);
        int probes = ProbesOf("127.0.0.6");
        await UntilAsync(async () => (await AskAsync(null)).Server == "127.0.0.6" && ProbesOf("127.0.0.6") > probes + 20);
        Assert.Equal(BackendHealth.Up, Pool.Backends.Single().Health);
    }
}
