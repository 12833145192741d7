using System.Text.Json;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Cli;
using ActorLb.Tests.Cluster;
using ActorLb.Tests.Events;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>Three nodes have one log, in which each thing that they all see is said once.</summary>
public sealed class ClusterEventsTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-clusterevents-").FullName;
    private readonly List<BalancerNode> _nodes = [];
    private readonly List<NodeSettings> _settings = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private WebApplication _backend = null!;

    public async Task InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _backend = builder.Build();
        _backend.MapGet("/healthz", () => "well");
        await _backend.StartAsync();
        string address = LoopbackPorts.OwnAddress();
        int[] ports = LoopbackPorts.Free(address, 3);
        PoolSettings web = TestPools.Pool("web", _backend.Urls.First());
        for (int i = 0; i < 3; i++)
        {
            NodeSettings settings = TestPools.Node(web with { Affinity = web.Affinity with { Keys = [] } }) with
            {
                Name = $"lb{i + 1}",
                DataDirectory = Path.Combine(_directory, $"lb{i + 1}"),
                Cluster = new ClusterSettings(
                    address, ports[i], [.. ports.Select(p => new HostPort(address, p))],
                    TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), null),
            };
            _settings.Add(settings);
            _nodes.Add(new BalancerNode(settings, NullLoggerFactory.Instance, TimeProvider.System));
        }

        await Task.WhenAll(_nodes.Select(n => n.StartAsync(default)));
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));
        await _backend.DisposeAsync();
        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_all_see_is_one_event_at_all_nodes_and_a_reader_goes_on_at_another_node()
    {
        string pool = "/api/v1/events?pool=web&kind=backend.down,operator";
        string? last;
        string? id;
        using (EventStreamReader first = await OpenAsync(0, pool))
        using (EventStreamReader second = await OpenAsync(1, pool))
        using (EventStreamReader third = await OpenAsync(2, pool))
        {
            await _backend.DisposeAsync();
            JsonElement[] downs = [await NextAsync(first), await NextAsync(second), await NextAsync(third)];
            id = Of(downs[0], "id");
            Assert.All(downs, d => Assert.Equal((id, "backend.down"), (Of(d, "id"), Of(d, "kind"))));
            last = first.LastId;
        }

        // A decision at one node is said by that node.
        string backend = _nodes[0].Plane.Routing.Pools["web"].Backends[0].Id;
        (await _client.PostAsync($"http://{_nodes[2].AdminEndpoint}/api/v1/pools/web/backends/{Uri.EscapeDataString(backend)}/drain", null)).EnsureSuccessStatusCode();
        using (EventStreamReader resumed = await EventStreamReader.OpenAsync(_client, $"http://{_nodes[1].AdminEndpoint}{pool}", last))
        {
            JsonElement drain = await NextAsync(resumed);
            Assert.Equal(("operator.drain", "lb3"), (Of(drain, "kind"), Of(drain, "node")));
        }

        await UntilListedAsync("drain.over");
        await Eventually.Holds(() => _nodes.All(n => n.Events.Facts.IsSettled), "nobody means to say anything more");
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal([id], (await ListAsync(i)).Where(e => Of(e, "kind") == "backend.down").Select(e => Of(e, "id")));
        }
    }

    [Fact]
    public async Task A_node_that_comes_back_knows_what_was_and_all_have_the_same_log()
    {
        await UntilListedAsync("node.joined");
        string?[] before = [.. (await ListAsync(0)).Select(e => Of(e, "id"))];
        BalancerNode stopped = _nodes[2];
        await stopped.StopAsync(default);
        await UntilListedAsync("node.removed");
        Assert.Single(await ListAsync(0), e => Of(e, "kind") == "node.leaving");
        JsonElement removed = (await ListAsync(0)).Single(e => Of(e, "kind") == "node.removed");
        Assert.Equal(("info", "lb3 has left the cluster"), (Of(removed, "severity"), Of(removed, "text")));
        Assert.Superset(before.ToHashSet(), (await ListAsync(1)).Select(e => Of(e, "id")).ToHashSet());
    }

    [Fact]
    public async Task Since_when_a_backend_is_down_all_nodes_say_the_same_also_one_that_has_started_since()
    {
        await Eventually.Holds(() => _nodes.All(n => n.Control.Membership.Active.Length == 3 && n.Events.Facts.IsSettled), "three are there, and all is said");
        await _backend.DisposeAsync();
        await UntilListedAsync("backend.down");
        await _nodes[2].DisposeAsync();
        _nodes[2] = new BalancerNode(_settings[2], NullLoggerFactory.Instance, TimeProvider.System);
        await _nodes[2].StartAsync(default);

        await Eventually.Holds(() => _nodes.All(n => n.Control.Membership.Active.Length == 3), "it is back");
        for (int i = 0; i < 3; i++)
        {
            int node = i;
            await Until.Holds(async () =>
            {
                // Another node may say it again: it is down since the first of them said so.
                DateTimeOffset down = (await ListAsync(0)).First(e => Of(e, "kind") == "backend.down").GetProperty("at").GetDateTimeOffset();
                return (await SinceAsync(node)).SequenceEqual([down, down, down]);
            });
        }
    }

    private async Task<IEnumerable<DateTimeOffset>> SinceAsync(int node)
    {
        JsonElement status = JsonElement.Parse(await _client.GetStringAsync($"http://{_nodes[node].AdminEndpoint}/api/v1/status"));
        return status.GetProperty("troubles").EnumerateArray().Where(t => Of(t, "key") is { } key && (key.StartsWith("down:", StringComparison.Ordinal) || key.StartsWith("nobody:", StringComparison.Ordinal)))
            .Append(status.GetProperty("pools")[0].GetProperty("backends")[0]).Select(t => t.GetProperty("since").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_node_whose_actors_ended_and_that_is_back_has_nothing_to_say_of_those_that_were_there_all_the_time()
    {
        await Eventually.Holds(() => _nodes.All(n => n.Control.Membership.Active.Length == 3 && n.Events.Facts.IsSettled), "three are there, and all is said");
        string away = _nodes[0].Control.Membership.Active[^1];
        string?[] before = [.. (await ListAsync(0)).Select(e => Of(e, "id"))];
        ((ExtendedActorSystem)_nodes.Single(n => n.Name == away).Control.System!).Abort();
        await UntilListedAsync("node.removed");
        await Eventually.Holds(() => _nodes.All(n => n.Control.Membership.Active.Length == 3 && n.Events.Facts.IsSettled), "it is back, and all is said");
        string[] kinds = ["node.joined", "node.reachable", "node.unreachable", "node.removed"];
        JsonElement[] said = [.. (await ListAsync(0)).Where(e => !before.Contains(Of(e, "id")) && kinds.Contains(Of(e, "kind")))];
        Assert.All(said, e => Assert.StartsWith(away + " ", Of(e, "text"), StringComparison.Ordinal));
        Assert.Equal("node.joined", Of(said[^1], "kind"));
    }

    private async Task<EventStreamReader> OpenAsync(int node, string path)
    {
        EventStreamReader reader = await EventStreamReader.OpenAsync(_client, $"http://{_nodes[node].AdminEndpoint}{path}");
        await reader.BegunAsync();
        return reader;
    }

    private static async Task<JsonElement> NextAsync(EventStreamReader reader) => (await reader.NextAsync())!.Value.Event;

    private async Task UntilListedAsync(string kind)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!(await ListAsync(0)).Any(e => Of(e, "kind") == kind))
        {
            await Task.Delay(50, bound.Token);
        }
    }

    private async Task<JsonElement[]> ListAsync(int node)
    {
        using JsonDocument list = JsonDocument.Parse(await _client.GetStringAsync($"http://{_nodes[node].AdminEndpoint}/api/v1/events?follow=false"));
        return [.. list.RootElement.EnumerateArray().Select(e => e.Clone())];
    }

    private static string? Of(JsonElement one, string member) => one.TryGetProperty(member, out JsonElement value) ? value.GetString() : null;
}
