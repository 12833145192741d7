using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorLb.Tests;

namespace ActorLb.ProcessTests;

/// <summary>Balancer nodes and sample backends as real processes on a loopback address of their own.</summary>
public sealed class LoopbackCluster : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-test-").FullName;
    private readonly string _host;

    // As it stands before a port.
    private readonly string _address;
    private readonly string _poolExtra;
    private readonly string _extra;
    private readonly string _nodeShell;
    private readonly BackendProgram _program;
    private Version _backendVersion = HttpVersion.Version11;

    private LoopbackCluster(
        int nodes, int backends, string poolExtra, string extra, string nodeShell, BackendProgram program, string? address, string? token)
    {
        if (token is not null)
        {
            // What a test asks of nodes may operate, too; backends do not look at it.
            Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        _nodeShell = nodeShell;
        _program = program;
        _host = address ?? LoopbackPorts.OwnAddress();
        _address = _host.Contains(':') ? $"[{_host}]" : _host;
        _poolExtra = poolExtra;
        _extra = extra;
        int[] ports = LoopbackPorts.Free(_host, (nodes * 3) + backends);
        BackendPorts = ports[(nodes * 3)..];
        Nodes = [.. Enumerable.Range(0, nodes).Select(i => new NodeAddress(
            $"lb{i + 1}", ports[i * 3], new Uri($"http://{_address}:{ports[(i * 3) + 1]}"), new Uri($"http://{_address}:{ports[(i * 3) + 2]}")))];
    }

    public sealed record NodeAddress(string Name, int ClusterPort, Uri Http, Uri Admin);

    /// <summary>Starts a backend that answers <c>/healthz</c> at <paramref name="authority"/> (host:port).</summary>
    public delegate ActorLbProcess BackendProgram(string authority, string name);

    public IReadOnlyList<NodeAddress> Nodes { get; }

    public IReadOnlyList<int> BackendPorts { get; }

    public ConcurrentDictionary<string, ActorLbProcess> Processes { get; } = new();

    public HttpClient Client { get; } = new(new SocketsHttpHandler
    {
        UseCookies = false,
        UseProxy = false,
        AllowAutoRedirect = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
    })
    {
        Timeout = TimeSpan.FromSeconds(20),
    };

    /// <param name="running">How many of the nodes to start now; the others join later.</param>
    /// <param name="nodeShell">What a shell does before it becomes a node.</param>
    /// <param name="program">What the backends are; the sample backend where it is not said.</param>
    /// <param name="address">Null: one of IPv4 that no other test has.</param>
    /// <param name="token">That <see cref="Client"/> sends with all that it asks; the extra part of the configuration gives it.</param>
    /// <param name="backendVersion">Of HTTP, which the backends speak; null: 1.1.</param>
    public static async Task<LoopbackCluster> StartAsync(
        int nodes = 3,
        int backends = 3,
        string poolExtra = "",
        string extra = "",
        int? running = null,
        string nodeShell = "",
        BackendProgram? program = null,
        string? address = null,
        Version? backendVersion = null,
        string? token = null)
    {
        var cluster = new LoopbackCluster(
            nodes, backends, poolExtra, extra, nodeShell,
            program ?? ((authority, name) => ActorLbProcess.Start("backend", "--listen", authority, "--name", name)),
            address,
            token)
        {
            _backendVersion = backendVersion ?? HttpVersion.Version11,
        };
        try
        {
            await Task.WhenAll(Enumerable.Range(0, backends).Select(cluster.StartBackendAsync));
            await Task.WhenAll(Enumerable.Range(0, running ?? nodes).Select(cluster.StartNodeAsync));
            await cluster.WhenClusterHasAsync(running ?? nodes);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public static string BackendName(int index) => $"web-{index + 1}";

    public async Task StartBackendAsync(int index)
    {
        ActorLbProcess process = _program($"{_address}:{BackendPorts[index]}", BackendName(index));
        Processes[BackendName(index)] = process;
        await Until($"{BackendName(index)} answers", async () =>
        {
            process.ThrowIfExited();
            using var asked = new HttpRequestMessage(HttpMethod.Get, BackendUri(index, "/healthz"))
            {
                Version = _backendVersion,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using HttpResponseMessage answer = await Client.SendAsync(asked);
            return answer.StatusCode == HttpStatusCode.OK;
        });
    }

    public Uri BackendUri(int index, string path) => new($"http://{_address}:{BackendPorts[index]}{path}");

    public async Task StartNodeAsync(int index)
    {
        ActorLbProcess process = ActorLbProcess.StartFrom(_nodeShell, "run", "-c", WriteConfiguration(index));
        Processes[Nodes[index].Name] = process;
        await Until($"{Nodes[index].Name} is ready", async () =>
        {
            process.ThrowIfExited();
            using HttpResponseMessage answer = await Client.GetAsync(new Uri(Nodes[index].Admin, "/readyz"));
            return answer.StatusCode == HttpStatusCode.OK;
        });
    }

    public void Kill(string name) => Processes[name].Kill();

    public async Task<JsonElement> StatusAsync(int node)
    {
        string json = await Client.GetStringAsync(new Uri(Nodes[node].Admin, "/api/v1/status"));
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public async Task<string> BackendStateAsync(int node, int backend) =>
        (await StatusAsync(node)).GetProperty("pools")[0].GetProperty("backends")[backend].GetProperty("state").GetString()!;

    public async Task<int> MembersUpAsync(int node) =>
        (await StatusAsync(node)).GetProperty("members").EnumerateArray()
            .Count(m => m.GetProperty("status").GetString() == "up" && m.GetProperty("reachable").GetBoolean());

    public Task WhenClusterHasAsync(int members) => Until($"{members} members up", async () =>
    {
        for (int i = 0; i < Nodes.Count; i++)
        {
            if (Processes.TryGetValue(Nodes[i].Name, out ActorLbProcess? process) && process.IsRunning
                && await MembersUpAsync(i) != members)
            {
                return false;
            }
        }

        return true;
    });

    public Task WhenBackendIsAsync(int backend, string state) => Until($"{BackendName(backend)} is {state} on all nodes", async () =>
    {
        for (int i = 0; i < Nodes.Count; i++)
        {
            if (Processes.TryGetValue(Nodes[i].Name, out ActorLbProcess? process) && process.IsRunning
                && await BackendStateAsync(i, backend) != state)
            {
                return false;
            }
        }

        return true;
    });

    /// <summary>Polls until the condition holds; connection errors count as "not yet". Bounded generously: no timing is asserted.</summary>
    public async Task Until(string what, Func<Task<bool>> condition)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        do
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Not yet.
            }
        }
        while (!bound.IsCancellationRequested && await timer.WaitForNextTickAsync());

        throw new TimeoutException($"did not come true: {what}\n{Logs()}");
    }

    public string Logs()
    {
        var text = new StringBuilder();
        foreach ((string name, ActorLbProcess process) in Processes.OrderBy(p => p.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"--- {name}\n{process.Output}\n");
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        foreach (ActorLbProcess process in Processes.Values)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    // A machine that stands still for a moment must not make servers look dead. Longer than interval is a warning, and no more.
    public string WriteConfiguration(int index)
    {
        NodeAddress node = Nodes[index];
        string file = Path.Combine(_directory, node.Name + ".conf");
        File.WriteAllText(file, $$"""
            actorlb {
              node { name = {{node.Name}}, data-dir = "{{Path.Combine(_directory, node.Name)}}" }
              cluster {
                host = "{{_host}}", port = {{node.ClusterPort}}
                discovery { method = seeds, seeds = [{{string.Join(", ", Nodes.Select(n => $"\"{_address}:{n.ClusterPort}\""))}}] }
              }
              admin { bind = "{{node.Admin.Authority}}" }
              listeners { http { bind = "{{node.Http.Authority}}" } }
              routes = [ { host = "*", path = "/", pool = web } ]
              pools { web {
                backends = [{{string.Join(", ", BackendPorts.Select(p => $"\"http://{_address}:{p}\""))}}]
                health { path = "/healthz", interval = 500ms, timeout = 2s }
                {{_poolExtra}}
              } }
              {{_extra}}
            }
            """);
        return file;
    }
}
