using System.Runtime.InteropServices;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Memory;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Epoll;

/// <summary>One event loop of the lane with everything that its thread alone uses: backend connections, scratch memory, exchanges to use again.</summary>
internal sealed unsafe class LaneLoop : IMemoryAccount, IDisposable
{
    private const int ReservedPerQuestion = 1 << 20;

    private byte* _scratch;
    private int _scratchBytes;
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
        Events = new EventLoop(poller, parts.Plane.Time, e => Log.ConnectionFailedWithin(parts.Logger, e));
        Events.Recover = Recover;
        Backends = new BackendConnections(this);
        Exchanges = new LoopExchanges(this);
        Routes = new RouteFinder(parts.Director);
        Date = new DateText(parts.Plane.Time);
        MeasuringSlot = parts.Plane.Measurements.NewSlot();
        Limits = parts.InForce.Settings;
        Apply(Limits);
    }

    public LaneParts Parts { get; }

    /// <summary>Bytes that its exchanges may come to hold. Read from other threads, a little late perhaps.</summary>
    public long Reserved => Volatile.Read(ref _reserved);

    /// <summary>Its thread; complete when it has ended. Set once, by who starts it.</summary>
    public Task Running { get; set; } = Task.CompletedTask;

    /// <summary>The sockets where new clients come, each with its acceptor.</summary>
    private List<(Acceptor Acceptor, int Socket)> Acceptors { get; } = [];

    /// <summary>Those in force, as of the loop's last turn.</summary>
    public LimitSettings Limits { get; private set; }

    /// <inheritdoc cref="Limits"/>
    public MessageLimits MessageLimits { get; private set; }

    /// <summary>The widest that were in force since the loop began: what was taken in by them can be read again.</summary>
    public MessageLimits WidestLimits { get; private set; }

    /// <summary>How often it was begun anew.</summary>
    public int Restarts => _restarts.Count;

    /// <summary>Where its thread alone counts.</summary>
    public MeasuringSlot MeasuringSlot { get; }

    public EventLoop Events { get; }

    public BackendConnections Backends { get; }

    public LoopExchanges Exchanges { get; }

    public RouteFinder Routes { get; }

    public DateText Date { get; }

    /// <summary>Fields of the request head that was parsed last; whose, says <see cref="FieldsOf"/>.</summary>
    public HeaderField[] RequestFields { get; private set; } = [];

    /// <summary>The head that <see cref="RequestFields"/> belong to.</summary>
    public HeldHead? FieldsOf { get; set; }

    public HeaderField[] ResponseFields { get; private set; } = [];

    /// <summary>Memory for what is sent at once, or copied where it is not.</summary>
    public Span<byte> Scratch => new(_scratch, _scratchBytes);

    /// <summary>Clients that this loop serves. Read by all loops, to share new ones out.</summary>
    public int ClientCount => Volatile.Read(ref _clients);

    /// <summary>The node stops: who has nothing under way is closed.</summary>
    public bool IsClosing { get; set; }

    /// <summary>The connected clients, so that a stop can close them.</summary>
    public HashSet<AcceptedConnection> Clients { get; } = [];

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

    public bool TryHold(int bytes)
    {
        if (!Parts.Plane.Memory.HasRoomToHold)
        {
            return false;
        }

        _reserved += bytes;
        return true;
    }

    public void GiveBack(int bytes) => _reserved -= bytes;

    /// <summary>
    /// These limits are in force from now on. On the loop's thread and between two of its turns: nobody holds the scratch memory then,
    /// and fields that somebody still needs are read again (<see cref="HeldHead.Fields"/>). Memory grows and does not shrink.
    /// </summary>
    public void Apply(LimitSettings limits)
    {
        Limits = limits;
        MessageLimits = MessageLimits.From(limits);
        WidestLimits = WidestLimits.Or(MessageLimits);
        if (RequestFields.Length < WidestLimits.FieldCountMax)
        {
            RequestFields = new HeaderField[WidestLimits.FieldCountMax];
            ResponseFields = new HeaderField[WidestLimits.FieldCountMax];
            FieldsOf = null;
        }

        // The largest head with what we add to it, or the largest piece of a body with its trailers.
        int bytes = BufferPool.LargeBytes + (4 * (WidestLimits.LineBytesMax + WidestLimits.FieldBytesMax)) + BufferPool.MediumBytes;
        if (_scratchBytes < bytes)
        {
            NativeMemory.Free(_scratch);
            _scratch = (byte*)NativeMemory.Alloc((nuint)bytes);
            _scratchBytes = bytes;
        }
    }

    /// <summary>Accepts from the acceptor's socket, in place of who did before. On the loop's thread.</summary>
    public void Listen(Acceptor acceptor)
    {
        int socket = (int)acceptor.Listener.Socket.Socket.Handle;
        Unlisten(a => a.Socket == socket);
        Acceptors.Add((acceptor, socket));
        Events.RegisterListener(acceptor, socket);
    }

    /// <summary>Accepts no more for a listener, or for any where it is null. Their sockets stay open. On the loop's thread.</summary>
    public void Unlisten(ServedListener? listener) => Unlisten(a => listener is null || a.Acceptor.Listener == listener);

    /// <summary>A client will be admitted here. From any loop's thread.</summary>
    public void Expect() => Interlocked.Increment(ref _clients);

    public void Admit(AcceptedConnection client) => Clients.Add(client);

    /// <summary>A connection goes on as another one: what it was admitted for is the other's.</summary>
    public void Replace(AcceptedConnection client, AcceptedConnection other)
    {
        Clients.Remove(client);
        Clients.Add(other);
    }

    /// <param name="isHandedOver">Another lane has the connection already, and what it was admitted for.</param>
    public void Dismiss(AcceptedConnection client, bool isHandedOver = false)
    {
        if (Clients.Remove(client))
        {
            Interlocked.Decrement(ref _clients);
            if (isHandedOver)
            {
                Parts.Clients.HandOver();
                return;
            }

            Parts.Clients.Release(client.Listener, client.Peer);
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

    private void Unlisten(Predicate<(Acceptor Acceptor, int Socket)> which)
    {
        foreach ((Acceptor acceptor, int _) in Acceptors.FindAll(which))
        {
            // The socket stays open: without this, its news would still come.
            if (!acceptor.IsPaused)
            {
                Events.PauseListener(acceptor);
            }

            Events.Release(acceptor);
        }

        Acceptors.RemoveAll(which);
    }

    /// <summary>The loop itself has failed: its clients are closed, and it goes on with another poller, unless that was of no use.</summary>
    private bool Recover(Exception failure)
    {
        _restarts = _restarts.After(Parts.Plane.Time.GetElapsedTime(0));
        bool goesOn = _pollers is not null && !_restarts.AreTooMany;
        try
        {
            Log.LoopFailed(Parts.Logger, failure, goesOn ? "its clients are closed, and it goes on anew" : "it cannot go on");
        }
        catch
        {
            // Nobody can be told.
        }

        if (!goesOn)
        {
            return false;
        }

        foreach (AcceptedConnection client in Clients.ToArray())
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
            acceptor.IsPaused = false;
        }

        return true;
    }
}
