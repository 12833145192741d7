using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Http2.Client;

/// <summary>One call on a connection of its own, as a stream that is spoken with in text of HTTP/1.1. Closing it closes the connection.</summary>
public sealed class CallStream : Stream
{
    private static readonly MessageLimits Limits = new(8 * 1024, 32 * 1024, 100, MessageLimits.UsualChunkLineBytesMax);

    private readonly Http2Connection _connection;
    private readonly Http2Call _call;

    private CallStream(Http2Connection connection, Http2Call call)
    {
        _connection = connection;
        _call = call;
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <param name="connection">That was just made; closed where it does not become one of HTTP/2.</param>
    /// <exception cref="Http2FailureException">The peer does not speak it, or allows no streams.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async Task<CallStream> OpenAsync(Stream connection, bool isTls, TimeProvider time, CancellationToken cancellation)
    {
        Http2Connection opened = await Http2Connection.OpenAsync(
            connection, new Http2Options(1, Http2BackendSettings.Default.WindowBytes, TimeSpan.Zero, isTls, Limits), time, static () => { }, static _ => { }, cancellation);
        if (opened.TryReserve(default) is { } call)
        {
            return new CallStream(opened, call);
        }

        opened.Dispose();
        throw new Http2Exception(Http2Error.RefusedStream, "the backend allows no streams");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await _call.ReadAsync(buffer).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        return count != BackendStream.Broken ? count : throw new Http2FailureException(_call.Cause?.Message ?? "the connection broke", _call.Cause?.InnerException);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Why it could not be sent, whoever reads learns.
        await _call.WriteAsync(buffer).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _call.Dispose();
            _connection.Dispose();
        }

        base.Dispose(disposing);
    }
}
