using System.Buffers;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The client-to-backend half of an exchange: head, then body, framed anew; each piece goes on as it comes. What the
/// backend does not take is not read from the client.
/// </summary>
internal sealed class RequestSide(Exchange exchange, LaneParts lane)
{
    /// <summary>Of one direction of one exchange: what is on its way between two sockets.</summary>
    public const int BufferBytes = 16 * 1024;

    private readonly BodyHold _hold = new(exchange, lane);
    private long _length;
    private long _taken;
    private bool _writesChunks;

    /// <summary>The whole request was received and handed on.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Bytes of the body were taken.</summary>
    public bool BodyBegun { get; private set; }

    /// <inheritdoc cref="BodyHold.IsGone"/>
    public bool IsBodyGone => _hold.IsGone;

    /// <summary>Whatever comes of it until a backend answers, it can be sent again, as far as its method allows that.</summary>
    public bool IsRepeatable => BodyBegun ? _hold.HasEnded : IsDone || (!IsChunked && _hold.IsAsked);

    /// <summary>Bytes of the body that were taken from the client.</summary>
    public long BytesTaken => Volatile.Read(ref _taken);

    /// <summary>The client owes the next bytes.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>The backend's connection broke while the request was sent: it may have answered before.</summary>
    public bool BackendLost { get; private set; }

    /// <summary>Why the client's body was not taken to its end.</summary>
    public FailureReason Failure { get; private set; }

    public MessageFault Fault { get; private set; }

    private bool IsChunked => exchange.Head.Framing == BodyFraming.Chunked;

    public void Begin()
    {
        ref readonly RequestHead head = ref exchange.Head;
        _length = head.ContentLength;
        _taken = 0;
        IsDone = head.Framing == BodyFraming.None || (head.Framing == BodyFraming.Length && head.ContentLength == 0);
        BodyBegun = false;
        _hold.Begin();
        IsAwaited = false;
        BackendLost = false;
        Failure = FailureReason.None;
        Fault = MessageFault.None;
    }

    /// <summary>Before another attempt.</summary>
    public void Again()
    {
        exchange.Client.ResumeBody();
        _hold.Again();
        BackendLost = false;
    }

