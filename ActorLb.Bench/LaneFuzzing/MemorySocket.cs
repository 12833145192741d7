using ActorLb.Engine.Transport;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>
/// One connection between the lane and a peer that the fuzzer plays: what is on its way in both directions, and how it
/// ends. The lane's side is used through <see cref="MemoryPoller"/> alone.
/// </summary>
/// <param name="window">Bytes that the lane may have sent before the peer takes some.</param>
internal sealed class MemorySocket(int window)
{
    private readonly ByteQueue _toLane = new();
    private readonly ByteQueue _fromLane = new();
    private bool _peerFinished;
    private bool _peerReset;

    // Whoever calls first after a reset is told, and nobody else. What had come before it stays.
    private bool _isResetUntold;
    private bool _peerGone;
    private bool _laneFinished;
    private bool _laneClosed;
    private bool _laneReset;
    private bool _isBlocked;

    /// <summary>As the lane registered it.</summary>
    public ulong? Tag { get; set; }

    /// <summary>Something changed that the lane has not heard of yet (edge-triggered).</summary>
    public bool HasNews { get; set; }

    public bool IsConnecting { get; set; }

    /// <summary>0, or why connecting failed (errno).</summary>
    public int ConnectError { get; private set; }

    /// <summary>The lane has closed it, and the peer has taken everything.</summary>
    public bool HasEnded => (_laneFinished || _laneClosed) && _fromLane.Length == 0;

    /// <summary>The lane closed it so that its peer knows that something is missing.</summary>
    public bool WasReset => _laneReset;

    public bool IsClosedByLane => _laneClosed;

    /// <summary>Bytes for the peer to read.</summary>
    public int Waiting => _fromLane.Length;

    /// <summary>The lane has read all that the peer sent.</summary>
    public bool IsDelivered => _toLane.Length == 0;

    public Readiness Readiness
    {
        get
        {
            if (IsConnecting)
            {
                return Readiness.None;
            }

            bool isBroken = _peerReset || ConnectError != 0;
            var readiness = Readiness.None;
            readiness |= _toLane.Length > 0 || _peerFinished || isBroken ? Readiness.Readable : 0;
            readiness |= _fromLane.Length < window || isBroken ? Readiness.Writable : 0;
            readiness |= _peerFinished || isBroken ? Readiness.PeerEnded : 0;
            return readiness | (isBroken || (_peerFinished && _laneFinished) ? Readiness.Broken : 0);
        }
    }

    public void Connected(int error)
    {
        IsConnecting = false;
        ConnectError = error;
        HasNews = true;
    }

    public void PeerSends(ReadOnlySpan<byte> bytes)
    {
        if (_laneClosed)
        {
            return;
        }

        _toLane.Add(bytes);
        HasNews = true;
    }

    /// <summary>The peer sends no more, and still reads.</summary>
    public void PeerFinishes()
    {
        _peerFinished = true;
        HasNews = true;
    }

    public void PeerResets()
    {
        _isResetUntold = !_peerReset;
        _peerReset = true;
        _peerGone = true;
        _fromLane.Clear();
        HasNews = true;
    }

    /// <summary>The peer closes: it sends no more and reads no more, which the lane learns when it sends.</summary>
    public void PeerCloses()
    {
        _peerGone = true;
        _fromLane.Clear();
        PeerFinishes();
    }

    /// <summary>What the peer reads of what the lane has sent.</summary>
    public ReadOnlySpan<byte> PeerReceives(int length)
    {
        if (_laneReset)
        {
            // As a real one: what was not read before a reset is gone.
            _fromLane.Clear();
        }

        if (_isBlocked && length > 0)
        {
            _isBlocked = false;
            HasNews = true;
        }

        return _fromLane.Take(Math.Min(length, _fromLane.Length));
    }

    public int LaneReceives(Span<byte> into)
    {
        if (_toLane.Length > 0)
        {
            ReadOnlySpan<byte> taken = _toLane.Take(Math.Min(into.Length, _toLane.Length));
            taken.CopyTo(into);
            return taken.Length;
        }

        if (_isResetUntold || ConnectError != 0)
        {
            _isResetUntold = false;
            return -ResetError;
        }

        return _peerReset || _peerFinished ? 0 : SocketPoller.WouldBlock;
    }

    public Unread LanePeeks()
    {
        if (_toLane.Length > 0)
        {
            return Unread.Bytes;
        }

        // Whoever peeks first after a reset is told as well.
        bool hasEnded = _isResetUntold || ConnectError != 0 || _peerReset || _peerFinished;
        _isResetUntold = false;
        return hasEnded ? Unread.End : Unread.Nothing;
    }

    public int LaneSends(ReadOnlySpan<byte> bytes)
    {
        if (_peerReset || ConnectError != 0)
        {
            int error = _isResetUntold ? ResetError : ErrorNumber.BrokenPipe;
            _isResetUntold = false;
            return -error;
        }

        if (_peerGone)
        {
            // The first bytes are taken, and answered by a reset.
            PeerResets();
            return bytes.Length;
        }

        int length = Math.Min(bytes.Length, window - _fromLane.Length);
        if (length <= 0)
        {
            _isBlocked = true;
            return SocketPoller.WouldBlock;
        }

        _fromLane.Add(bytes[..length]);
        return length;
    }

    private int ResetError => _peerFinished ? ErrorNumber.BrokenPipe : ErrorNumber.ConnectionReset;

    public bool LaneHasFinished => _laneFinished;

    public void LaneFinishes() => _laneFinished = true;

    public void LaneCloses(bool reset)
    {
        _laneClosed = true;
        _laneReset = reset || _toLane.Length > 0;
        Tag = null;
    }
}
