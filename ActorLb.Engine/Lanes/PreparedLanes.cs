using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Epoll;
using ActorLb.Engine.Kestrel;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Passwords;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Lanes;

/// <summary>
/// All that a node needs to serve by another topology: addresses are bound, certificates loaded, files opened. Nothing that a
/// client could notice has changed before <see cref="CommitAsync"/>; one that is not committed gives everything back. One at a time.
/// </summary>
public sealed class PreparedLanes : IAsyncDisposable
{
    private readonly LaneGroup _group;
    private readonly List<ListenSocket> _made = [];
    private readonly List<LeavingSocket> _claimed = [];
    private readonly List<ListenSocket> _shared = [];
    private string? _madeFile;
    private bool _isOver;

    internal PreparedLanes(LaneGroup group, Topology topology, ListenerPlan[] plans, ServedListener[] basis)
    {
        _group = group;
        Topology = topology;
        BackendTls = group.Plane.BackendTls.Prepare(topology.Pools.Values);
        Users = group.Plane.Users.Prepare(topology.Routes);
        Plans = plans;
        Basis = basis;
    }

    /// <summary>The same, to be committed by the start.</summary>
    internal PreparedLanes(LaneGroup group, PreparedLanes before)
        : this(group, before.Topology, before.Plans, before.Basis)
    {
        Sockets = before.Sockets;
        _made.AddRange(before._made);
        before._made.Clear();
    }

    public Topology Topology { get; }

    /// <summary>TLS towards the backends of its pools.</summary>
    internal BackendTlsTable.Next BackendTls { get; }

    /// <summary>Those of its routes that ask for a password.</summary>
    internal UsersFiles.Next Users { get; }

    internal ListenerPlan[] Plans { get; }

    /// <summary>What is served before it.</summary>
    internal ServedListener[] Basis { get; }

    /// <summary>For each plan; empty before they are bound.</summary>
    internal ListenSocket[] Sockets { get; private set; } = [];

    /// <summary>Those that listeners have back, with who accepts from them until then.</summary>
    internal IEnumerable<ServedListener> Claimed => _claimed.Select(c => c.Listener);

    internal EpollLane? Epoll { get; private set; }

    internal KestrelLane? Kestrel { get; private set; }

