using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using ActorLb.Tests;
using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>A server is taken out while its clients go on working.</summary>
[Collection(ProcessesCollection.Name)]
public class DrainTests
{
    private const int Sessions = 1_000;

    [Fact]
    public async Task A_thousand_sessions_leave_a_server_at_a_rate_each_once_and_nobody_notices()
    {
        // A server that is too busy for a probe would be taken for dead, and its sessions would move once more.
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(poolExtra: "health { interval = 10s, timeout = 10s }");
        Uri[] balancers = [.. cluster.Nodes.Select(n => n.Http)];
        await SetAsync(cluster, 1, "maintenance");
        await SetAsync(cluster, 2, "maintenance");
        Browser[] browsers = [.. Enumerable.Range(0, Sessions).Select(_ => new Browser(cluster.Client))];
        TunnelClient[] pages = [.. Enumerable.Range(0, 30).Select(i => new TunnelClient(balancers, i))];
        try
        {
            // A second request: then the session is known, and not by its ticket alone.
            await AllAskAsync(browsers, balancers, times: 2);
            Array.ForEach(pages, p => p.Start());
            await cluster.Until("every page has its web socket", () => Task.FromResult(pages.All(p => p.IsOpen)));
            await cluster.Until("all nodes know all sessions", async () =>
                (await Task.WhenAll(Enumerable.Range(0, 3).Select(n => BackendAsync(cluster, n)))).All(b => b.GetProperty("sessions").GetInt32() == Sessions + pages.Length));
            await SetAsync(cluster, 1, "ready");
            await SetAsync(cluster, 2, "ready");

            string output;
            int code;
            await using (var traffic = new Traffic(browsers, seed: 7, () => balancers))
            {
                await traffic.WhenAnsweredAsync(100);

                // The first address is of nobody.
                string admin = string.Join(',', cluster.Nodes.Select(n => n.Admin.ToString()).Prepend($"http://127.0.0.1:{LoopbackPorts.Free("127.0.0.1", 1)[0]}"));
                await using ActorLbProcess drain = ActorLbProcess.Start("drain", $"web/{Id(cluster, 0)}", "--move", "--rate", "200", "--wait", "--admin", admin);
                code = await drain.ExitCodeAsync();
                output = drain.Output;
            }

            Assert.True(code == 0, output);
            Assert.Contains("its sessions move, 200 a second", output, StringComparison.Ordinal);

            // Whoever was asked counts its own as it closes; the others know it by its next report.
            await cluster.Until("all nodes say that nothing is left", async () =>
                (await Task.WhenAll(Enumerable.Range(0, 3).Select(n => BackendAsync(cluster, n))))
                    .All(b => (b.GetProperty("sessions").GetInt32(), b.GetProperty("tunnels").GetInt32()) == (0, 0)));

            // It can be stopped, and the clients that were away come to where their sessions are now, each with its old cookie.
            cluster.Kill("web-1");
            await AllAskAsync(browsers, balancers, times: 2);
            await cluster.Until("every page is open again", () => Task.FromResult(pages.All(p => p is { IsOpen: true, Servers.Count: 2 })));
            Assert.All(browsers, b => Assert.Empty(b.Failures));
            Assert.All(browsers, b => Assert.Equal((1, "web-1"), (b.Moves, b.Servers[0])));
            Assert.All(pages, p => Assert.Equal([WebSocketCloseStatus.EndpointUnavailable], p.Closes));
            Assert.Equal(["web-2", "web-3"], browsers.Select(b => b.Home).Distinct().Order());
        }
        finally
        {
            await Task.WhenAll(pages.Select(p => p.DisposeAsync().AsTask()));
        }
    }

    private static string Id(LoopbackCluster cluster, int index) => cluster.BackendUri(index, "/").Authority;

    private static async Task<JsonElement> BackendAsync(LoopbackCluster cluster, int node) =>
        (await cluster.StatusAsync(node)).GetProperty("pools")[0].GetProperty("backends").EnumerateArray()
            .Single(b => b.GetProperty("id").GetString() == Id(cluster, 0));

    private static async Task SetAsync(LoopbackCluster cluster, int backend, string verb)
    {
        using HttpResponseMessage answer = await cluster.Client.PostAsync(
            new Uri(cluster.Nodes[0].Admin, $"/api/v1/pools/web/backends/{Uri.EscapeDataString(Id(cluster, backend))}/{verb}"), null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
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
