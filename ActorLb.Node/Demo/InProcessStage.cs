using System.Net;
using ActorLb.Node.Cli;
using ActorLb.Node.SampleBackend;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Demo;

/// <summary>All of the demo in this process: three actor systems, three listeners, three sample backends.</summary>
internal sealed class InProcessStage : IDemoStage
{
    private readonly List<SampleServer> _backends = [];
    private readonly List<IRunningNode> _nodes = [];
    private readonly TaskCompletionSource<string> _never = new();

    /// <param name="configurations">Name and text for each node.</param>
    /// <exception cref="InvalidOperationException">A configuration that the demo wrote is refused.</exception>
    public InProcessStage(
        CommandContext context,
        DemoLayout layout,
        IEnumerable<(string Name, string Text)> configurations,
        ILoggerFactory loggers)
    {
        foreach (DemoBackend backend in layout.Backends)
        {
            _backends.Add(new SampleServer(new IPEndPoint(IPAddress.Loopback, backend.Port), backend.Name, loggers, context.Time));
        }

        foreach ((string name, string text) in configurations)
        {
            ConfigurationReading reading = context.ReadConfiguration(name, text);
            _nodes.Add(context.CreateNode(
                reading.Settings ?? throw new InvalidOperationException(string.Join("; ", reading.Mistakes)), loggers, context.Time));
        }
    }

    public Task<string> FirstLoss => _never.Task;

    public void Open()
    {
    }

    public int? ProcessIdOf(string name) => null;

    public async Task StartAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(_backends.Select(b => b.StartAsync(cancellation)));
        await Task.WhenAll(_nodes.Select(n => n.StartAsync(cancellation)));
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(_nodes.Select(n => n.StopAsync(cancellation)));
        await Task.WhenAll(_backends.Select(b => b.StopAsync(cancellation)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in _nodes.Concat<IAsyncDisposable>(_backends))
        {
            await part.DisposeAsync();
        }
    }
}