    /// <summary>
    /// Makes it so, for the lanes and the data plane (<see cref="DataPlane.Apply(Topology, BackendTlsTable.Next, UsersFiles.Next)"/>) in an order in
    /// which no request meets what its lane cannot do. Complete when new connections are served by it, and none by what was before;
    /// connections that were there are served to their end by what they came by.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another was committed since it was prepared, or the node stops.</exception>
    public async Task CommitAsync()
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        await _group.CommitAsync(this, () => _isOver = true);
    }

    /// <summary>Clients can connect from now on.</summary>
    /// <exception cref="IOException">Another process listens there since it was bound.</exception>
    internal void Listen()
    {
        foreach ((ListenSocket socket, ListenerPlan plan) in Sockets.Zip(Plans))
        {
            try
            {
                socket.Listen();
            }
            catch (SocketException e)
            {
                throw BindFailure.Of(plan.Settings.BindKey, plan.Settings.Bind, e);
            }
        }
    }

    /// <summary>Another is prepared for the start in its place: that has the addresses which both want, and the rest is given back.</summary>
    internal async Task GiveToAsync(PreparedLanes next)
    {
        foreach (ListenSocket socket in _made.Where(s => next.Sockets.Contains(s)).ToArray())
        {
            _made.Remove(socket);
            next._made.Add(socket);
        }

        await DisposeAsync();
    }

    /// <summary>Gives back what was not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        _made.ForEach(s => s.Dispose());
        _shared.ForEach(s => s.SharePort(shares: false));
        _claimed.ForEach(c => _group.Leave(c.Listener));
        if (_madeFile is not null)
        {
            File.Delete(_madeFile);
        }

        if (Epoll is not null && Epoll != _group.Epoll)
        {
            await Epoll.DisposeAsync();
        }

        if (Kestrel is not null && Kestrel != _group.Kestrel)
        {
            await Kestrel.DisposeAsync();
        }
    }

    /// <summary>Gets everything; whoever called it disposes of this where it throws.</summary>
    /// <param name="leaving">Sockets that are about to be closed.</param>
    /// <exception cref="IOException">An address is in use, or is none of this machine, or a file cannot be written.</exception>
    internal void Take(IReadOnlyList<LeavingSocket> leaving, AccessLogSettings log)
    {
        Bind(leaving, null);
        if (Topology.AccessLog.IsOn && Topology.AccessLog.Path != log.Path && AccessLogFile.Make(Topology.AccessLog.Path))
        {
            _madeFile = Topology.AccessLog.Path;
        }

        foreach (ListenerPlan plan in Plans.Where(p => p.Engine == ListenerEngine.Epoll))
        {
            Epoll ??= _group.Epoll ?? _group.NewEpollLane();
            Epoll.Have(plan.Settings);
        }

        if (Plans.Any(p => p.Engine == ListenerEngine.Kestrel))
        {
            Kestrel = _group.Kestrel ?? _group.NewKestrelLane();
        }
    }

    /// <summary>Binds the addresses that are not bound yet. More than once is once.</summary>
    /// <exception cref="IOException">An address is in use, or is none of this machine.</exception>
    /// <param name="held">What the start would do so far; null after it.</param>
    internal void Bind(IReadOnlyList<LeavingSocket> leaving, PreparedLanes? held)
    {
        if (Sockets.Length > 0)
        {
            return;
        }

        RefuseOverlaps();
        ListenerSettings[] listeners = [.. Plans.Select(p => p.Settings)];
        (ListenSocket Socket, string Name)[] there =
        [
            .. Basis.Select(s => (s.Socket, s.Settings.Name)),
            .. held is null ? [] : held.Sockets.Zip(held.Plans, (s, p) => (s, p.Settings.Name)),
        ];
        Dictionary<ListenSocket, string> names = there.ToDictionary(s => s.Socket, s => s.Name);
        ListenSocket?[] found = AddressMatch.Of(listeners, [.. names.Keys], s => (s.Bind, s.Local, names[s]));
        LeavingSocket?[] again = AddressMatch.Of(listeners, [.. leaving], l => Facts(l.Listener));
        for (int i = 0; i < Plans.Length; i++)
        {
            if (found[i] is null && again[i] is { } back && back.TryClaim())
            {
                _claimed.Add(back);
                found[i] = back.Listener.Socket;
            }
        }

        ListenSocket[] staying = [.. found.OfType<ListenSocket>()];
        ListenSocket[] going = [.. Basis.Select(s => s.Socket).Concat(leaving.Select(l => l.Listener.Socket)).Except(staying)];
        Sockets = [.. Plans.Select((plan, i) => found[i] ?? New(plan.Settings, staying, going))];
    }

    private static (IPEndPoint Bind, IPEndPoint Local, string Name) Facts(ServedListener served) =>
        (served.Socket.Bind, served.Socket.Local, served.Settings.Name);

    // Two sockets that do not listen yet can be bound to one address: it would be found out too late.
    private void RefuseOverlaps()
    {
        for (int i = 0; i < Plans.Length; i++)
        {
            ListenerSettings one = Plans[i].Settings;
            if (Plans.Take(i).FirstOrDefault(p => AddressMatch.Overlap(p.Settings.Bind, one.Bind))?.Settings is { } other)
            {
                throw new IOException($"cannot listen on {one.Bind} ({one.BindKey}): listener '{other.Name}' listens on {other.Bind}");
            }
        }
    }

    private ListenSocket New(ListenerSettings listener, ListenSocket[] staying, ListenSocket[] going)
    {
        try
        {
            ListenSocket socket = NewBeside(listener.Bind, [.. going.Where(s => AddressMatch.Overlap(s.Local, listener.Bind))]);
            _made.Add(socket);
            return socket;
        }
        catch (SocketException e)
        {
            throw staying.FirstOrDefault(s => AddressMatch.Overlap(s.Local, listener.Bind)) is { } own
                ? new IOException($"cannot listen on {listener.Bind} ({listener.BindKey}): another listener listens on {own.Local}", e)
                : BindFailure.Of(listener.BindKey, listener.Bind, e);
        }
    }

    /// <param name="own">Sockets of ours in the way that are closed soon: until then both are there.</param>
    private ListenSocket NewBeside(IPEndPoint bind, ListenSocket[] own)
    {
        if (own.Length == 0 || !OperatingSystem.IsLinux())
        {
            return new ListenSocket(bind);
        }

        foreach (ListenSocket socket in own)
        {
            socket.SharePort(shares: true);
            _shared.Add(socket);
        }

        return new ListenSocket(bind, sharesPort: true);
    }
}
