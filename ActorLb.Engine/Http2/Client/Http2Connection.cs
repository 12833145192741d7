using ActorLb.Engine.Clients;
using ActorLb.Engine.Http2.Hpack;

namespace ActorLb.Engine.Http2.Client;

/// <summary>
/// A connection of HTTP/2 to a backend: many requests at a time, each a <see cref="Http2Call"/> (RFC 9113). What comes for one that
/// is not taken waits in that one's window and holds nobody else up: the connection's window opens again for all that has come.
/// Any thread.
/// </summary>
internal sealed class Http2Connection : IDisposable
{
    /// <summary>Of frames in both directions: what every peer takes (RFC 9113, 4.2).</summary>
    public const int PayloadBytesMax = 16 * 1024;

    /// <summary>Of all calls together, on their way: taken in at once, it bounds nothing but the rate.</summary>
    private const int WindowBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly CallTable _calls;
    private readonly Stream _stream;
    private readonly Http2Options _options;
    private readonly TimeProvider _time;
    private readonly FrameOutput _output;
    private readonly FrameInput _input;
    private readonly Action _closed;
    private readonly Action<ClientKey[]> _suspected;
    private readonly RecentBlocks _blocks = new();
    private PeerParameters _peer = new();
    private FlowWindow _sendWindow = new(PeerParameters.UsualWindow);
    private bool _isLeaving;
    private bool _isClosed;
    private bool _isAnybodyWaiting;
    private int _receiveCredit;
    private Heartbeat _heartbeat;

    private Http2Connection(Stream stream, Http2Options options, TimeProvider time, Action closed, Action<ClientKey[]> suspected)
    {
        _stream = stream;
        _options = options;
        _time = time;
        _closed = closed;
        _suspected = suspected;
        _output = new FrameOutput(stream, Written, e => Fail(e, isPeers: true));
        _input = new FrameInput(stream, PayloadBytesMax);
        _calls = new CallTable(Now);
        _heartbeat = new Heartbeat(_calls.IdleSince);
    }

    /// <summary>The peer opens WebSockets by an extended CONNECT (RFC 8441, 3).</summary>
    public bool OpensWebSockets
    {
        get
        {
            lock (_lock)
            {
                return _peer.TakesExtendedConnect;
            }
        }
    }

    /// <summary>Any at all. Known from the beginning.</summary>
    public bool AllowsStreams
    {
        get
        {
            lock (_lock)
            {
                return _peer.StreamsMax > 0;
            }
        }
    }

    /// <summary>Of a head or trailers, as the peer says it: names and values, and 32 bytes for each field (RFC 9113, 6.5.2).</summary>
    public uint HeadBytesMax
    {
        get
        {
            lock (_lock)
            {
                return _peer.HeadBytesMax;
            }
        }
    }

    public bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>What calls are held to.</summary>
    public Http2Options Options => _options;

