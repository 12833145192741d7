using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>Sessions whose pages hold a WebSocket and ask nothing: what becomes of them when nodes and backends come and go.</summary>
[Collection(ProcessesCollection.Name)]
public class TunnelTests
{
    [Fact]
    public async Task A_session_outlives_its_ticket_while_its_web_socket_is_open()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(poolExtra: "affinity { idle-timeout = 8s }");
        await using TunnelClient page = await OpenAsync(cluster);
        string home = page.Servers[0];
        await WhenOnlyTunnelsAreLeftAsync(cluster, 1);
        await WhenOnlyTunnelsAreLeftAsync(cluster, 1);

        // The ticket was issued two timeouts ago; any node knows better.
        foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
        {
            Assert.Equal(home, await ServerOfAsync(cluster, node.Http, page.Ticket!));
        }

        await WhenOnlyTunnelsAreLeftAsync(cluster, 1);

        // The node that has the WebSocket dies.
        cluster.Kill("lb1");
        await cluster.Until("the page has connected again", () => Task.FromResult(page.Servers.Count == 2));
        Assert.Equal(home, page.Servers[1]);
    }

    [Fact]
    public async Task A_session_outlives_all_nodes_while_only_its_web_socket_is_open()
    {
        // Long enough for a start of all nodes on a busy machine.
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(poolExtra: "affinity { idle-timeout = 40s }");
        await using TunnelClient page = await OpenAsync(cluster);
        await WhenOnlyTunnelsAreLeftAsync(cluster, 1);
        string home = page.Servers[0];

        foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
        {
            cluster.Kill(node.Name);
        }

        await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.StartNodeAsync));
        await cluster.Until("the page has connected again", () => Task.FromResult(page.Servers.Count >= 2));
        Assert.All(page.Servers, server => Assert.Equal(home, server));
    }

    [Fact]
    public async Task What_an_operator_says_at_one_node_closes_web_sockets_at_all_nodes()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync();
        TunnelClient[] pages = [.. Enumerable.Range(0, 9).Select(i => new TunnelClient([cluster.Nodes[i % 3].Http], 0))];
        try
        {
            await StartAsync(cluster, pages);
            string gone = pages[0].Servers[0];
            int index = int.Parse(gone.Split('-')[1]) - 1;
            TunnelClient[] there = [.. pages.Where(p => p.Servers[0] == gone)];
            await cluster.Until("all nodes count its web sockets", async () =>
                (await AllStatusesAsync(cluster)).All(s => Backend(s, index).GetProperty("tunnels").GetInt32() == there.Length));

            using HttpResponseMessage answer = await cluster.Client.PostAsync(new Uri(cluster.Nodes[1].Admin, $"/api/v1/pools/web/backends/{Uri.EscapeDataString(Id(await cluster.StatusAsync(0), index))}/maintenance"), null);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

            await cluster.Until("its pages are elsewhere", () => Task.FromResult(there.All(p => p.Servers.Count == 2 && p.IsOpen)));
            await cluster.Until("nothing is open there", async () =>
                (await AllStatusesAsync(cluster)).All(s => Backend(s, index).GetProperty("inFlight").GetInt32() == 0));
            Assert.All(there, p => Assert.Equal([WebSocketCloseStatus.EndpointUnavailable], p.Closes));
            foreach (TunnelClient page in there)
            {
                Assert.NotEqual(gone, page.Servers[1]);
                foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
                {
                    Assert.Equal(page.Servers[1], await ServerOfAsync(cluster, node.Http, page.Ticket!));
                }
            }

            Assert.All(pages.Except(there), p => Assert.Single(p.Servers));
        }
        finally
        {
            await Task.WhenAll(pages.Select(p => p.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task A_rolling_restart_takes_every_page_along_and_every_node_leaves_in_order()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(extra: "node { stop-delay = 500ms }");
        Uri[] balancers = [.. cluster.Nodes.Select(n => n.Http)];
        TunnelClient[] pages = [.. Enumerable.Range(0, 20).Select(i => new TunnelClient(balancers, i))];
        try
        {
            await StartAsync(cluster, pages);
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(0, await cluster.Processes[cluster.Nodes[i].Name].TerminateAsync());
                await cluster.Until("every page has its web socket", () => Task.FromResult(pages.All(p => p.IsOpen)));
                foreach (LoopbackCluster.NodeAddress other in cluster.Nodes.Where(n => n != cluster.Nodes[i]))
                {
                    Assert.DoesNotContain("nreachable", cluster.Processes[other.Name].Output, StringComparison.Ordinal);
                }

                await cluster.StartNodeAsync(i);
                await cluster.WhenClusterHasAsync(3);
            }

            Assert.All(pages, p => Assert.Single(p.Servers.Distinct()));
            Assert.All(pages.SelectMany(p => p.Closes), close => Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, close));
        }
        finally
        {
            await Task.WhenAll(pages.Select(p => p.DisposeAsync().AsTask()));
        }
    }

    private static async Task<TunnelClient> OpenAsync(LoopbackCluster cluster)
    {
        var page = new TunnelClient([.. cluster.Nodes.Select(n => n.Http)], first: 0);
        await StartAsync(cluster, [page]);
        return page;
    }

    private static async Task StartAsync(LoopbackCluster cluster, TunnelClient[] pages)
    {
        foreach (TunnelClient page in pages)
        {
            page.Start();
        }

        await cluster.Until("every page has its web socket", () => Task.FromResult(pages.All(p => p.IsOpen)));
    }

    // A session that nobody uses tells that its timeout is over, and so the tickets of its time are too old.
    private static async Task WhenOnlyTunnelsAreLeftAsync(LoopbackCluster cluster, int tunnels)
    {
        var idle = new Browser(cluster.Client);
        await idle.GetAsync(cluster.Nodes[1].Http);
        await idle.GetAsync(cluster.Nodes[1].Http);
        await cluster.Until("the idle session is known", async () => await SessionsAsync(cluster) == tunnels + 1);
        await cluster.Until("the idle session has ended", async () => await SessionsAsync(cluster) == tunnels);
    }

    private static async Task<int> SessionsAsync(LoopbackCluster cluster) =>
        (await cluster.StatusAsync(1)).GetProperty("sessions").GetProperty("count").GetInt32();

    private static async Task<string> ServerOfAsync(LoopbackCluster cluster, Uri node, string ticket)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node, "/whoami"));
        request.Headers.Add("Cookie", ticket);
        using HttpResponseMessage response = await cluster.Client.SendAsync(request);
        JsonElement who = await response.Content.ReadFromJsonAsync<JsonElement>();
        return who.GetProperty("server").GetString()!;
    }

    private static async Task<JsonElement[]> AllStatusesAsync(LoopbackCluster cluster) =>
        await Task.WhenAll(Enumerable.Range(0, cluster.Nodes.Count).Select(cluster.StatusAsync));

    private static JsonElement Backend(JsonElement status, int index) => status.GetProperty("pools")[0].GetProperty("backends")[index];

    private static string Id(JsonElement status, int index) => Backend(status, index).GetProperty("id").GetString()!;
}
