using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using ActorLb.Node.Admin;

namespace ActorLb.Bench.Partitions;

/// <summary>One balancer: a process of the product in its own network namespace, its files, and what its admin API says.</summary>
internal sealed class LabNode : IAsyncDisposable
{
    public const int BackendPortFirst = 9001;

    private const string Token = "only-within-the-laboratory";

    private readonly LabNetwork _network;
    private readonly int _index;
    private readonly string _configuration;
    private readonly string _log;
    private readonly HttpClient _admin;
    private LabProcess? _process;

    public LabNode(LabNetwork network, string folder, int index, int nodes, int backends)
    {
        _network = network;
        _index = index;
        _log = Path.Combine(folder, $"{Name}.log");
        _configuration = Path.Combine(folder, $"{Name}.conf");
        File.WriteAllText(_configuration, Configuration(Path.Combine(folder, $"{Name}-data"), nodes, backends));
        _admin = new HttpClient { BaseAddress = new Uri($"http://{LabNetwork.AddressOf(index)}:8090"), Timeout = TimeSpan.FromSeconds(2) };
        _admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public string Name => $"{(char)('a' + _index)}";

    public Uri Listener => new($"http://{LabNetwork.AddressOf(_index)}:8080/whoami");

    /// <summary>The program of the product, which lies beside this one.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "ActorLb.Node");

    public void Start() => _process = LabProcess.StartLogged(_log, [.. _network.Enter(_index), Program, "run", "-c", _configuration, "--parent-pipe"]);

    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <summary>Stops the process for a while. By a process of its own, so that it goes on even if this one ends.</summary>
    public Task PauseAsync(int seconds) =>
        LabProcess.RunAsync("sh", "-c", $"kill -STOP {_process!.Id}; sleep {seconds}; kill -CONT {_process.Id}");

    /// <returns>Null where it does not answer.</returns>
    public async Task<StatusDocument?> StatusAsync()
    {
        try
        {
            return JsonSerializer.Deserialize<StatusDocument>(await _admin.GetStringAsync("/api/v1/status"), AdminJson.Written);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>True once it has opened its listeners.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using HttpResponseMessage response = await _admin.GetAsync("/readyz");
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>A counter of this node, since its start.</summary>
    public async Task<long> CounterAsync(string name)
    {
        string text = await _admin.GetStringAsync("/metrics");
        string line = text.Split('\n').FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal)) ?? throw new InvalidOperationException($"no metric {name}");
        return (long)double.Parse(line.AsSpan(name.Length), CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private string Configuration(string data, int nodes, int backends)
    {
        IEnumerable<string> seeds = Enumerable.Range(0, nodes).Select(i => $"\"{LabNetwork.AddressOf(i)}:8110\"");
        IEnumerable<string> web = Enumerable.Range(0, backends)
            .Select(i => $$"""{ id = web-{{i}}, address = "http://{{LabNetwork.HubAddress}}:{{BackendPortFirst + i}}" }""");
        return $$"""
            actorlb {
              node { name = "{{Name}}", data-dir = "{{data}}" }
              cluster { host = "{{LabNetwork.AddressOf(_index)}}", discovery { seeds = [{{string.Join(", ", seeds)}}] } }
              admin { bind = "{{LabNetwork.AddressOf(_index)}}:8090", token = "{{Token}}" }
              listeners { http { bind = "{{LabNetwork.AddressOf(_index)}}:8080" } }
              pools { web {
                backends = [ {{string.Join(", ", web)}} ]
                health { interval = 1s }
              } }
            }
            """;
    }
}
