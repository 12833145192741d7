using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>The product as its users run it: processes, loopback, kill -9.</summary>
[Collection(ProcessesCollection.Name)]
public class ClusterTests
{
    private const int Seed = 20261123;

    [Fact]
    public async Task One_node_takes_the_backends_in_exactly_the_listed_order()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 1);
        for (int i = 0; i < 3; i++)
        {
            await cluster.WhenBackendIsAsync(i, "up");
        }

        var servers = new List<string>();
        for (int i = 0; i < 30; i++)
        {
            servers.Add((await new Browser(cluster.Client).GetAsync(cluster.Nodes[0].Http))!);
        }

        int first = int.Parse(servers[0].Split('-')[1]) - 1;
        Assert.Equal(Enumerable.Range(first, 30).Select(i => LoopbackCluster.BackendName(i % 3)), servers);
    }

    [Fact]
    public async Task Three_nodes_spread_9000_requests_within_three_per_backend()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync();
        for (int i = 0; i < 3; i++)
        {
            await cluster.WhenBackendIsAsync(i, "up");
        }

        var counts = new Dictionary<string, int>();
        var random = new Random(Seed);
        for (int batch = 0; batch < 180; batch++)
        {
            Browser[] browsers = [.. Enumerable.Range(0, 50).Select(_ => new Browser(cluster.Client))];
            Uri[] nodes = [.. browsers.Select(_ => cluster.Nodes[random.Next(3)].Http)];
            await Task.WhenAll(browsers.Select((b, i) => b.GetAsync(nodes[i])));
            foreach (Browser browser in browsers)
            {
                Assert.Empty(browser.Failures);
                counts[browser.Home] = counts.GetValueOrDefault(browser.Home) + 1;
            }
        }

        Assert.All(counts.Values, count => Assert.InRange(count, 2997, 3003));
    }

    [Fact]
    public async Task Sessions_stay_while_nodes_join_leave_and_are_killed()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 4, running: 3);
        List<Uri> live = [.. cluster.Nodes.Take(3).Select(n => n.Http)];
        Browser[] sessions = await SessionsAsync(cluster, 200, live);
        await using (var traffic = new Traffic(sessions, Seed, () => live))
        {
            await traffic.WhenAnsweredAsync(500);

            // A node joins.
            await cluster.StartNodeAsync(3);
            live = [.. live, cluster.Nodes[3].Http];
            await traffic.WhenAnsweredAsync(500);

            // kill -9 of the oldest node, which hosts the shard coordinator.
            live = [.. live.Skip(1)];
            await traffic.WhenAskedAnewAsync();
            cluster.Kill("lb1");
            await cluster.WhenClusterHasAsync(3);
            await traffic.WhenAnsweredAsync(500);

            // It comes back.
            await cluster.StartNodeAsync(0);
            live = [.. live, cluster.Nodes[0].Http];
            await traffic.WhenAnsweredAsync(500);

            // A node leaves in good order.
            live = [.. live.Where(u => u != cluster.Nodes[1].Http)];
            await traffic.WhenAskedAnewAsync();
            Assert.Equal(0, await cluster.Processes["lb2"].TerminateAsync());
            await traffic.WhenAnsweredAsync(500);
        }

        Assert.All(sessions, s => Assert.Empty(s.Failures));
        Assert.All(sessions, s => Assert.Equal(0, s.Moves));
    }

    [Fact]
    public async Task The_sessions_of_a_killed_backend_move_once_and_stay_when_it_returns()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync();
        List<Uri> live = [.. cluster.Nodes.Select(n => n.Http)];
        Browser[] sessions = await SessionsAsync(cluster, 150, live);
        Browser[] victims = [.. sessions.Where(s => s.Home == "web-2")];
        Assert.NotEmpty(victims);

        int failedUntilDown;
        await using (var traffic = new Traffic(sessions, Seed, () => live))
        {
            await traffic.WhenAnsweredAsync(300);
            cluster.Kill("web-2");
            await cluster.WhenBackendIsAsync(1, "down");

            // Their clients know by then what became of those that it had.
            await traffic.WhenAskedAnewAsync();
            failedUntilDown = sessions.Sum(s => s.Failures.Count);
            await traffic.WhenAnsweredAsync(1500);

            // Whoever asks only when it is back has nothing to move for.
            await cluster.Until("its sessions are elsewhere", () => Task.FromResult(victims.All(v => v.Home != "web-2")));
            await cluster.StartBackendAsync(1);
            await cluster.WhenBackendIsAsync(1, "up");
            await traffic.WhenAnsweredAsync(1000);
        }

        // At most the requests in flight at the killed backend: eight workers, one request each.
        Assert.InRange(failedUntilDown, 0, 8);
        Assert.Equal(failedUntilDown, sessions.Sum(s => s.Failures.Count));
        Assert.All(victims.Where(v => v.Moves > 0), v => Assert.Equal(1, v.Moves));
        Assert.All(victims, v => Assert.NotEqual("web-2", v.Home));
        Assert.All(sessions.Except(victims), s => Assert.Equal(0, s.Moves));

        // Every node agrees.
        foreach (Browser session in victims)
        {
            Assert.All(await HomesAsync(session, live), home => Assert.Equal(session.Home, home));
        }

        // New sessions reach it again.
        Assert.Contains(await SessionsAsync(cluster, 30, live), s => s.Home == "web-2");
    }

    [Fact]
    public async Task A_hundred_sessions_asked_for_on_all_nodes_at_once_get_one_new_home_each()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync();
        List<Uri> live = [.. cluster.Nodes.Select(n => n.Http)];
        Browser[] sessions = await SessionsAsync(cluster, 330, live);
        Browser[] victims = [.. sessions.Where(s => s.Home == "web-3").Take(100)];
        Assert.Equal(100, victims.Length);
        cluster.Kill("web-3");

        foreach (Browser[] batch in victims.Chunk(10))
        {
            string?[][] homes = await Task.WhenAll(batch.Select(s => HomesAsync(s, live)));
            Assert.All(homes, h => Assert.Single(h.Distinct()));
            Assert.All(homes, h => Assert.DoesNotContain("web-3", h));
            Assert.All(homes, h => Assert.All(h, Assert.NotNull));
        }
    }

    [Fact]
    public async Task Cookies_outlive_the_death_of_all_nodes()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync();
        List<Uri> live = [.. cluster.Nodes.Select(n => n.Http)];
        Browser[] sessions = await SessionsAsync(cluster, 60, live);
        foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
        {
            cluster.Kill(node.Name);
        }

        await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.StartNodeAsync));
        var random = new Random(Seed);
        foreach (Browser session in sessions)
        {
            await session.GetAsync(live[random.Next(3)]);
        }

        Assert.All(sessions, s => Assert.Empty(s.Failures));
        Assert.All(sessions, s => Assert.Equal(0, s.Moves));
    }

    [Fact]
    public async Task A_sick_backend_is_out_on_all_nodes_and_comes_back_by_itself()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync();
        await cluster.WhenBackendIsAsync(0, "up");
        (await cluster.Client.PostAsync(cluster.BackendUri(0, "/healthz?status=503"), null)).EnsureSuccessStatusCode();
        await cluster.WhenBackendIsAsync(0, "down");
        foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
        {
            for (int i = 0; i < 6; i++)
            {
                Assert.NotEqual("web-1", await new Browser(cluster.Client).GetAsync(node.Http));
            }
        }

        await cluster.Client.PostAsync(cluster.BackendUri(0, "/healthz?status=200"), null);
        await cluster.WhenBackendIsAsync(0, "up");
        var servers = new HashSet<string?>();
        for (int i = 0; i < 6; i++)
        {
            servers.Add(await new Browser(cluster.Client).GetAsync(cluster.Nodes[0].Http));
        }

        Assert.Contains("web-1", servers);
    }

    [Fact]
    public async Task A_drain_spreads_to_all_nodes_and_outlives_their_death()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync();
        List<Uri> live = [.. cluster.Nodes.Select(n => n.Http)];
        Browser[] sessions = await SessionsAsync(cluster, 12, live);
        Browser bound = sessions.First(s => s.Home == "web-1");
        string id = (await cluster.StatusAsync(0)).GetProperty("pools")[0].GetProperty("backends")[0].GetProperty("id").GetString()!;

        using HttpResponseMessage drained = await cluster.Client.PostAsJsonAsync(
            new Uri(cluster.Nodes[1].Admin, $"/api/v1/pools/web/backends/{Uri.EscapeDataString(id)}/drain"), new { deadline = "10m" });
        Assert.Equal(HttpStatusCode.OK, drained.StatusCode);
        await EverywhereAsync(cluster, "draining");
        Assert.All(await SessionsAsync(cluster, 12, live), s => Assert.NotEqual("web-1", s.Home));
        Assert.All(await HomesAsync(bound, live), home => Assert.Equal("web-1", home));

        foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
        {
            cluster.Kill(node.Name);
        }

        await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.StartNodeAsync));
        await EverywhereAsync(cluster, "draining");
        Assert.All(await HomesAsync(bound, live), home => Assert.Equal("web-1", home));
    }

    [Fact]
    public async Task Garbage_on_every_port_harms_nobody()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 2);
        LoopbackCluster.NodeAddress node = cluster.Nodes[0];
        byte[] garbage = new byte[64 * 1024];
        new Random(Seed).NextBytes(garbage);
        foreach (int port in new[] { node.ClusterPort, node.Http.Port, node.Admin.Port })
        {
            for (int i = 0; i < 20; i++)
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(node.Http.Host, port);
                try
                {
                    await socket.GetStream().WriteAsync(garbage.AsMemory(0, (i + 1) * 3000));
                }
                catch (IOException)
                {
                    // It hung up: as it should.
                }
            }
        }

        await cluster.WhenClusterHasAsync(2);
        Assert.NotNull(await new Browser(cluster.Client).GetAsync(node.Http));
        Assert.NotNull(await new Browser(cluster.Client).GetAsync(cluster.Nodes[1].Http));
    }

    private static Task EverywhereAsync(LoopbackCluster cluster, string state) => cluster.Until($"web-1 is {state} everywhere", async () =>
    {
        for (int i = 0; i < cluster.Nodes.Count; i++)
        {
            JsonElement backend = (await cluster.StatusAsync(i)).GetProperty("pools")[0].GetProperty("backends")[0];
            if (backend.GetProperty("operator").GetString() != state)
            {
                return false;
            }
        }

        return true;
    });

    private static async Task<Browser[]> SessionsAsync(LoopbackCluster cluster, int count, List<Uri> live)
    {
        Browser[] sessions = [.. Enumerable.Range(0, count).Select(_ => new Browser(cluster.Client))];
        for (int i = 0; i < count; i++)
        {
            // Twice, so that the ticket came back and the session is bound.
            await sessions[i].GetAsync(live[i % live.Count]);
            await sessions[i].GetAsync(live[(i + 1) % live.Count]);
            Assert.Empty(sessions[i].Failures);
        }

        return sessions;
    }

    private static async Task<string?[]> HomesAsync(Browser session, List<Uri> live) =>
        await Task.WhenAll(live.Select(node => session.Twin().GetAsync(node)));
}
