using System.Globalization;
using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Targets.Processes;

/// <summary>One balancer of the target: a process of the product at its place, its files and its clock.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    public const string Token = "only-within-the-laboratory";

    /// <summary>A data directory that can be filled within a second.</summary>
    private const int DiskMegabytes = 16;

    private readonly IPlaces _places;
    private readonly int _index;
    private readonly string _folder;
    private readonly int _nodesMax;
    private readonly NodeText _text;
    private ChildProcess? _process;

    private NodeProcess(IPlaces places, string folder, int index, int nodesMax, NodeText text)
    {
        _places = places;
        _folder = folder;
        _index = index;
        _nodesMax = nodesMax;
        _text = text;
        string name = $"{(char)('a' + index)}";
        string address = places.AddressOf(index);
        Place = new NodePlace(
            name,
            new Uri($"http://{address}:{NodeText.ListenerPort}"),
            new Uri($"http://{address}:8090"),
            new Uri($"https://{address}:{NodeText.SecurePort}"));
    }

    public NodePlace Place { get; }

    private string Data => Path.Combine(_folder, $"{Place.Name}-data");

    private string Clock => Path.Combine(_folder, $"{Place.Name}.clock");

    private string Configuration => Path.Combine(_folder, $"{Place.Name}.conf");

    /// <param name="places">How many nodes there may be at most.</param>
    public static async Task<NodeProcess> CreateAsync(
        IPlaces places, string folder, int index, int nodesMax, NodeText text)
    {
        var node = new NodeProcess(places, folder, index, nodesMax, text);
        Directory.CreateDirectory(node.Data);
        if (places.CanBreak)
        {
            // In our own mount namespace: it goes with us.
            await ChildProcess.RunAsync("mount", "-t", "tmpfs", "-o", $"size={DiskMegabytes}m", "tmpfs", node.Data);
        }

        await File.WriteAllTextAsync(node.Configuration, node.Hocon(new FileVariant()));
        return node;
    }

    /// <param name="clockLibrary">A library that shifts the process's clock by what a file says; null for the machine's clock.</param>
    public void Start(string? clockLibrary = null)
    {
        string[] clock = clockLibrary is null ? [] :
        [
            $"LD_PRELOAD={clockLibrary}", $"FAKETIME_TIMESTAMP_FILE={Clock}", "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ];
        string[] environment = [$"{NodeText.AddressVariable}={_places.AddressOf(_index)}", .. _index == 0 ? [$"{NodeText.FirstVariable}=131s"] : Array.Empty<string>()];
        _process = ChildProcess.StartLogged(
            Path.Combine(_folder, $"{Place.Name}.log"),
            [.. _places.Enter(_index), "env", .. environment, .. clock, NodeProgram.Path, "run", "-c", Configuration, "--parent-pipe"]);
    }

    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync();
        }
    }

    public async Task StopAsync()
    {
        await _process!.SignalAsync("TERM");
        int code = await _process.WhenEndedAsync();
        await KillAsync();
        if (code != 0)
        {
            throw new InvalidOperationException($"{Place.Name} ended with {code} when it was asked to stop");
        }
    }

    public Task SignalAsync(string signal) => _process!.SignalAsync(signal);

    /// <summary>Replaces the file and says so.</summary>
    public async Task ReloadAsync(FileVariant variant)
    {
        string next = Configuration + ".next";
        await File.WriteAllTextAsync(next, Hocon(variant));
        File.Move(next, Configuration, overwrite: true);
        await SignalAsync("HUP");
    }

    public async Task FillDiskAsync(bool full)
    {
        string filler = Path.Combine(Data, "filler");
        if (!full)
        {
            File.Delete(filler);
            return;
        }

        // Ends when there is no room, which is what is wanted.
        await ChildProcess.ShellAsync($"cat /dev/zero > '{filler}' 2> /dev/null || true");
    }

    public Task SetClockAsync(TimeSpan ahead) =>
        File.WriteAllTextAsync(Clock, ahead.TotalSeconds.ToString("+0;-0;+0", CultureInfo.InvariantCulture) + "\n");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_places.CanBreak)
        {
            await ChildProcess.RunAsync("umount", Data);
        }
    }

    private string Hocon(FileVariant variant)
    {
        IEnumerable<string> seeds = Enumerable.Range(0, _nodesMax).Select(i => $"\"{_places.AddressOf(i)}:8110\"");
        return _text.ForOne(
            _places.AddressOf(_index),
            $$"""
            node { name = "{{Place.Name}}", data-dir = "{{Data}}" }
              cluster { host = "{{_places.AddressOf(_index)}}", secret = "{{LabSecret.Text}}", discovery { seeds = [{{string.Join(", ", seeds)}}] } }
              admin { bind = "{{Place.Admin.Authority}}", token = "{{Token}}" }
            """,
            variant);
    }
}
