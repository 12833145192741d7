using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Epoll;
using ActorLb.Engine.Health;
using ActorLb.Engine.Kestrel;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Passwords;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Lanes;

/// <summary>
/// The listeners of a node and the lanes that serve them: each by the lane that its engine asks for. Listeners come, go and change
/// while it runs, in two steps: <see cref="Prepare"/>, and <see cref="PreparedLanes.CommitAsync"/>.
/// </summary>
public sealed class LaneGroup : IAsyncDisposable
{
    private readonly DataPlane _plane;
    private readonly TrafficDirector _director;
    private readonly PassiveHealth _passive;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly NodeReports _reports;
    private readonly CertificateWatch _certificates;
    private readonly LimitsInForce _limits;
    private readonly Lock _change = new();
    private readonly LeavingSockets _leaving;

    // Replaced whole: read by others at any time.
    private volatile ServedListener[] _served = [];
    private volatile EpollLane? _epoll;
    private volatile KestrelLane? _kestrel;
    private Dictionary<string, string?> _whyKestrel = [];
    private PreparedLanes _first;
    private bool _isStarted;
    private bool _isStopping;

    private LaneGroup(DataPlane plane, TrafficDirector director, PassiveHealth passive, Topology topology, ILoggerFactory loggers)
    {
        _plane = plane;
        _director = director;
        _passive = passive;
        _loggers = loggers;
        _logger = loggers.CreateLogger<LaneGroup>();
        _reports = new NodeReports(plane, _logger);
        _leaving = new LeavingSockets(plane.Time, _logger, () => _served);
        _limits = new LimitsInForce(topology.Limits);
        _certificates = new CertificateWatch(Followed, _logger, plane.Steady);
        _first = new PreparedLanes(this, topology, ListenerPlan.Of(topology, [], plane.Time), []);
    }

    /// <summary>Where each listener is bound, by its name; a configured port of 0 is the real one here. Empty before the start.</summary>
    public ImmutableDictionary<string, IPEndPoint> Endpoints => _served.ToImmutableDictionary(s => s.Settings.Name, s => s.Socket.Local);

    /// <summary>When the first of the certificates of each listener with TLS expires, by the listener's name.</summary>
    public IEnumerable<KeyValuePair<string, DateTimeOffset>> CertificateExpiries =>
        _served.Where(s => s.Tls is not null).Select(s => KeyValuePair.Create(s.Settings.Name, s.Tls!.Expires));

    /// <summary>Those of all listeners, and those that backends are shown.</summary>
    public IEnumerable<CertificateInUse> CertificatesInUse => _served.SelectMany(s => s.Tls?.InUse ?? []).Concat(_plane.BackendTls.InUse);

    /// <summary>Of each event loop; empty before the start, and where no listener has any.</summary>
    public IReadOnlyList<LoopFigures> Loops => [.. _epoll?.Figures ?? []];

    /// <summary>Other listeners or limits are in force. On the thread that changed them.</summary>
    public event Action<Topology>? Changed;

    /// <summary>One of each kind that a listener needs, or needed.</summary>
    internal IReadOnlyList<ILane> Lanes => [.. ((ILane?[])[_epoll, _kestrel]).OfType<ILane>()];

    internal DataPlane Plane => _plane;

    internal EpollLane? Epoll => _epoll;

    internal KestrelLane? Kestrel => _kestrel;

    internal IReadOnlyList<ServedListener> Served => _served;

    /// <summary>Sockets that are about to be closed.</summary>
    internal int LeavingCount => _leaving.Count;

    /// <summary>Of the topology as it was written.</summary>
    /// <exception cref="LaneUnavailableException">A listener asks for a lane that it cannot have.</exception>
    /// <exception cref="CertificateFileException">A certificate cannot be used.</exception>
    /// <exception cref="UsersFileException">A file of users cannot be used.</exception>
    public static LaneGroup Build(
        DataPlane plane, TrafficDirector director, PassiveHealth passive, NodeSettings settings, ILoggerFactory loggers) =>
        new(plane, director, passive, settings.Topology, loggers);

    /// <summary>Why a lane can serve no more and will not get well by itself; null: all can. Asked every few seconds while it runs.</summary>
    public string? Failure() => Lanes.Select(l => l.Failure()).FirstOrDefault(f => f is not null);

    /// <summary>
    /// Binds every address without listening there, so that whoever cannot have one hears it before anything else starts;
    /// clients are refused until the start. It may be left out.
    /// </summary>
    /// <exception cref="IOException">An address is in use, or is none of this machine.</exception>
    public void Hold() => _first.Bind([], null);

