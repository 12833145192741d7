using ActorLb.Bench.Http1.Fuzzing;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>The sockets of all loops by their numbers. A number is used again as soon as it is free, as a system does.</summary>
internal sealed class MemoryNetwork(Random random)
{
    /// <summary>The number of the listening socket, which all loops share.</summary>
    public const int Listener = 0;

    private readonly List<MemorySocket?> _sockets = [null];
    private readonly SortedSet<int> _free = [];
    private readonly Queue<MemorySocket> _arriving = new();

    public Random Random => random;

    /// <summary>Sockets that the lane has not closed.</summary>
    public int OpenCount => _sockets.Count - 1 - _free.Count;

    public bool IsAnyoneArriving => _arriving.Count > 0;

    /// <summary>Hears of each connection that the lane begins, with the port.</summary>
    public Action<MemorySocket, int> Connecting { get; set; } = (_, _) => { };

    public MemorySocket this[int number] => number > 0 && number < _sockets.Count && _sockets[number] is { } socket
        ? socket
        : throw new FuzzFailure($"socket {number} is used and is not open", default);

    /// <summary>A client waits to be accepted.</summary>
    public void Arrive(MemorySocket client) => _arriving.Enqueue(client);

    /// <summary>The next client's number; null where nobody waits.</summary>
    public int? Accept() => _arriving.TryDequeue(out MemorySocket? client) ? Open(client) : null;

    public int Open(MemorySocket socket)
    {
        if (_free.Count == 0)
        {
            _sockets.Add(socket);
            return _sockets.Count - 1;
        }

        int number = _free.Min;
        _free.Remove(number);
        _sockets[number] = socket;
        return number;
    }

    public void Close(int number, bool reset)
    {
        this[number].LaneCloses(reset);
        _sockets[number] = null;
        _free.Add(number);
    }
}