    private long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Begins to speak HTTP/2 on a connection that was just made; it is the connection's own from then on, whatever comes of it.</summary>
    /// <param name="closed">Is called once.</param>
    /// <param name="suspected">Hears whose calls may be why the peer ends the connection by an error, before they or anybody learns of it. May take no lock in which this connection is asked.</param>
    /// <exception cref="Http2Exception">The peer does not.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async Task<Http2Connection> OpenAsync(
        Stream stream, Http2Options options, TimeProvider time, Action closed, Action<ClientKey[]> suspected, CancellationToken cancellation)
    {
        var connection = new Http2Connection(stream, options, time, closed, suspected);
        try
        {
            await Greeting.ExchangeAsync(stream, connection._input, options, WindowBytes, cancellation).ConfigureAwait(false);
        }
        catch
        {
            connection._input.Dispose();
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _ = connection.RunAsync();
        return connection;
    }

    /// <summary>Room for one more call; null where there is none, or the connection takes no new ones.</summary>
    /// <param name="client">Whose it is.</param>
    public Http2Call? TryReserve(ClientKey client)
    {
        lock (_lock)
        {
            return _isClosed || _isLeaving || _heartbeat.IsDoubtful || !_calls.TryReserve(Math.Min((uint)_options.StreamsMax, _peer.StreamsMax))
                ? null
                : new Http2Call(this, client, _options.WindowBytes) { IsReused = _calls.IsUsed };
        }
    }

    /// <summary>No new calls are taken; those of now go on.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _isLeaving = true;
        }
    }

    /// <summary>Looks at what is due. To be called about once a second.</summary>
    /// <param name="idleMax">A connection without calls is closed after this long; zero: never.</param>
    public void Look(TimeSpan idleMax)
    {
        long now = Now;
        bool isIdle;
        bool isSilent;
        lock (_lock)
        {
            isIdle = _calls.IsEmpty && (_isLeaving || _heartbeat.IsDoubtful || (idleMax > TimeSpan.Zero && now - _calls.IdleSince >= idleMax.TotalMilliseconds));
            isSilent = _heartbeat.IsGone(now);
            if (_options.PingInterval > TimeSpan.Zero && _calls.HasBegun && _heartbeat.IsSilentFor(_options.PingInterval, now))
            {
                Ping(_heartbeat.TryAsk(now));
            }

            Ping(_heartbeat.TryAskAgain(now));
            foreach (Http2Call call in _calls.Overdue(now))
            {
                Reset(call, Http2Error.Cancel, "the backend did not mark the end of its answer");
            }
        }

        if (isSilent)
        {
            Fail(new Http2Exception(Http2Error.NoError, "the backend answers no PING"), isPeers: false);
        }
        else if (isIdle)
        {
            Close("the connection was idle");
        }
        else
        {
            _output.Flush();
        }
    }

    public void Dispose() => Close("the connection was closed");

    /// <summary>Begins a call with this header block; false where the connection takes no new ones any more: the peer has seen nothing of it.</summary>
    public bool TryBegin(Http2Call call, ReadOnlySpan<byte> block, bool ends)
    {
        lock (_lock)
        {
            if (_isClosed || _isLeaving || call.IsOver)
            {
                return false;
            }

            _calls.Begin(call, new FlowWindow(_peer.InitialWindow), _blocks.Send(call.Client), Now);
            call.HasSentEnd = ends;
            Say(_output.TryBlock(call.Id, block, ends));
        }

        _output.Flush();
        return true;
    }

    /// <summary>Sends a part of a call's body as the windows allow it; false where the call has ended meanwhile.</summary>
    /// <param name="ends">Nothing follows.</param>
    public async ValueTask<bool> SendAsync(Http2Call call, ReadOnlyMemory<byte> data, bool ends)
    {
        if (data.IsEmpty && !ends)
        {
            return true;
        }

        while (true)
        {
            bool goes;
            ValueTask room;
            lock (_lock)
            {
                if (call.IsOver || call.HasSentEnd)
                {
                    return false;
                }

                int count = Math.Min(Math.Min(data.Length, PayloadBytesMax), Math.Min(call.SendWindow.Size, _sendWindow.Size));
                goes = (count > 0 || data.IsEmpty) && _output.HasRoom;
                if (goes)
                {
                    call.SendWindow.Take(count);
                    _sendWindow.Take(count);
                    call.HasSentEnd = ends && count == data.Length;
                    Say(_output.TryData(call.Id, data.Span[..count], call.HasSentEnd));
                    data = data[count..];
                    RemoveIfEnded(call);
                }

                _isAnybodyWaiting |= !goes;
                room = goes ? default : call.Sendable.WaitAsync();
            }

            _output.Flush();

            // Not by whether the room is there by now: the end may not have been sent.
            if (goes && data.IsEmpty)
            {
                return true;
            }

            await room.ConfigureAwait(false);
        }
    }

    /// <summary>Ends a call's request with trailers.</summary>
    public bool TrySendTrailers(Http2Call call, ReadOnlySpan<byte> block)
    {
        lock (_lock)
        {
            if (call.IsOver || call.HasSentEnd)
            {
                return false;
            }

            call.HasSentEnd = true;
            _blocks.Send(call.Client);
            Say(_output.TryBlock(call.Id, block, ends: true));
            RemoveIfEnded(call);
        }

        _output.Flush();
        return true;
    }

    /// <summary>So much of a call's answer was taken: as much may follow.</summary>
    public void Credit(Http2Call call, int bytes)
    {
        lock (_lock)
        {
            if (call.IsOver || call.HasReceivedEnd)
            {
                return;
            }

            Say(_output.TryWindowUpdate(call.Id, bytes));
        }

        _output.Flush();
    }

    /// <summary>Nobody waits for a call any more. What it needs no more is not sent: an answer that came whole may still say that it ended.</summary>
    public void Abandon(Http2Call call)
    {
        lock (_lock)
        {
            if (call.IsOver)
            {
                return;
            }

            if (call.Id == 0)
            {
                _calls.Remove(call, Now);
            }
            else if (!call.HasSentEnd || !call.IsWhole || !_calls.TryLinger(call, Now))
            {
                // Who was given up in a long silence may be gone: nobody else is to wait for it in vain.
                Ping(!call.IsAnswered && _heartbeat.Doubt(call.BeganAt, Now));
                Reset(call, Http2Error.Cancel, "the call was given up");
            }
        }

        _output.Flush();
    }

    private async Task RunAsync()
    {
        using var receiver = new FrameReceiver(this, _options.Limits);
        Exception end;
        try
        {
            do
            {
                Heard();
                receiver.Take(_input.Header, _input.Payload.Span);
                _output.Flush();
            }
            while (await _input.ReadAsync().ConfigureAwait(false));
            end = new Http2Exception(Http2Error.NoError, "the backend closed the connection");
        }
        catch (Http2Exception e)
        {
            _output.TryGoAway(e.Error);
            _output.Flush();
            end = e;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            end = e;
        }

        Fail(end, isPeers: true);
        _input.Dispose();
    }

    /// <summary>A part of an answer's body has come.</summary>
    /// <param name="taken">Of the windows: the data and its padding.</param>
    /// <exception cref="Http2Exception">The peer has not kept to the connection's rules.</exception>
    public void TakeData(int id, ReadOnlySpan<byte> data, int taken, bool ends)
    {
        lock (_lock)
        {
            _heartbeat.HearAnswer();
            _receiveCredit += taken;
            if (_receiveCredit > WindowBytes)
            {
                throw new Http2Exception(Http2Error.FlowControlError, "more came than the connection's window allows");
            }

            if (_receiveCredit >= WindowBytes / 2)
            {
                Say(_output.TryWindowUpdate(0, _receiveCredit));
                _receiveCredit = 0;
            }

            if (Find(id) is not { } call)
            {
                return;
            }

            if (call.LingersSince != long.MaxValue && !data.IsEmpty)
            {
                Reset(call, Http2Error.Cancel, "more came of an answer that was whole");
                return;
            }

            Judge(call, call.TakeData(data, taken, ends), ends);
        }
    }

    /// <summary>A header block has come: an answer's head, or its trailers.</summary>
    /// <inheritdoc cref="TakeData"/>
    public void TakeFields(int id, ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields, bool fits, bool ends)
    {
        lock (_lock)
        {
            _heartbeat.HearAnswer();
            if (Find(id) is { } call)
            {
                Judge(call, fits ? call.TakeFields(text, fields, ends) : call.Refuse(Http2Error.EnhanceYourCalm, "the fields of an answer are more, or larger, than allowed"), ends);
            }
        }
    }

    /// <inheritdoc cref="TakeData"/>
    public void TakeReset(int id, Http2Error error)
    {
        lock (_lock)
        {
            if (Find(id) is { } call)
            {
                _calls.Remove(call, Now);
                call.Fail(new Http2Exception(error, "the backend reset the stream") { IsRefusal = error == Http2Error.RefusedStream });
            }
        }
    }

    /// <inheritdoc cref="TakeData"/>
    public void TakeSettings(ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            int before = _peer.InitialWindow;
            Http2Error error = _peer.Apply(payload, isFromServer: true);
            if (error != Http2Error.NoError || !_calls.TryShiftWindows(_peer.InitialWindow - before))
            {
                throw new Http2Exception(error == Http2Error.NoError ? Http2Error.FlowControlError : error, "the backend's settings hold what may not be");
            }

            Say(_output.TrySettingsAck());
            WakeAll();
        }
    }

    /// <inheritdoc cref="TakeData"/>
    public void TakePing(ReadOnlySpan<byte> payload, bool isAnswer)
    {
        lock (_lock)
        {
            if (isAnswer)
            {
                _heartbeat.Answered();
            }
            else
            {
                Say(_output.TryPing(payload, isAck: true));
            }
        }
    }

    /// <summary>The peer takes no new calls, and does nothing with those beyond this one.</summary>
    public void TakeGoAway(int lastId, Http2Error error)
    {
        lock (_lock)
        {
            _isLeaving = true;
            if (error == Http2Error.NoError)
            {
                _blocks.BearAll();
            }
            else
            {
                _suspected(_blocks.TakeSuspects());
            }

            foreach (Http2Call call in _calls.Beyond(lastId))
            {
                _calls.Remove(call, Now);
                call.Fail(new Http2Exception(error, "the backend takes no new requests on this connection") { IsRefusal = true });
            }
        }
    }

    /// <inheritdoc cref="TakeData"/>
    public void TakeWindowUpdate(int id, uint increment)
    {
        lock (_lock)
        {
            if (id == 0)
            {
                if (!_sendWindow.TryAdd(increment, out Http2Error error))
                {
                    throw new Http2Exception(error, "a window became too large, or was opened by nothing");
                }

                WakeAll();
            }
            else if (Find(id) is { } call)
            {
                if (call.SendWindow.TryAdd(increment, out Http2Error error))
                {
                    call.Sendable.Wake();
                }
                else
                {
                    Reset(call, error, "the backend opened a window wrongly");
                }
            }
        }
    }

    // Who is spoken of was read, and not what ended the connection.
    private Http2Call? Find(int id)
    {
        Http2Call? call = _calls.Find(id);
        if (call is not null)
        {
            _blocks.Bear(call.HeadNumber);
        }

        return call;
    }

    private void Judge(Http2Call call, Http2Error error, bool ends)
    {
        if (error != Http2Error.NoError)
        {
            Reset(call, error, "the answer is not as it must be");
        }
        else if (ends)
        {
            call.HasReceivedEnd = true;
            RemoveIfEnded(call);
        }
    }

    // Who waits for it hears of it, whatever the reason: nothing comes any more.
    private void Reset(Http2Call call, Http2Error error, string why)
    {
        Say(_output.TryReset(call.Id, error));
        _calls.Remove(call, Now);
        call.Fail(new Http2Exception(error, why));
    }

    private void RemoveIfEnded(Http2Call call)
    {
        if (call.HasSentEnd && call.HasReceivedEnd)
        {
            _calls.Remove(call, Now);
        }
    }

    private void WakeAll()
    {
        _isAnybodyWaiting = false;
        _calls.WakeAll();
    }

    private void Written()
    {
        lock (_lock)
        {
            if (_isAnybodyWaiting)
            {
                WakeAll();
            }
        }
    }

    private void Heard()
    {
        lock (_lock)
        {
            _heartbeat.Hear(Now);
        }
    }

    private void Ping(bool isAsked)
    {
        if (isAsked)
        {
            Say(_output.TryPing("actorlb."u8, isAck: false));
        }
    }

    // A peer that asks and asks, and takes no answers, is left; not by whoever holds the lock.
    private void Say(bool isTaken)
    {
        if (!isTaken && !_isClosed)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static c => c.Fail(new Http2Exception(Http2Error.EnhanceYourCalm, "the backend takes nothing that is sent to it"), isPeers: false), this, preferLocal: false);
        }
    }

    private void Close(string why)
    {
        _output.TryGoAway(Http2Error.NoError);
        _output.Flush();
        Fail(new Http2Exception(Http2Error.NoError, why), isPeers: false);
    }

    /// <param name="isPeers">The peer has ended it, or brought its end about.</param>
    private void Fail(Exception why, bool isPeers)
    {
        Http2Call[] calls;
        ClientKey[] suspects;
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            suspects = isPeers ? _blocks.TakeSuspects() : [];
            calls = _calls.RemoveAll(Now);
        }

        // Before they hear of it: what is made again goes by it.
        _suspected(suspects);
        foreach (Http2Call call in calls)
        {
            call.Fail(why);
        }

        _output.Close();
        _stream.Dispose();
        _closed();
    }
}
