using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cli;

/// <summary>A balancer node as the commands that run one see it.</summary>
internal interface IRunningNode : IAsyncDisposable
{
    /// <summary>
    /// Takes what a start needs and another process may have: the ports, the data directory. Throws where it cannot be had;
    /// the others have not heard of this node then. Called before the start, or by it.
    /// </summary>
    Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Starts everything and returns when the node serves. Throws where it cannot.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>Complete, with why, when a part of it has ended that does not begin again by itself.</summary>
    Task<string> WhenFailed => new TaskCompletionSource<string>().Task;

    /// <summary>Has it read its files again, and does not wait for that. Before it serves, it is done then.</summary>
    void Reload()
    {
    }

    /// <summary>Leaves gracefully; when the token is cancelled, what is still running is cut off.</summary>
    Task StopAsync(CancellationToken cancellation);
}

/// <summary>Makes a node that is not started yet.</summary>
internal delegate IRunningNode NodeFactory(NodeSettings settings, ILoggerFactory loggers, TimeProvider time);
