using System.Buffers;
using System.IO.Pipelines;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The client-to-backend half of an exchange: head, then body, framed anew; each piece goes on as it comes. What the
/// backend does not take is not read from the client.
/// </summary>
internal sealed class RequestSide(Exchange exchange)
{
    /// <summary>Of one direction of one exchange: what is on its way between two sockets.</summary>
    public const int BufferBytes = 16 * 1024;

    private const int ChunkFramingBytesMax = ChunkWriter.SizeLineBytesMax + 2;

    private PipeReader? _body;
    private long _remaining;
    private long _taken;
    private volatile bool _stopping;

    /// <summary>The whole request was received and handed on.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Bytes of the body were taken: they cannot be had a second time.</summary>
    public bool BodyBegun { get; private set; }

    /// <summary>Bytes of the body that were taken from the client.</summary>
    public long BytesTaken => Volatile.Read(ref _taken);

    /// <summary>The client owes the next bytes.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>The backend's connection broke while the request was sent: it may have answered before.</summary>
    public bool BackendLost { get; private set; }

    /// <summary>Why the client's body was not taken to its end.</summary>
    public FailureReason Failure { get; private set; }

    public MessageFault Fault { get; private set; }

    // Every part of it at most twice (Host is X-Forwarded-Host as well), with what is said of the client.
    private int HeadBytesMax => (2 * exchange.Head.Source.Length) + 2048;

    private bool IsChunked => exchange.Head.Head.Framing == BodyFraming.Chunked;

    public void Begin()
    {
        ref readonly RequestHead head = ref exchange.Head.Head;
        _body = null;
        _remaining = head.ContentLength;
        _taken = 0;
        _stopping = false;
        IsDone = head.Framing == BodyFraming.None || (head.Framing == BodyFraming.Length && head.ContentLength == 0);
        BodyBegun = false;
        IsAwaited = false;
        BackendLost = false;
        Failure = FailureReason.None;
        Fault = MessageFault.None;
    }

    /// <summary>Before another attempt.</summary>
    public void Again()
    {
        _stopping = false;
        BackendLost = false;
    }

