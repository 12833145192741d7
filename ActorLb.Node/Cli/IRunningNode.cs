using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cli;

/// <summary>A balancer node as the commands that run one see it.</summary>
public interface IRunningNode : IAsyncDisposable
{
    /// <summary>Starts everything and returns when the node serves. Throws where it cannot.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>Complete, with why, when a part of it has ended that does not begin again by itself.</summary>
    Task<string> WhenFailed => new TaskCompletionSource<string>().Task;

    /// <summary>Leaves gracefully; when the token is cancelled, what is still running is cut off.</summary>
    Task StopAsync(CancellationToken cancellation);
}

/// <summary>Makes a node that is not started yet.</summary>
public delegate IRunningNode NodeFactory(NodeSettings settings, ILoggerFactory loggers, TimeProvider time);
