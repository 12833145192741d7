using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
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
public sealed class EpollLane : ILane
{
    private const int Backlog = 4096;

    /// <summary>A loop that is that busy is no loop any more. Looks, and not a time: who was stopped as a whole has not been looked at.</summary>
    private const int LooksUnansweredMax = 6;

    private readonly ImmutableArray<ListenerSettings> _listeners;
    private readonly LaneParts _parts;
    private readonly ListenGate _gate = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<LaneLoop> _loops = [];

    // Of those that run: replaced whole, since metrics read it from other threads.
    private volatile LaneLoop[] _started = [];

    public EpollLane(
        DataPlane plane,
        TrafficDirector director,
        PassiveHealth passive,
        ImmutableArray<ListenerSettings> listeners,
        LimitSettings limits,
        ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger<EpollLane>();
        _listeners = listeners;
        _parts = new LaneParts(
            plane, director, passive, limits, new FailureLog(logger, plane.Time), new OpenConnections(), logger);
    }

    /// <summary>Whether this system has what the lane needs; else why not.</summary>
    public static string? Unavailable => EpollPoller.Unavailable;

    /// <inheritdoc/>
    public ImmutableDictionary<string, IPEndPoint> Endpoints { get; private set; } = ImmutableDictionary<string, IPEndPoint>.Empty;

    /// <summary>What the loops hold now. From any thread.</summary>
    internal IEnumerable<LoopFigures> Figures => _started.Select(l => l.Figures);

    /// <summary>Makes what each loop waits with. For tests.</summary>
    internal Func<SocketPoller> Pollers { get; init; } = static () => new EpollPoller();

    /// <inheritdoc/>
    public string? Failure()
    {
        foreach (LaneLoop loop in _started)
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

    /// <inheritdoc/>
    public void Hold()
    {
        foreach (ListenerSettings listener in _listeners)
        {
            try
            {
                _gate.Hold(listener.Bind);
            }
            catch (SocketException e)
            {
                throw BindFailure.Of(listener.BindKey, listener.Bind, e);
            }
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        foreach (ListenerSettings listener in _listeners)
        {
            Bind(listener);
        }

        int loops = _listeners.IsEmpty ? 0 : _listeners.Max(l => l.Loops > 0 ? l.Loops : Environment.ProcessorCount);
        for (int i = 0; i < loops; i++)
        {
            var loop = new LaneLoop(_parts, Pollers(), Pollers);
            _loops.Add(loop);
            _parts.Plane.Memory.Count(() => loop.Reserved);
        }

        for (int i = 0; i < _listeners.Length; i++)
        {
            int own = _listeners[i].Loops > 0 ? _listeners[i].Loops : loops;
            LaneLoop[] takers = [.. _loops.Take(own)];
            foreach (LaneLoop loop in takers)
            {
                var acceptor = new Acceptor(loop, _listeners[i], takers);
                loop.Acceptors.Add((acceptor, (int)_sockets[i].Handle));
                loop.Events.RegisterListener(acceptor, (int)_sockets[i].Handle);
            }
        }

        foreach (LaneLoop loop in _loops)
        {
            loop.Running = Task.Factory.StartNew(
                loop.Events.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        _started = [.. _loops];
        _parts.Plane.OpenExchangesConcerned += LookAtExchanges;
        _parts.Addresses.Changed += DropStrays;
        _parts.Plane.BackendsForgotten += DropForgotten;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task LeaveAsync(TimeSpan atMost, CancellationToken cancellation) =>
        _parts.Clients.LeaveAsync(_gate, atMost, _parts.Plane.Time, cancellation);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _ = _parts.Clients.AskToLeave();
        await OnLoopsAsync(StopAccepting);
        CloseListeners();
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
                foreach (ClientConnection client in loop.Clients.ToArray())
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
        _started = [];

        // A start that failed half-way has loops without threads, and so has one that failed later.
        await OnLoopsAsync(loop =>
        {
            CloseClients(loop, _ => true);
            loop.Backends.Clear();
            loop.Events.Stop();
        });
        await Task.WhenAll(_loops.Select(l => l.Running.ContinueWith(_ => { }, TaskScheduler.Default)));

        foreach (LaneLoop loop in _loops)
        {
            loop.Dispose();
        }

        _loops.Clear();
        CloseListeners();
    }

    /// <summary>Managed bytes that the loops' threads have allocated since they began.</summary>
    internal async Task<long> AllocatedBytesAsync()
    {
        long bytes = 0;
        await OnLoopsAsync(_ => Interlocked.Add(ref bytes, GC.GetAllocatedBytesForCurrentThread()));
        return bytes;
    }

    /// <exception cref="IOException">The address is in use.</exception>
    private void Bind(ListenerSettings listener)
    {
        try
        {
            Socket socket = _gate.Bind(listener.Bind);
            socket.Blocking = false;
            socket.NoDelay = true;
            socket.Listen(Backlog);
            _sockets.Add(socket);
            Endpoints = Endpoints.SetItem(listener.Name, (IPEndPoint)socket.LocalEndPoint!);
        }
        catch (SocketException e)
        {
            throw BindFailure.Of(listener.BindKey, listener.Bind, e);
        }
    }

    private void LookAtExchanges()
    {
        foreach (LaneLoop loop in _started)
        {
            loop.Events.Post(loop.Exchanges.LookNow);
        }
    }

    private void StopAccepting(LaneLoop loop)
    {
        foreach ((Acceptor acceptor, int _) in loop.Acceptors)
        {
            loop.Events.Release(acceptor);
        }

        loop.Acceptors.Clear();
    }

    private void CloseListeners()
    {
        _gate.Release();
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }

        _sockets.Clear();
    }

    private void DropStrays()
    {
        foreach (LaneLoop loop in _started)
        {
            loop.Events.Post(loop.Backends.DropStrays);
        }
    }

    private void DropForgotten()
    {
        foreach (LaneLoop loop in _started)
        {
            loop.Events.Post(loop.Backends.DropForgotten);
        }
    }

    private static void CloseClients(LaneLoop loop, Func<ClientConnection, bool> which)
    {
        foreach (ClientConnection client in loop.Clients.Where(which).ToArray())
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