    /// <exception cref="IOException">An address is in use.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        _reports.Start();
        _plane.Memory.Start();
        _first.Take([], _first.Topology.AccessLog);
        _isStarted = true;
        await _first.CommitAsync().WaitAsync(cancellation);
        _certificates.Start();
    }

    /// <summary>
    /// Gets all that another topology needs of addresses, certificates and files, and changes nothing yet. Before the start it is
    /// what the start begins with; not while it starts.
    /// </summary>
    /// <exception cref="LaneUnavailableException">A listener asks for a lane that it cannot have.</exception>
    /// <exception cref="CertificateFileException">A certificate cannot be used.</exception>
    /// <exception cref="UsersFileException">A file of users cannot be used.</exception>
    /// <exception cref="IOException">An address is in use, or is none of this machine, or the access log cannot be written.</exception>
    public PreparedLanes Prepare(Topology next)
    {
        ServedListener[] served = _served;
        var prepared = new PreparedLanes(this, next, ListenerPlan.Of(next, served, _plane.Time), served);
        try
        {
            if (_isStarted)
            {
                prepared.Take(_leaving.Now, _plane.AccessLog?.Settings ?? AccessLogSettings.Off);
            }
            else
            {
                prepared.Bind([], _first);
            }

            return prepared;
        }
        catch
        {
            _ = prepared.DisposeAsync().AsTask();
            throw;
        }
    }

    /// <summary>
    /// Asks clients to leave with every answer, and goes on accepting so that nobody is turned away who has not heard
    /// of it yet. When all have left or the time is up, nobody new is let in, and who was let in last is answered.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task LeaveAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        await WhenGoneAsync(atMost, cancellation);
        if (atMost > TimeSpan.Zero)
        {
            ListenSocket[] sockets = [.. _served.Select(s => s.Socket)];
            foreach (ListenSocket socket in sockets)
            {
                socket.Shut();
            }

            await ClosingPorts.AcceptedAsync(sockets, _plane.Time, cancellation);

            // Whoever was kept out repeats it a second after, and is to be refused then.
            await ClosePortsAsync();
            await WhenGoneAsync(ClosingPorts.LastRequestTime, cancellation);
        }
    }

    /// <summary>
    /// Stops accepting, closes idle connections and tunnels (WebSockets with 1001), and waits for requests in flight; those
    /// that still are when the token fires are cut off.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        await ClosePortsAsync();
        await Task.WhenAll(Lanes.Select(l => l.StopAsync(cancellation)));
    }

    public async ValueTask DisposeAsync()
    {
        await ClosePortsAsync();
        await _first.DisposeAsync();
        foreach (ILane lane in Lanes)
        {
            await lane.DisposeAsync();
        }

        _certificates.Dispose();
        _plane.Memory.Dispose();
        _reports.Dispose();
    }

    internal EpollLane NewEpollLane() => new(_plane, _director, _passive, _limits, _loggers);

    internal KestrelLane NewKestrelLane() => new(_plane, _director, _passive, _limits, _loggers);

    /// <summary>Goes over to what was prepared; complete when nothing accepts by what was before.</summary>
    /// <param name="begins">Called when nothing can keep it from happening.</param>
    /// <exception cref="InvalidOperationException">Another was committed since, or the node stops.</exception>
    internal async Task CommitAsync(PreparedLanes next, Action begins)
    {
        if (!_isStarted)
        {
            begins();
            _ = ApplyAsync(next.Topology);
            ApplyToPlane(next);
            PreparedLanes first = _first;
            _first = new PreparedLanes(this, next);
            await first.GiveToAsync(_first);
            return;
        }

        next.Listen();
        ServedListener[] before = [.. next.Basis, .. next.Claimed];
        ServedListener[] now;
        Task limits;
        lock (_change)
        {
            if (_isStopping || !ReferenceEquals(_served, next.Basis))
            {
                throw new InvalidOperationException(_isStopping ? "the node stops" : "the listeners were changed by somebody else meanwhile");
            }

            begins();
            _epoll ??= next.Epoll;
            _kestrel ??= next.Kestrel;
            now = [.. next.Plans.Zip(next.Sockets, Serve)];
            limits = ApplyAsync(next.Topology);
            TellEngines(next.Plans);
            _served = now;
            _plane.Connections.Keep(now.Select(s => s.Connections));
        }

        await limits;

        // The event loops cannot do all that Kestrel can: where they are left it is there before what needs it is in force. All else
        // opens behind that: a new listener finds its routes.
        var sockets = before.Select(s => s.Socket).ToHashSet();
        bool LeavesLoops(ServedListener listener) => listener.Engine == ListenerEngine.Kestrel && sockets.Contains(listener.Socket);
        await ReplaceAsync([.. now.Where(LeavesLoops)], now, before);
        ApplyToPlane(next);

        await ReplaceAsync([.. now.Where(s => !LeavesLoops(s))], now, before);
        LeaveGone(now, before);
        Changed?.Invoke(next.Topology);
    }

    /// <summary>A socket that was taken back is not wanted after all.</summary>
    internal void Leave(ServedListener listener) => _leaving.Add(listener, Lanes, clientsStay: false);

    private void ApplyToPlane(PreparedLanes next)
    {
        if (_plane.Topology != next.Topology)
        {
            _plane.Apply(next.Topology, next.BackendTls, next.Users);
        }
        else
        {
            // Files may hold something else under the same names.
            next.BackendTls.Commit();
            next.Users.Commit();
        }
    }

    /// <returns>Complete when the lanes go by its limits.</returns>
    private Task ApplyAsync(Topology next)
    {
        _limits.Apply(next.Limits);
        _plane.Connections.Apply(next.Limits);
        _plane.Memory.Apply(next.Limits.Memory);
        if (next.AccessLog != (_plane.AccessLog?.Settings ?? AccessLogSettings.Off) && (next.AccessLog.IsOn || _plane.AccessLog is not null))
        {
            _plane.AccessLog = AccessLog.Of(next.AccessLog, _plane.AccessLogTotals);
        }

        return Task.WhenAll(Lanes.Select(l => l.ApplyAsync(next.Limits)));
    }

    private ServedListener Serve(ListenerPlan plan, ListenSocket socket)
    {
        string name = plan.Settings.Name;
        return _served.FirstOrDefault(s => s.Settings.Name == name && s.IsSame(plan.Settings, socket, plan.Engine, plan.Tls))
            ?? new ServedListener(plan.Settings, socket, plan.Engine, plan.Tls, _plane.Connections.Of(name));
    }

    /// <summary>Those of some listeners that are new are opened, and whoever was at their sockets before accepts no more.</summary>
    private Task ReplaceAsync(ServedListener[] some, ServedListener[] now, ServedListener[] before)
    {
        ServedListener[] opened;
        lock (_change)
        {
            opened = _isStopping ? [] : [.. some.Except(before)];
            foreach (ServedListener listener in opened)
            {
                listener.Socket.Reopen();

                // What the event loops have of it goes on there until its next request.
                listener.Socket.Successor = listener.Engine == ListenerEngine.Kestrel ? _kestrel : null;
                (listener.Engine == ListenerEngine.Epoll ? (ILane)_epoll! : _kestrel!).Open(listener);
                Log.ListenerOpened(_logger, listener.Settings.Name, listener.Socket.Local, listener.Engine);
            }
        }

        var sockets = opened.Select(s => s.Socket).ToHashSet();
        return Task.WhenAll(before.Except(now).Where(s => sockets.Contains(s.Socket)).SelectMany(s => Lanes.Select(l => l.CloseAsync(s))));
    }

    private void LeaveGone(ServedListener[] now, ServedListener[] before)
    {
        var sockets = now.Select(s => s.Socket).ToHashSet();
        foreach (ServedListener gone in before.Where(s => !sockets.Contains(s.Socket)))
        {
            // Its clients are those of a listener that has another name, or another address, now.
            _leaving.Add(
                gone, Lanes, now.Any(s => s.Settings.Name == gone.Settings.Name || AddressMatch.Overlap(s.Socket.Local, gone.Socket.Local)));
        }
    }

    // Once for each reason: a change of something else says nothing new.
    private void TellEngines(ListenerPlan[] plans)
    {
        foreach (ListenerPlan plan in plans)
        {
            if (plan.WhyKestrel is not null && _whyKestrel.GetValueOrDefault(plan.Settings.Name) != plan.WhyKestrel)
            {
                Log.ServedByKestrel(_logger, plan.Settings.Name, plan.WhyKestrel);
            }
        }

        _whyKestrel = plans.ToDictionary(p => p.Settings.Name, p => p.WhyKestrel);
    }

    private async Task WhenGoneAsync(TimeSpan atMost, CancellationToken cancellation) =>
        await Task.WhenAll(Lanes.Select(l => l.Clients.WhenGoneAsync(atMost, _plane.Time, cancellation)));

    private async Task ClosePortsAsync()
    {
        lock (_change)
        {
            _isStopping = true;
        }

        foreach (ILane lane in Lanes)
        {
            _ = lane.Clients.AskToLeave();
        }

        await _leaving.HurryAsync();
        ServedListener[] served = _served;
        await Task.WhenAll(Lanes.SelectMany(l => served.Select(l.CloseAsync)));
        foreach (ServedListener listener in served)
        {
            listener.Socket.Dispose();
        }
    }

    /// <summary>Certificates, roots and users whose files have changed and cannot be used.</summary>
    public IReadOnlyList<CertificateProblem> CertificateProblems => _certificates.Problems;

    private IEnumerable<IFollowsFiles> Followed() =>
        _served.SelectMany(s => s.Tls?.Followed ?? []).Concat(_plane.BackendTls.Followed).Concat(_plane.Users.Followed);
}
