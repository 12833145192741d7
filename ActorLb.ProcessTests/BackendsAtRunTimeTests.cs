using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActorLb.Tests;
using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>Servers come, weigh more and go while clients work, and what was decided outlives every node.</summary>
[Collection(ProcessesCollection.Name)]
public class BackendsAtRunTimeTests
{
    private const int Sessions = 60;

    [Fact]
    public async Task A_server_is_added_weighed_and_removed_under_load_and_nothing_of_it_is_forgotten_when_all_nodes_are_killed()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(poolExtra: "drain.deadline = 1h");
        Uri[] balancers = [.. cluster.Nodes.Select(n => n.Http)];
        int extraPort = LoopbackPorts.Free(cluster.Nodes[0].Http.Host, 1)[0];
        string extraAddress = $"{cluster.Nodes[0].Http.Host}:{extraPort}";
        cluster.Processes["web-extra"] = ActorLbProcess.Start("backend", "--listen", extraAddress, "--name", "web-extra");
        Browser[] browsers = [.. Enumerable.Range(0, Sessions).Select(_ => new Browser(cluster.Client))];
        await AllAskAsync(browsers, balancers, times: 2);
        var pages = new List<TunnelClient>();
        IReadOnlyList<Uri> asked = balancers;
        try
        {
            Browser[] newcomers;
            await using (var traffic = new Traffic(browsers, seed: 5, () => asked))
            {
                Assert.Equal(HttpStatusCode.OK, await SendAsync(cluster, 0, HttpMethod.Post, "pools/web/backends", new { address = $"http://{extraAddress}", id = "extra" }));
                await WhenAllSayAsync(cluster, "extra is up", b => b.GetProperty("id").GetString() == "extra" && b.GetProperty("state").GetString() == "up");
                Assert.Equal(HttpStatusCode.OK, await SendAsync(cluster, 1, HttpMethod.Put, "pools/web/backends/extra/weight", new { weight = 27 }));

                // 27 of 30 turns are its own.
                newcomers = [.. Enumerable.Range(0, 60).Select(_ => new Browser(cluster.Client))];
                await AllAskAsync(newcomers, balancers, times: 2);
                Assert.InRange(newcomers.Count(b => b.Home == "web-extra"), 45, 60);
                pages.AddRange(Enumerable.Range(0, 6).Select(i => new TunnelClient(balancers, i)));
                pages.ForEach(p => p.Start());
                await cluster.Until("every page has its web socket", () => Task.FromResult(pages.All(p => p.IsOpen)));

                // What is written leaves, and has until its deadline: nobody moves.
                Assert.Equal(HttpStatusCode.OK, await SendAsync(cluster, 2, HttpMethod.Delete, $"pools/web/backends/{Written(cluster, 0)}"));
                await traffic.WhenAnsweredAsync(100);
                await AllAskAsync(newcomers, balancers, times: 1);
                Assert.All(newcomers, b => Assert.Equal((0, 0), (b.Moves, b.Failures.Count)));
                Browser[] late = [.. Enumerable.Range(0, 30).Select(_ => new Browser(cluster.Client))];
                await AllAskAsync(late, balancers, times: 1);
                Assert.DoesNotContain("web-1", late.Select(b => b.Home));

                // The node that was asked dies: the others have it.
                asked = [.. balancers[..2]];
                await traffic.WhenAskedAnewAsync();
                cluster.Kill(cluster.Nodes[2].Name);
                await traffic.WhenAnsweredAsync(100);
            }

            Assert.All(browsers, b => Assert.Equal((0, 0), (b.Moves, b.Failures.Count)));
            Assert.Equal(["added", "removed"], await OverlaysAsync(cluster, 0));
            Assert.Equal(["added", "removed"], await OverlaysAsync(cluster, 1));
            cluster.Kill(cluster.Nodes[0].Name);
            cluster.Kill(cluster.Nodes[1].Name);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.StartNodeAsync));
            await cluster.WhenClusterHasAsync(3);
            await AllAskAsync(browsers, balancers, times: 2);
            await AllAskAsync(newcomers, balancers, times: 2);
            Assert.All(browsers.Concat(newcomers), b => Assert.Equal((0, 0), (b.Moves, b.Failures.Count)));
            for (int node = 0; node < 3; node++)
            {
                Assert.Equal(["added", "removed"], await OverlaysAsync(cluster, node));
            }

            // At once: each session of it moves once, its tunnels are closed, and nothing of it is left.
            await cluster.Until("every page is open again", () => Task.FromResult(pages.All(p => p.IsOpen)));
            Assert.Equal(HttpStatusCode.OK, await SendAsync(cluster, 0, HttpMethod.Delete, "pools/web/backends/extra?now"));
            await cluster.Until("nothing of it is left", async () =>
            {
                await AllAskAsync(newcomers, balancers, times: 1);
                return (await Task.WhenAll(Enumerable.Range(0, 3).Select(n => OverlaysAsync(cluster, n)))).All(o => o is ["removed"])
                    && (await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.StatusAsync))).All(s => !s.ToString().Contains("\"extra\"", StringComparison.Ordinal));
            });
            Assert.All(browsers.Concat(newcomers), b => Assert.Empty(b.Failures));
            Assert.All(newcomers, b => Assert.Equal(b.Servers[0] == "web-extra" ? 1 : 0, b.Moves));
            Assert.Equal(HttpStatusCode.OK, await SendAsync(cluster, 1, HttpMethod.Delete, "overlays"));
            await WhenAllSayAsync(cluster, "what is written is there", b => b.GetProperty("id").GetString() == Written(cluster, 0) && b.GetProperty("operator").GetString() == "ready");
        }
        finally
        {
            await Task.WhenAll(pages.Select(p => p.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task A_majority_that_is_lost_is_told_and_traffic_goes_on()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync();
        cluster.Kill(cluster.Nodes[1].Name);
        cluster.Kill(cluster.Nodes[2].Name);
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(cluster, 0, HttpMethod.Put, $"pools/web/backends/{Written(cluster, 0)}/weight", new { weight = 9 }));
        var browser = new Browser(cluster.Client);
        await AllAskAsync([browser], [cluster.Nodes[0].Http], times: 5);
        Assert.Empty(browser.Failures);
        Assert.Equal(["weight"], await OverlaysAsync(cluster, 0));
        await Task.WhenAll(cluster.StartNodeAsync(1), cluster.StartNodeAsync(2));
        await cluster.Until("the others have it", async () => await OverlaysAsync(cluster, 1) is ["weight"] && await OverlaysAsync(cluster, 2) is ["weight"]);
    }

    private static string Written(LoopbackCluster cluster, int index) => cluster.BackendUri(index, "/").Authority;

    private static async Task<string[]> OverlaysAsync(LoopbackCluster cluster, int node)
    {
        using JsonDocument diff = JsonDocument.Parse(await cluster.Client.GetStringAsync(new Uri(cluster.Nodes[node].Admin, "/api/v1/topology/diff")));
        return [.. diff.RootElement.GetProperty("overlays").EnumerateArray().Select(o => o.GetProperty("change").GetString()!).Order()];
    }

    private static Task WhenAllSayAsync(LoopbackCluster cluster, string what, Func<JsonElement, bool> isSo) => cluster.Until(what, async () =>
        (await Task.WhenAll(Enumerable.Range(0, cluster.Nodes.Count).Select(cluster.StatusAsync)))
            .All(s => s.GetProperty("pools")[0].GetProperty("backends").EnumerateArray().Any(isSo)));

    private static async Task<HttpStatusCode> SendAsync(LoopbackCluster cluster, int node, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(cluster.Nodes[node].Admin, $"/api/v1/{path}")) { Content = body is null ? null : JsonContent.Create(body) };
        using HttpResponseMessage answer = await cluster.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task AllAskAsync(Browser[] browsers, Uri[] balancers, int times)
    {
        for (int time = 0; time < times; time++)
        {
            await Parallel.ForAsync(
                0, browsers.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await browsers[i].GetAsync(balancers[i % balancers.Length]));
        }
    }
}