    /// <summary>Sends head and body to the backend. Complete when everything was sent, or nothing more can be.</summary>
    public async Task SendAsync(BackendStream backend, Uri address)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(BufferBytes, HeadBytesMax));
        try
        {
            int length = WriteHead(buffer, address);
            if (IsDone)
            {
                BackendLost = !await backend.WriteAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
                return;
            }

            await SendBodyAsync(backend, buffer, length).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            Failure = FailureAnswer.OfRefusal(e.StatusCode).Reason;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Whatever the server says of a client whose connection or stream has ended.
            Failure = FailureReason.ClientGone;
        }
        finally
        {
            IsAwaited = false;
            ArrayPool<byte>.Shared.Return(buffer);
            if (Failure != FailureReason.None)
            {
                // Whoever waits for an answer to half a request waits in vain.
                backend.Dispose();
            }
        }
    }

    /// <summary>Ends the wait for the client's body.</summary>
    public void Stop()
    {
        _stopping = true;
        try
        {
            _body?.CancelPendingRead();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The server has ended the body already, and who waited for it knows.
        }
    }

    private int WriteHead(byte[] buffer, Uri backend)
    {
        var target = new HeadBuffer(buffer);
        ReceivedHead head = exchange.Head;
        ReadOnlySpan<byte> host = head.Head.Fields.Has(KnownField.Host) ? default : System.Text.Encoding.ASCII.GetBytes(backend.Authority);
        BackendHead.Write(ref target, head.Source, head.Head, head.Fields, exchange.Client, head.RequestId, host, head.Upgrades);
        return target.Fits ? target.Length : throw new InvalidDataException("a head is longer than its parts");
    }

    /// <param name="length">Bytes in the buffer that were not sent yet.</param>
    private async Task SendBodyAsync(BackendStream backend, byte[] buffer, int length)
    {
        PipeReader body = _body ??= exchange.Context.Request.BodyReader;
        while (true)
        {
            ValueTask<ReadResult> reading = body.ReadAsync();
            if (!reading.IsCompleted)
            {
                IsAwaited = true;
                if (length > 0 && !await backend.WriteAsync(buffer.AsMemory(0, length)).ConfigureAwait(false))
                {
                    BackendLost = true;
                    body.CancelPendingRead();
                }

                length = 0;
            }

            ReadResult read = await reading.ConfigureAwait(false);
            IsAwaited = false;
            exchange.Moved();
            if (BackendLost || (read.IsCanceled && _stopping))
            {
                body.AdvanceTo(read.Buffer.Start);
                return;
            }

            if (!read.Buffer.IsEmpty || read.IsCompleted)
            {
                BodyBegun = true;
            }

            try
            {
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    length = await SendAsync(backend, segment, buffer, length).ConfigureAwait(false);
                    if (BackendLost)
                    {
                        break;
                    }
                }
            }
            finally
            {
                body.AdvanceTo(read.Buffer.End);
            }

            if (read.IsCompleted && !BackendLost)
            {
                length = WriteEnd(buffer, length);
                IsDone = Fault == MessageFault.None && Failure == FailureReason.None;
            }

            if (length > 0 && Failure == FailureReason.None && !BackendLost)
            {
                BackendLost = !await backend.WriteAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
                length = 0;
                exchange.Moved();
            }

            if (read.IsCompleted || BackendLost)
            {
                return;
            }
        }
    }

    /// <summary>Sends data in the request's framing; returns how much of it stays in the buffer, to go with what follows.</summary>
    private async ValueTask<int> SendAsync(BackendStream backend, ReadOnlyMemory<byte> data, byte[] buffer, int length)
    {
        if (!IsChunked && data.Length > _remaining)
        {
            throw new BadHttpRequestException("the body is longer than it says");
        }

        _remaining -= data.Length;
        _taken += data.Length;
        if (exchange.BodyBytesMax > 0 && _taken > exchange.BodyBytesMax)
        {
            throw new BadHttpRequestException("the body is longer than allowed", StatusCodes.Status413PayloadTooLarge);
        }

        while (!data.IsEmpty)
        {
            int room = Math.Min(buffer.Length, BufferBytes) - length - (IsChunked ? ChunkFramingBytesMax : 0);
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
            length = Write(data.Span[..count], buffer, length);
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

    private int Write(ReadOnlySpan<byte> data, byte[] buffer, int length)
    {
        var target = new HeadBuffer(buffer.AsSpan(length));
        if (IsChunked)
        {
            ChunkWriter.WriteSizeLine(ref target, data.Length);
        }

        target.Append(data);
        if (IsChunked)
        {
            target.Append(ChunkWriter.DataEnd);
        }

        return target.Fits ? length + target.Length : throw new InvalidDataException("a chunk is longer than its parts");
    }

    private int WriteEnd(byte[] buffer, int length)
    {
        if (!IsChunked)
        {
            Failure = _remaining == 0 ? FailureReason.None : FailureReason.ClientGone;
            return length;
        }

        IHttpRequestTrailersFeature? trailers = exchange.Head.AnnouncedTrailers.IsEmpty
            ? null
            : exchange.Context.Features.Get<IHttpRequestTrailersFeature>();
        if (trailers is not { Available: true, Trailers.Count: > 0 })
        {
            ChunkWriter.End.CopyTo(buffer.AsSpan(length));
            return length + ChunkWriter.End.Length;
        }

        return WriteTrailers(trailers.Trailers, buffer, length);
    }

    // Read by our own decoder as they would have come in HTTP/1.1: what it refuses does not leave.
    private int WriteTrailers(IHeaderDictionary trailers, byte[] buffer, int length)
    {
        var text = new HeadText();
        text.Begin();
        text.Append("0\r\n"u8);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in trailers)
        {
            foreach (string? value in values)
            {
                text.AppendField(name, value);
            }
        }

        text.Append("\r\n"u8);
        var fields = new HeaderField[exchange.Limits.FieldCountMax];
        ChunkResult end = default(ChunkedDecoder).Next(text.Written, exchange.Limits, fields);
        Fault = text.Fault != MessageFault.None ? text.Fault : end.Status == ChunkStatus.End ? MessageFault.None : end.Fault;
        var target = new HeadBuffer(buffer.AsSpan(length));
        ChunkWriter.WriteEnd(ref target, text.Written, fields.AsSpan(0, end.TrailerCount), exchange.Head.AnnouncedTrailers);
        text.End();
        if (Fault != MessageFault.None || !target.Fits)
        {
            Failure = Fault == MessageFault.None ? FailureReason.HeadersTooLarge : FaultMeaning.Of(Fault).Failure;
            return length;
        }

        return length + target.Length;
    }
}
