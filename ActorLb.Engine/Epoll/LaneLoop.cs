using System.Runtime.InteropServices;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Epoll;

/// <summary>One event loop of the lane with everything that its thread alone uses: backend connections, scratch memory, exchanges to use again.</summary>
internal sealed unsafe class LaneLoop : IDisposable
{
    private const int ReservedPerQuestion = 1 << 20;

    private readonly byte* _scratch;
    private readonly int _scratchBytes;
    private readonly Func<SocketPoller>? _pollers;
    private long _reserved;
    private int _reservedUnasked;
    private int _clients;
    private RestartState _restarts;
    private int _looksUnanswered;
    private volatile bool _hasAnswered = true;

    /// <param name="pollers">Makes another one where the first fails; null: then the loop ends.</param>
    public LaneLoop(LaneParts parts, SocketPoller poller, Func<SocketPoller>? pollers = null)
    {
        Parts = parts;
        _pollers = pollers;
        Events = new EventLoop(poller, parts.Plane.Time, e => parts.Logger.LogError(e, "A connection failed within the balancer."));
        Events.Recover = Recover;
        Backends = new BackendConnections(this);
        Exchanges = new LoopExchanges(this);
        Routes = new RouteFinder(parts.Director, parts.MessageLimits);
        Date = new DateText(parts.Plane.Time);
        RequestFields = new HeaderField[parts.MessageLimits.FieldCountMax];
        ResponseFields = new HeaderField[parts.MessageLimits.FieldCountMax];

        // The largest head with what we add to it, or the largest piece of a body with its trailers.
        _scratchBytes = BufferPool.LargeBytes + (4 * (parts.MessageLimits.LineBytesMax + parts.MessageLimits.FieldBytesMax)) + BufferPool.MediumBytes;
        _scratch = (byte*)NativeMemory.Alloc((nuint)_scratchBytes);
    }

    public LaneParts Parts { get; }

    /// <summary>Bytes that its exchanges may come to hold. Read from other threads, a little late perhaps.</summary>
    public long Reserved => Volatile.Read(ref _reserved);

    /// <summary>Its thread; complete when it has ended. Set once, by who starts it.</summary>
    public Task Running { get; set; } = Task.CompletedTask;

    /// <summary>The sockets where new clients come, each with its acceptor.</summary>
    public List<(Acceptor Acceptor, int Socket)> Acceptors { get; } = [];

    /// <summary>How often it was begun anew.</summary>
    public int Restarts => _restarts.Count;

    public EventLoop Events { get; }

    public BackendConnections Backends { get; }

    public LoopExchanges Exchanges { get; }

    public RouteFinder Routes { get; }

    public DateText Date { get; }

    /// <summary>Fields of the request head that was parsed last; whose, says <see cref="FieldsOf"/>.</summary>
    public HeaderField[] RequestFields { get; }

    /// <summary>The head that <see cref="RequestFields"/> belong to.</summary>
    public HeldHead? FieldsOf { get; set; }

    public HeaderField[] ResponseFields { get; }

    /// <summary>Memory for what is sent at once, or copied where it is not.</summary>
    public Span<byte> Scratch => new(_scratch, _scratchBytes);

    /// <summary>Clients that this loop serves. Read by all loops, to share new ones out.</summary>
    public int ClientCount => Volatile.Read(ref _clients);

    /// <summary>The node stops: who has nothing under way is closed.</summary>
    public bool IsClosing { get; set; }

    /// <summary>The connected clients, so that a stop can close them.</summary>
    public HashSet<ClientConnection> Clients { get; } = [];

    /// <summary>What it holds now. From any thread, a little late perhaps.</summary>
    public LoopFigures Figures => new(ClientCount, Backends.KeptCount, Events.Buffers.LentBytes, Events.Buffers.KeptBytes, Restarts);

    /// <summary>An exchange may come to hold so much; false: there is no room for it. Either way <see cref="GiveBack"/> follows.</summary>
    public bool TryReserve(int bytes)
    {
        _reserved += bytes;
        _reservedUnasked += bytes;
        if (_reservedUnasked < ReservedPerQuestion)
        {
            return true;
        }

        // The others' shares lie in their processors' caches: asked for now and then, and each time where there was no room.
        bool hasRoom = Parts.Plane.Memory.HasRoom;
        _reservedUnasked = hasRoom ? 0 : ReservedPerQuestion;
        return hasRoom;
    }

    public void GiveBack(int bytes) => _reserved -= bytes;

    /// <summary>A client will be admitted here. From any loop's thread.</summary>
    public void Expect()
    {
        Interlocked.Increment(ref _clients);
        Parts.Clients.Opened();
    }

    public void Admit(ClientConnection client) => Clients.Add(client);

    public void Dismiss(ClientConnection client)
    {
        if (Clients.Remove(client))
        {
            Interlocked.Decrement(ref _clients);
            Parts.Clients.Closed();
            Parts.Plane.Connections.Release(client.Listener, client.Peer);
        }
    }

    /// <summary>
    /// How many looks in a row have found it doing nothing of what it was asked to at the one before. From one thread.
    /// </summary>
    public int LooksUnanswered()
    {
        if (_hasAnswered)
        {
            _hasAnswered = false;
            _looksUnanswered = 0;
            Events.Post(() => _hasAnswered = true);
        }
        else
        {
            _looksUnanswered++;
        }

        return _looksUnanswered;
    }

    public void Dispose()
    {
        NativeMemory.Free(_scratch);
        Events.Dispose();
    }

    /// <summary>The loop itself has failed: its clients are closed, and it goes on with another poller, unless that was of no use.</summary>
    private bool Recover(Exception failure)
    {
        _restarts = _restarts.After(Parts.Plane.Time.GetElapsedTime(0));
        bool goesOn = _pollers is not null && !_restarts.AreTooMany;
        try
        {
            Parts.Logger.LogCritical(
                failure, "An event loop failed; {What}", goesOn ? "its clients are closed, and it goes on anew" : "it cannot go on");
        }
        catch
        {
            // Nobody can be told.
        }

        if (!goesOn)
        {
            return false;
        }

        foreach (ClientConnection client in Clients.ToArray())
        {
            client.Close();
        }

        Backends.Clear();
        foreach ((Acceptor acceptor, int _) in Acceptors)
        {
            Events.Release(acceptor);
        }

        Events.Restart(_pollers!());
        foreach ((Acceptor acceptor, int socket) in Acceptors)
        {
            Events.RegisterListener(acceptor, socket);
        }

        return true;
    }
}
