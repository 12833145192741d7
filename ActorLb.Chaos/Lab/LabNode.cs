using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using ActorLb.Node.Admin;

namespace ActorLb.Chaos.Lab;

/// <summary>One balancer: a process of the product in its own network namespace, its files, and what its admin API says.</summary>
internal sealed class LabNode : IAsyncDisposable
{
    private const string Token = "only-within-the-laboratory";

    private readonly LabNetwork _network;
    private readonly int _index;
    private readonly string[] _within;
    private readonly string _configuration;
    private readonly string _log;
    private readonly HttpClient _admin;
    private ChildProcess? _process;

    /// <param name="settings">What its configuration holds beside its name, its directory and its own addresses.</param>
    /// <param name="within">Words to put before its command, after those that lead to its network.</param>
    public LabNode(LabNetwork network, string folder, int index, string settings, params string[] within)
    {
        _network = network;
        _index = index;
        _within = within;
        _log = Path.Combine(folder, $"{Name}.log");
        _configuration = Path.Combine(folder, $"{Name}.conf");
        File.WriteAllText(_configuration, Configuration(Path.Combine(folder, $"{Name}-data"), settings));
        _admin = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        _admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public string Name => $"{(char)('a' + _index)}";

    public void Start() =>
        _process = ChildProcess.StartLogged(_log, [.. _network.Enter(_index), .. _within, NodeProgram.Path, "run", "-c", _configuration, "--parent-pipe"]);

    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <returns>Null where it does not answer.</returns>
    public async Task<StatusDocument?> StatusAsync()
    {
        try
        {
            return JsonSerializer.Deserialize<StatusDocument>(await _admin.GetStringAsync(Admin("/api/v1/status")), AdminJson.Written);
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
            using HttpResponseMessage response = await _admin.GetAsync(Admin("/readyz"));
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
        string text = await _admin.GetStringAsync(Admin("/metrics"));
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

    // Its address may change while the trial lasts.
    private Uri Admin(string path) => new($"http://{_network.AddressOf(_index)}:8090{path}");

    private string Configuration(string data, string settings) => $$"""
        actorlb {
          node { name = "{{Name}}", data-dir = "{{data}}" }
          admin { bind = "0.0.0.0:8090", token = "{{Token}}" }
          listeners { http { bind = "0.0.0.0:8080" } }
        {{settings}}
        }
        """;
}
