using System.Collections.Immutable;
using System.Net.Sockets;
using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Targets.Processes;

/// <summary>The sample backends of the target, one process each.</summary>
internal sealed class BackendProcesses(string address, string folder, int most) : IAsyncDisposable
{
    private const int PortFirst = 9001;

    private readonly Dictionary<string, ChildProcess> _running = [];
    private ImmutableList<BackendPlace> _places = [];

    /// <summary>All that the nodes are configured with; those that do not run are down.</summary>
    public ImmutableArray<BackendPlace> Configured { get; } =
    [
        .. Enumerable.Range(0, most).Select(i => new BackendPlace($"web-{i}", $"web-{i}", new Uri($"http://{address}:{PortFirst + i}"))),
    ];

    /// <summary>Those that run, or should.</summary>
    public IReadOnlyList<BackendPlace> Places => _places;

    /// <summary>One more.</summary>
    public BackendPlace Add()
    {
        BackendPlace place = Configured[_places.Count];
        Start(place);
        _places = _places.Add(place);
        return place;
    }

    public void Start(BackendPlace backend) => _running[backend.Name] = ChildProcess.StartLogged(
        Path.Combine(folder, $"{backend.Name}.log"),
        NodeProgram.Path, "backend", "--listen", backend.Address.Authority, "--name", backend.Name, "--parent-pipe");

    public static async Task WhenListeningAsync(BackendPlace backend)
    {
        while (true)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(backend.Address.Host, backend.Address.Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }
    }

    public async Task KillAsync(BackendPlace backend) => await _running[backend.Name].DisposeAsync();

    public async Task StopAsync(BackendPlace backend)
    {
        await _running[backend.Name].SignalAsync("TERM");
        await _running[backend.Name].WhenEndedAsync();
    }

    public Task SignalAsync(BackendPlace backend, string signal) => _running[backend.Name].SignalAsync(signal);

    public async Task RemoveAsync(BackendPlace backend)
    {
        _places = _places.Remove(backend);
        await StopAsync(backend);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess process in _running.Values)
        {
            await process.DisposeAsync();
        }
    }
}