    /// <summary>Sends head and body to the backend. Complete when everything was sent, or nothing more can be.</summary>
    public async Task SendAsync(BackendStream backend, Uri address)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(BufferBytes, RequestText.HeadBytesMax(exchange)));
        try
        {
            _writesChunks = IsChunked && !backend.FramesBodies;
            int length = RequestText.WriteHead(exchange, address, buffer);
            if (_hold.BeginSending() is { } held)
            {
                length = await SendHeldAsync(backend, held, buffer, length).ConfigureAwait(false);
                if (BackendLost || held.HasEnded)
                {
                    return;
                }
            }
            else if (IsDone)
            {
                BackendLost = !await backend.WriteAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
                return;
            }

            await SendBodyAsync(backend, buffer, length).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Whatever the server says of a client whose stream has ended.
            Failure = FailureReason.ClientGone;
        }
        finally
        {
            IsAwaited = false;
            IsDone |= _hold.HasEnded;
            exchange.Client.LeaveBody();
            ArrayPool<byte>.Shared.Return(buffer);
            if (Failure != FailureReason.None)
            {
                // Whoever waits for an answer to half a request waits in vain.
                backend.Dispose();
            }
        }
    }

    /// <summary>Ends the wait for the client's body.</summary>
    public void Stop() => exchange.Client.StopBody();

    /// <inheritdoc cref="BodyHold.TryClaim"/>
    public bool TryClaim() => _hold.TryClaim();

    /// <inheritdoc cref="BodyHold.Settle"/>
    public void Settle() => _hold.Settle();

    /// <inheritdoc cref="BodyHold.End"/>
    public void End() => _hold.End();

    /// <param name="length">Bytes in the buffer that were not sent yet.</param>
    private async Task SendBodyAsync(BackendStream backend, byte[] buffer, int length)
    {
        ClientSide client = exchange.Client;
        while (true)
        {
            ValueTask<BodyPart> reading = client.ReadBodyAsync();
            if (!reading.IsCompleted)
            {
                IsAwaited = true;
                if (length > 0 && !await FlushAsync(backend, buffer, length).ConfigureAwait(false))
                {
                    client.StopBody();
                }

                length = 0;
            }

            BodyPart part = await reading.ConfigureAwait(false);
            IsAwaited = false;
            exchange.Moved();
            if (BackendLost || part.IsStopped || !_hold.TryTake(part) || !Accepts(part))
            {
                return;
            }

            BodyBegun |= !part.Data.IsEmpty || part.IsLast;
            length = await SendAsync(backend, part.Data, buffer, length).ConfigureAwait(false);

            // Its memory may be anybody's afterwards.
            client.TakeBody();
            if (part.IsLast)
            {
                _hold.AddEnd();
            }

            if (BackendLost)
            {
                return;
            }

            if (part.IsLast)
            {
                await SendEndAsync(backend, buffer, length).ConfigureAwait(false);
                return;
            }

            if (length > 0 && !await FlushAsync(backend, buffer, length).ConfigureAwait(false))
            {
                return;
            }

            length = 0;
        }
    }

    /// <summary>Sends what an attempt before this has taken; returns how much of it stays in the buffer.</summary>
    private async ValueTask<int> SendHeldAsync(BackendStream backend, HeldBody held, byte[] buffer, int length)
    {
        IsDone = false;
        try
        {
            length = await SendAsync(backend, held.Body, buffer, length).ConfigureAwait(false);
            if (BackendLost || !held.HasEnded)
            {
                return length;
            }

            IsDone = true;
            if (await FlushAsync(backend, buffer, length).ConfigureAwait(false) && !held.End.IsEmpty)
            {
                BackendLost = !await backend.EndBodyAsync(held.End).ConfigureAwait(false);
            }

            return 0;
        }
        finally
        {
            _hold.EndSending();
        }
    }

    private bool Accepts(in BodyPart part)
    {
        _taken += part.Data.Length;
        Fault = part.Fault;
        Failure = part.Failure != FailureReason.None ? part.Failure
            : exchange.Route.BodyBytesMax > 0 && _taken > exchange.Route.BodyBytesMax ? FailureReason.RequestTooLarge
            : !IsChunked && (_taken > _length || (part.IsLast && _taken < _length)) ? FailureReason.ClientGone
            : FailureReason.None;
        return Failure == FailureReason.None;
    }

    /// <summary>Sends data in the request's framing; returns how much of it stays in the buffer, to go with what follows.</summary>
    private async ValueTask<int> SendAsync(BackendStream backend, ReadOnlyMemory<byte> data, byte[] buffer, int length)
    {
        while (!data.IsEmpty)
        {
            int room = Math.Min(buffer.Length, BufferBytes) - length - (_writesChunks ? RequestText.ChunkFramingBytesMax : 0);
            if (room < Math.Min(data.Length, BufferBytes / 2))
            {
                if (length > 0 && !await FlushAsync(backend, buffer, length).ConfigureAwait(false))
                {
                    return 0;
                }

                length = 0;
                continue;
            }

            int count = Math.Min(room, data.Length);
            length = RequestText.WriteData(data.Span[..count], _writesChunks, buffer, length);
            data = data[count..];
        }

        return length;
    }

    private async ValueTask<bool> FlushAsync(BackendStream backend, byte[] buffer, int length)
    {
        BackendLost = !await backend.WriteAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
        exchange.Moved();
        return !BackendLost;
    }

    private async ValueTask SendEndAsync(BackendStream backend, byte[] buffer, int length)
    {
        if (!IsChunked)
        {
            IsDone = true;
        }
        else if (_writesChunks && exchange.Received.AnnouncedTrailers.IsEmpty && length + ChunkWriter.End.Length <= buffer.Length)
        {
            ChunkWriter.End.CopyTo(buffer.AsSpan(length));
            length += ChunkWriter.End.Length;
            IsDone = true;
        }
        else if (length == 0 || await FlushAsync(backend, buffer, length).ConfigureAwait(false))
        {
            length = 0;
            await SendTrailersAsync(backend).ConfigureAwait(false);
        }

        if (length > 0)
        {
            await FlushAsync(backend, buffer, length).ConfigureAwait(false);
        }
    }

    private async ValueTask SendTrailersAsync(BackendStream backend)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(exchange.Limits.FieldBytesMax + ChunkWriter.End.Length);
        try
        {
            int length = WriteEnd(buffer);
            IsDone = Failure == FailureReason.None;
            if (IsDone)
            {
                BackendLost = !await backend.EndBodyAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
                exchange.Moved();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private int WriteEnd(byte[] buffer)
    {
        var target = new HeadBuffer(buffer);
        Fault = exchange.Client.WriteBodyEnd(ref target, exchange.Received.AnnouncedTrailers, exchange.Route.Filters?.Request, exchange.Limits);
        Failure = Fault != MessageFault.None ? FaultMeaning.Of(Fault).Failure : target.Fits ? FailureReason.None : FailureReason.HeadersTooLarge;
        return target.Length;
    }
}
