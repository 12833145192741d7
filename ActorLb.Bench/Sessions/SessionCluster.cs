using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorLb.Bench.Sessions;

/// <summary>
/// Up to four node processes on loopback with the product's own defaults, before three backends in this process that
/// answer with their names.
/// </summary>
internal sealed class SessionCluster : IAsyncDisposable
{
    public const int NodeCount = 3;

    private const int PlacesCount = NodeCount + 1;

    private static readonly TimeSpan FormLimit = TimeSpan.FromMinutes(2);

    private readonly WorkFolder _work = new();
    private readonly int[] _clusterPorts = [.. Enumerable.Range(0, PlacesCount).Select(_ => Ports.Free())];
    private readonly int[] _httpPorts = [.. Enumerable.Range(0, PlacesCount).Select(_ => Ports.Free())];
    private readonly WebApplication[] _backends;
    private readonly string[] _configurations;

    private SessionCluster(WebApplication[] backends)
    {
        _backends = backends;
        _configurations = [.. Enumerable.Range(0, PlacesCount).Select(Configuration)];
    }

    /// <summary>The nodes that are on, by their places; the fourth joins late.</summary>
    public List<SessionNode> Nodes { get; } = [];

    public static async Task<SessionCluster> StartAsync()
    {
        var cluster = new SessionCluster(await Task.WhenAll(SessionNumbers.Backends.Select(BackendAsync)));
        await cluster.StartNodesAsync(default);
        return cluster;
    }

    public string PathOf(string file) => Path.Combine(_work.Path, file);

    /// <summary>Starts the three nodes and waits until all are members and serve.</summary>
    public async Task StartNodesAsync(SessionRange expected)
    {
        for (int place = 0; place < NodeCount; place++)
        {
            StartNode(place, expected);
        }

        await FormedAsync();
    }

    public async Task FormedAsync()
    {
        long start = Stopwatch.GetTimestamp();
        foreach (SessionNode node in Nodes)
        {
            await node.ToldAsync("ready");
            while (await node.AskNumberAsync("members") != Nodes.Count)
            {
                if (Stopwatch.GetElapsedTime(start) > FormLimit)
                {
                    throw new TimeoutException($"{node.Name} does not see {Nodes.Count} members");
                }

                await Task.Delay(100);
            }
        }
    }

    public SessionNode StartNode(int place, SessionRange expected)
    {
        var node = SessionNode.Start($"node-{place + 1}", _configurations[place], _httpPorts[place], expected);
        Nodes.Add(node);
        return node;
    }

    /// <summary>Ends the listener and the connections of a backend at once.</summary>
    public Task KillBackendAsync(string name) =>
        _backends[Array.IndexOf(SessionNumbers.Backends, name)].StopAsync(new CancellationToken(canceled: true));

    public async Task KillAsync(SessionNode node)
    {
        Nodes.Remove(node);
        await node.DisposeAsync();
    }

    /// <summary>The nodes make these sessions together, and the task ends when all of them are on every node.</summary>
    public async Task GrowAsync(SessionRange range, double rate)
    {
        await BeginGrowingAsync(range, rate);
        await AllHoldAsync(range);
    }

    /// <summary>The same without waiting for the end.</summary>
    public async Task BeginGrowingAsync(SessionRange range, double rate)
    {
        for (int i = 0; i < NodeCount; i++)
        {
            await Nodes[i].AskAsync(FormattableString.Invariant($"grow {range} {i} {NodeCount} {rate / NodeCount}"));
        }
    }

    public async Task AllHoldAsync(SessionRange range)
    {
        foreach (SessionNode node in Nodes)
        {
            while (await node.AskNumberAsync($"missing {range} 61") > 0 || await node.AskNumberAsync($"missing {range} 1") > 0)
            {
                await Task.Delay(100);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SessionNode node in Nodes)
        {
            await node.DisposeAsync();
        }

        foreach (WebApplication backend in _backends)
        {
            await backend.DisposeAsync();
        }

        _work.Dispose();
    }

    private string Configuration(int place)
    {
        string seeds = string.Join(", ", _clusterPorts.Take(NodeCount).Select(p => $"\"127.0.0.1:{p}\""));
        string backends = string.Join('\n', SessionNumbers.Backends.Zip(_backends, (name, app) =>
            $"{{ id = \"{name}\", address = \"{app.Urls.First()}\" }}"));
        return _work.Write($"node-{place + 1}.conf", $$"""
            actorlb {
              node {
                name = "node-{{place + 1}}"
                data-dir = "{{PathOf($"data-{place + 1}")}}"
              }
              cluster {
                port = {{_clusterPorts[place]}}
                discovery.seeds = [{{seeds}}]
              }
              admin.bind = "127.0.0.1:0"
              listeners.http.bind = "127.0.0.1:{{_httpPorts[place]}}"
              routes = [{ host = "*", path = "/", pool = {{SessionNumbers.Pool}} }]
              pools.{{SessionNumbers.Pool}} {
                backends = [
                  {{backends}}
                ]
                affinity.max-sessions = 1200000
                health.path = "/"
              }
            }
            """);
    }

    private static async Task<WebApplication> BackendAsync(string name)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.MapGet("/", () => Results.Text(name));
        await app.StartAsync();
        return app;
    }
}
