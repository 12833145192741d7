using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Traffic;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// The lane for plain HTTP/1.1 on Linux: event loops on threads of their own, each with its clients, its connections to
/// backends and its memory. What a request costs is mostly the system's.
/// </summary>
internal sealed class EpollLane : ILane
{
    /// <summary>A loop that is that busy is no loop any more. Looks, and not a time: who was stopped as a whole has not been looked at.</summary>
    private const int LooksUnansweredMax = 6;

    private readonly LaneParts _parts;
    private readonly Lock _change = new();
    private readonly List<Func<long>> _reserved = [];

    // Replaced whole: others read it from other threads.
    private volatile LaneLoop[] _loops = [];

    public EpollLane(
        DataPlane plane, TrafficDirector director, PassiveHealth passive, LimitsInForce limits, ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger<EpollLane>();
        _parts = new LaneParts(
            plane, director, passive, limits, new FailureLog(logger, plane.Time), new OpenConnections(plane.Connections), logger);
        plane.OpenExchangesConcerned += LookAtExchanges;
        plane.Addresses.Changed += DropStrays;
        plane.BackendsForgotten += DropForgotten;
    }

    /// <summary>Whether this system has what the lane needs; else why not.</summary>
    public static string? Unavailable => EpollPoller.Unavailable;

    /// <inheritdoc/>
    public OpenConnections Clients => _parts.Clients;

    /// <summary>What the loops hold now. From any thread.</summary>
    internal IEnumerable<LoopFigures> Figures => _loops.Select(l => l.Figures);

    /// <summary>Makes what each loop waits with. For tests.</summary>
    internal Func<SocketPoller> Pollers { get; init; } = static () => new EpollPoller();

    /// <inheritdoc/>
    public string? Failure()
    {
        foreach (LaneLoop loop in _loops)
        {
            if (loop.Running.IsCompleted)
            {
                return $"an event loop has ended: {loop.Running.Exception?.GetBaseException().Message}";
            }

            if (loop.LooksUnanswered() >= LooksUnansweredMax)
            {
                return "an event loop does nothing any more";
            }
        }

        return null;
    }

    /// <summary>Has at least so many loops. A start of all that is needed may fail where the system gives no more.</summary>
    public void Have(ListenerSettings listener)
    {
        lock (_change)
        {
            for (int more = LoopsOf(listener) - _loops.Length; more > 0; more--)
            {
                Begin(new LaneLoop(_parts, Pollers(), Pollers));
            }
        }
    }

    /// <inheritdoc/>
    public void Open(ServedListener listener)
    {
        Have(listener.Settings);
        LaneLoop[] all = _loops;
        LaneLoop[] takers = [.. all.Take(LoopsOf(listener.Settings))];
        foreach (LaneLoop loop in all)
        {
            bool takes = takers.Contains(loop);
            loop.Events.Post(() =>
            {
                if (takes)
                {
                    loop.Listen(new Acceptor(loop, listener, takers));
                }
            });
        }
    }

    /// <inheritdoc/>
    public Task CloseAsync(ServedListener listener) => OnLoopsAsync(loop => loop.Unlisten(listener));

    /// <inheritdoc/>
    public void CloseIdle(ListenSocket socket)
    {
        foreach (LaneLoop loop in _loops)
        {
            loop.Events.Post(() => CloseClients(loop, c => c.IsIdle && ReferenceEquals(c.Listener.Socket, socket)));
        }
    }

    /// <inheritdoc/>
    public Task ApplyAsync(LimitSettings limits) => OnLoopsAsync(loop => loop.Apply(limits));

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _ = _parts.Clients.AskToLeave();
        await OnLoopsAsync(loop =>
        {
            loop.IsClosing = true;
            CloseClients(loop, c => c.IsIdle);
            loop.Exchanges.LookNow();
        });
        try
        {
            // Asked again, now that nobody can come any more.
            await _parts.Clients.AskToLeave().WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            await OnLoopsAsync(loop =>
            {
                foreach (AcceptedConnection client in loop.Clients.ToArray())
                {
                    client.CutOff();
                }
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        _parts.Plane.OpenExchangesConcerned -= LookAtExchanges;
        _parts.Addresses.Changed -= DropStrays;
        _parts.Plane.BackendsForgotten -= DropForgotten;
        await OnLoopsAsync(loop =>
        {
            loop.Unlisten(listener: null);
            CloseClients(loop, _ => true);
            loop.Backends.Clear();
            loop.Events.Stop();
        });
        LaneLoop[] loops = _loops;
        _loops = [];
        await Task.WhenAll(loops.Select(l => l.Running.ContinueWith(_ => { }, TaskScheduler.Default)));
        foreach (LaneLoop loop in loops)
        {
            loop.Dispose();
        }

        _reserved.ForEach(_parts.Plane.Memory.Discount);
    }

    /// <summary>Managed bytes that the loops' threads have allocated since they began.</summary>
    internal async Task<long> AllocatedBytesAsync()
    {
        long bytes = 0;
        await OnLoopsAsync(_ => Interlocked.Add(ref bytes, GC.GetAllocatedBytesForCurrentThread()));
        return bytes;
    }

    private static int LoopsOf(ListenerSettings listener) => listener.Loops > 0 ? listener.Loops : Environment.ProcessorCount;

    private void Begin(LaneLoop loop)
    {
        loop.Running = Task.Factory.StartNew(
            loop.Events.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Func<long> reserved = () => loop.Reserved;
        _reserved.Add(reserved);
        _parts.Plane.Memory.Count(reserved);
        _loops = [.. _loops, loop];
    }

    private void LookAtExchanges()
    {
        foreach (LaneLoop loop in _loops)
        {
            loop.Events.Post(loop.Exchanges.LookNow);
        }
    }

    private void DropStrays()
    {
        foreach (LaneLoop loop in _loops)
        {
            loop.Events.Post(loop.Backends.DropStrays);
        }
    }

    private void DropForgotten()
    {
        foreach (LaneLoop loop in _loops)
        {
            loop.Events.Post(loop.Backends.DropForgotten);
        }
    }

    private static void CloseClients(LaneLoop loop, Func<AcceptedConnection, bool> which)
    {
        foreach (AcceptedConnection client in loop.Clients.Where(which).ToArray())
        {
            client.Close();
        }
    }

    /// <summary>Does something on every loop's thread, and waits until all have whose threads have not ended.</summary>
    private Task OnLoopsAsync(Action<LaneLoop> work) => Task.WhenAll(_loops.Select(loop =>
    {
        if (loop.Running.IsCompleted)
        {
            return Task.CompletedTask;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Events.Post(() =>
        {
            try
            {
                work(loop);
            }
            finally
            {
                done.SetResult();
            }
        });
        return Task.WhenAny(done.Task, loop.Running);
    }));
}
