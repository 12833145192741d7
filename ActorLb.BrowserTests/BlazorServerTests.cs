using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ActorLb.ProcessTests;
using Microsoft.Playwright;
using Xunit;

namespace ActorLb.BrowserTests;

/// <summary>A Blazor Server application on three servers, behind three nodes, behind HAProxy in mode tcp, in Chromium.</summary>
public sealed class BlazorServerTests : IAsyncLifetime
{
    private readonly DirectoryInfo _keys = Directory.CreateTempSubdirectory("actorlb-keys-");
    private LoopbackCluster _cluster = null!;
    private Front _front = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public async Task InitializeAsync()
    {
        string chromium = Programs.Chromium;
        _cluster = await LoopbackCluster.StartAsync(program: StartServer);
        for (int i = 0; i < _cluster.BackendPorts.Count; i++)
        {
            await _cluster.WhenBackendIsAsync(i, "up");
        }

        _front = await Front.StartAsync(_cluster);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_front is not null)
        {
            await _front.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _keys.Delete(recursive: true);
    }

    [Fact]
    public async Task A_page_finds_its_circuit_again_when_the_node_that_carries_it_is_killed()
    {
        Visitor visitor = await Visitor.OpenAsync(_browser, _front.Origin);
        await visitor.KeepAsync("before the kill");
        await CountAsync(visitor, 1, 3);
        (string server, string circuit) = (await visitor.ServerAsync(), await visitor.CircuitAsync());

        _cluster.Kill(await NodeThatCarriesACircuitAsync());
        await visitor.WhenReconnectedAsync(1);

        Assert.Equal("3", await visitor.CounterAsync());
        await visitor.CountToAsync(4);
        Assert.Equal((server, circuit), (await visitor.ServerAsync(), await visitor.CircuitAsync()));
        Assert.Contains("before the kill", await visitor.NotesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rolling_restart_of_the_nodes_costs_no_circuit_its_state()
    {
        Visitor visitor = await Visitor.OpenAsync(_browser, _front.Origin);
        await CountAsync(visitor, 1, 3);
        (string server, string circuit) = (await visitor.ServerAsync(), await visitor.CircuitAsync());

        int count = 3;
        for (int i = 0; i < _cluster.Nodes.Count; i++)
        {
            string node = _cluster.Nodes[i].Name;
            bool carries = await NodeThatCarriesACircuitAsync() == node;
            int reconnections = await visitor.ReconnectionsAsync();
            Assert.Equal(0, await _cluster.Processes[node].TerminateAsync());
            if (carries)
            {
                await visitor.WhenReconnectedAsync(reconnections + 1);
            }

            await visitor.CountToAsync(++count);
            await _cluster.StartNodeAsync(i);
            await _cluster.WhenClusterHasAsync(_cluster.Nodes.Count);
        }

        await visitor.CountToAsync(++count);
        Assert.Equal((server, circuit), (await visitor.ServerAsync(), await visitor.CircuitAsync()));
        Assert.True(await visitor.ReconnectionsAsync() >= 1);
    }

    [Fact]
    public async Task A_circuit_on_a_draining_server_goes_on_until_the_deadline_and_begins_anew_elsewhere()
    {
        Visitor visitor = await Visitor.OpenAsync(_browser, _front.Origin);
        await CountAsync(visitor, 1, 3);
        (string server, string circuit) = (await visitor.ServerAsync(), await visitor.CircuitAsync());

        await DrainAsync(server, new { });
        for (int i = 0; i < _cluster.BackendPorts.Count; i++)
        {
            Visitor another = await Visitor.OpenAsync(_browser, _front.Origin);
            Assert.NotEqual(server, await another.ServerAsync());
        }

        await visitor.CountToAsync(4);
        Assert.Equal((server, circuit), (await visitor.ServerAsync(), await visitor.CircuitAsync()));

        await DrainAsync(server, new { deadline = "1s" });
        await visitor.WhenLeftAsync(server);
        Assert.Equal("0", await visitor.CounterAsync());
        await CountAsync(visitor, 1, 3);
    }

    [Fact]
    public async Task A_page_whose_server_dies_begins_anew_on_another_one_and_stays_there()
    {
        Visitor visitor = await Visitor.OpenAsync(_browser, _front.Origin);
        await CountAsync(visitor, 1, 3);
        string server = await visitor.ServerAsync();

        _cluster.Kill(server);
        await visitor.WhenLeftAsync(server);
        await CountAsync(visitor, 1, 2);
        string home = await visitor.ServerAsync();

        await _cluster.StartBackendAsync(IndexOf(server));
        await _cluster.WhenBackendIsAsync(IndexOf(server), "up");
        _cluster.Kill(await NodeThatCarriesACircuitAsync());
        await visitor.WhenReconnectedAsync(1);
        await visitor.CountToAsync(3);
        Assert.Equal(home, await visitor.ServerAsync());
    }

    private static async Task CountAsync(Visitor visitor, int from, int to)
    {
        for (int i = from; i <= to; i++)
        {
            await visitor.CountToAsync(i);
        }
    }

    private ActorLbProcess StartServer(string authority, string name) => Programs.StartSample(
        "BlazorServer",
        new() { ["DATA_PROTECTION_KEYS"] = _keys.FullName, ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true" },
        "--urls", $"http://{authority}", "--name", name);

    /// <summary>Returns when all nodes know of it.</summary>
    private async Task DrainAsync(string server, object body)
    {
        string id = _cluster.BackendUri(IndexOf(server), "/").Authority;
        using HttpResponseMessage answer = await _cluster.Client.PostAsJsonAsync(
            new Uri(_cluster.Nodes[0].Admin, $"/api/v1/pools/web/backends/{id}/drain"), body);
        answer.EnsureSuccessStatusCode();
        await _cluster.Until($"{server} is draining on all nodes", async () =>
        {
            for (int i = 0; i < _cluster.Nodes.Count; i++)
            {
                JsonElement backend = (await _cluster.StatusAsync(i)).GetProperty("pools")[0].GetProperty("backends")[IndexOf(server)];
                if (backend.GetProperty("operator").GetString() != "draining")
                {
                    return false;
                }
            }

            return true;
        });
    }

    private int IndexOf(string server) =>
        Enumerable.Range(0, _cluster.BackendPorts.Count).Single(i => LoopbackCluster.BackendName(i) == server);

    /// <summary>The name of the running node with an open tunnel: a circuit's WebSocket is one for as long as it lasts, and a request that has just been answered is none.</summary>
    private async Task<string> NodeThatCarriesACircuitAsync()
    {
        string? carrier = null;
        await _cluster.Until("a node carries the circuit", async () =>
        {
            foreach (LoopbackCluster.NodeAddress node in _cluster.Nodes.Where(n => _cluster.Processes[n.Name].IsRunning))
            {
                string metrics = await _cluster.Client.GetStringAsync(new Uri(node.Admin, "/metrics"));
                double open = metrics.Split('\n')
                    .Where(l => l.StartsWith("actorlb_backend_tunnels{", StringComparison.Ordinal))
                    .Sum(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
                if (open > 0)
                {
                    carrier = node.Name;
                    return true;
                }
            }

            return false;
        });
        return carrier!;
    }
}
