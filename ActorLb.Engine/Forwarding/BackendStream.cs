using System.Runtime.CompilerServices;

namespace ActorLb.Engine.Forwarding;

/// <summary>The backend closed a connection, or broke it, after a request's head was written and before a byte of its answer.</summary>
/// <param name="reused">The connection had already carried an answer: the backend may have closed it as idle.</param>
internal sealed class BackendLostException(bool reused, Exception? cause)
    : IOException("the backend closed the connection before it answered", cause)
{
    public bool Reused { get; } = reused;
}

/// <summary>
/// A backend connection that knows whether an answer is due, and says so when it breaks. The connection pool above
/// would take an end of stream in that place for a reason to send any request without a body again, up to three
/// times, whatever its method: here it becomes a <see cref="BackendLostException"/>, and the retry policy decides.
/// </summary>
internal sealed class BackendStream(Stream inner) : Stream
{
    /// <summary>
    /// Set by the header encoding selector, which the pool calls while it writes a head; the write that follows on
    /// the same thread carries that head.
    /// </summary>
    [ThreadStatic]
    private static bool _headWritten;

    private bool _answerDue;
    private bool _hasAnswered;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static void HeadWritten() => _headWritten = true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> read = inner.ReadAsync(buffer, cancellationToken);

        // A read of nothing waits for data: the pool has one open on an idle connection, and the next head may be
        // written meanwhile.
        return _answerDue || buffer.IsEmpty ? ReceiveAsync(read, buffer.IsEmpty) : read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_headWritten)
        {
            _headWritten = false;
            _answerDue = true;
        }

        ValueTask write = inner.WriteAsync(buffer, cancellationToken);
        return write.IsCompletedSuccessfully ? write : SendAsync(write);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(ValueTask<int> read, bool onlyWaits)
    {
        int count;
        try
        {
            count = await read.ConfigureAwait(false);
        }
        catch (IOException e) when (_answerDue)
        {
            throw new BackendLostException(_hasAnswered, e);
        }

        if (onlyWaits || !_answerDue)
        {
            return count;
        }

        if (count == 0)
        {
            throw new BackendLostException(_hasAnswered, null);
        }

        _answerDue = false;
        _hasAnswered = true;
        return count;
    }

    private async ValueTask SendAsync(ValueTask write)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (IOException e) when (_answerDue)
        {
            throw new BackendLostException(_hasAnswered, e);
        }
    }
}
