using System.Text.Json;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Cluster;
using ActorLb.Tests.Cluster.Clocks;
using ActorLb.Tests.Health;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>Somebody sets a node's own clock while it runs: what has happened is no other time ago than it was.</summary>
public sealed class ClockJumpTests : IDisposable
{
    private static readonly TimeSpan Jump = TimeSpan.FromHours(3);

    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-clockjump-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task All_that_a_node_says_since_when_it_is_moves_with_its_clock()
    {
        var time = new OffsetTime(TimeSpan.Zero);
        string address = LoopbackPorts.OwnAddress();
        PoolSettings web = TestPools.Pool("web", $"http://{address}:9");
        NodeSettings settings = TestPools.Node(web with { Affinity = web.Affinity with { Keys = [] } }) with
        {
            DataDirectory = _directory,
            Cluster = new ClusterSettings(address, LoopbackPorts.Free(address, 1)[0], [], TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), null),
        };
        await using var node = new BalancerNode(settings, NullLoggerFactory.Instance, time);
        await node.StartAsync(default);
        await Eventually.Holds(() => node.Plane.Routing.Pools["web"].Backends[0].Health == BackendHealth.Down, "nobody listens there");
        using var client = new HttpClient();

        time.Ahead = -Jump;

        await Eventually.Holds(() => node.Plane.Clock.UtcNow < DateTimeOffset.UtcNow - (Jump / 2), "it alone says what time it is");
        JsonElement status = JsonElement.Parse(await client.GetStringAsync($"http://{node.AdminEndpoint}/api/v1/status"));
        using var feed = new StreamReader(await client.GetStreamAsync($"http://{node.AdminEndpoint}/api/v1/live"));
        string? line;
        do
        {
            line = await feed.ReadLineAsync();
        }
        while (line?.StartsWith("data: ", StringComparison.Ordinal) == false);
        JsonElement live = JsonElement.Parse(line!["data: ".Length..]);
        DateTimeOffset now = status.GetProperty("time").GetDateTimeOffset();
        (string, DateTimeOffset)[] since =
        [
            ("backend", status.GetProperty("pools")[0].GetProperty("backends")[0].GetProperty("since").GetDateTimeOffset()),
            ("storage", status.GetProperty("storage").GetProperty("since").GetDateTimeOffset()),
            ("files", status.GetProperty("configuration").GetProperty("loadedAt").GetDateTimeOffset()),
            ("start", live.GetProperty("nodes")[0].GetProperty("startedAt").GetDateTimeOffset()),
            .. status.GetProperty("troubles").EnumerateArray().Select(t => (t.GetProperty("key").GetString()!, t.GetProperty("since").GetDateTimeOffset())),
        ];
        Assert.Contains("nobody:web", since.Select(s => s.Item1));
        Assert.All(since, s => Assert.InRange(now - s.Item2, TimeSpan.FromSeconds(-1), Jump / 2));
    }

    [Fact]
    public void A_drain_is_not_over_sooner_because_a_clock_is_set()
    {
        var time = new ManualTime();
        var plane = new DataPlane(TestPools.Node(TestPools.Pool("web", "http://s:1")), time);
        var director = new TrafficDirector(plane);
        DateTimeOffset deadline = plane.Clock.UtcNow.AddMinutes(1);
        PoolSnapshot pool = plane.Routing.Pools["web"];
        PoolSnapshot drains = RoutingSnapshots.Pool(
            pool.Settings, _ => new BackendCondition(BackendHealth.Up, plane.Steady.GetUtcNow(), OperatorState.Draining, deadline, false, 1), id => plane.Traffic[new BackendName("web", id)], pool.Cursor, null, plane.Steady.GetUtcNow());
        time.WallClockError = Jump;
        Assert.False(director.IsOver(drains));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(director.IsOver(drains));
    }

    [Fact]
    public void The_time_by_which_things_are_kept_runs_on_when_the_clock_is_set()
    {
        var time = new ManualTime();
        var plane = new DataPlane(TestPools.Node(TestPools.Pool("web", "http://s:1")), time);
        DateTimeOffset start = time.GetUtcNow();
        time.WallClockError = Jump;
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(start.AddSeconds(7), plane.Steady.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, plane.Clock.Ahead);
        plane.Clock.Look(s => s);
        Assert.Equal(-Jump, plane.Clock.Ahead);
        Assert.Equal(start.AddSeconds(7) + Jump, plane.Clock.UtcNow);
    }
}
