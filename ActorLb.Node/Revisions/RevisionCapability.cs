using ActorLb.Engine;
using ActorLb.Node.States;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Revisions;

/// <summary>
/// What a node has of revisions beside its actors: it begins with the one it had, and knows when it goes by what the cluster does.
/// Lives as long as the process.
/// </summary>
internal sealed class RevisionCapability(RevisionRunner runner, DataPlane plane, IStateStore store, ILogger logger)
{
    private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile RevisionStatus _status = RevisionStatus.None;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RevisionRunner Runner => runner;

    public RevisionStore Store { get; } = new(store, logger);

    /// <summary>For tests.</summary>
    public RevisionSeam Seam { get; set; } = static _ => Task.CompletedTask;

    public RevisionStatus Status => _status;

    /// <summary>Completes when all members that can be reached have told what they have, and the highest of it was tried here.</summary>
    public Task Heard => _heard.Task;

    /// <summary>
    /// Before the bindings are read: they are of the pools of the revision in force. What cannot be run now is tried again until it
    /// can, and the node is not ready before.
    /// </summary>
    public void Begin()
    {
        if (Store.History().Head is not { IsRelease: false } head)
        {
            return;
        }

        try
        {
            if (runner.Read(head.Text, head.Id, Name(head)).Layer is { } layer && layer.Topology != plane.Topology)
            {
                plane.Apply(layer.Topology);
            }
        }
        catch (Exception e)
        {
            // It is tried again, and told, by all that the node is then.
            Log.RevisionUnread(logger, e, head);
        }
    }

    /// <summary>The node goes by the revision it had, unless it cannot.</summary>
    public async Task StartAsync()
    {
        RevisionHistory history = Store.History();
        string? problem = history.Head is { IsRelease: false } head ? await runner.GoOverAsync(head) : null;
        Tell(new RevisionStatus(history, problem));
        if (problem is not null)
        {
            Log.RevisionNotRunnable(logger, history.Head, problem);
        }
    }

    /// <summary>Waits until this node goes by what is in force, however long that takes.</summary>
    public async Task WhenRunnableAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task next = Volatile.Read(ref _next).Task;
            if (_status.Problem is null)
            {
                return;
            }

            await next.WaitAsync(cancellation);
        }
    }

    public void Tell(RevisionStatus status)
    {
        _status = status;
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public void TellHeard() => _heard.TrySetResult();

    private static string Name(Revision revision) => $"revision {revision.Id.Number}";
}
