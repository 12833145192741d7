using Microsoft.AspNetCore.Http;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// A client's body on its way to a backend: knows whether it was begun (then the request cannot be sent again), who
/// is being waited for, and ends the wait for a client that stalls.
/// </summary>
internal sealed class ClientBody : Stream
{
    private readonly Stream _inner;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private CancellationTokenSource? _stalled;
    private CancellationTokenRegistration _linked;

    /// <param name="timeout">limits.body-timeout: the longest silence; zero waits for ever.</param>
    public ClientBody(Stream inner, TimeSpan timeout, TimeProvider time)
    {
        _inner = inner;
        _timeout = timeout;
        _time = time;
    }

    /// <summary>It was asked for at least once.</summary>
    public bool Begun { get; private set; }

    /// <summary>It was read to its end.</summary>
    public bool Ended { get; private set; }

    /// <summary>The client owes the next bytes.</summary>
    public bool IsAwaited { get; private set; }

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Begun = true;
        if (_timeout > TimeSpan.Zero)
        {
            cancellationToken = StartWaiting(cancellationToken);
        }

        IsAwaited = true;
        ValueTask<int> read = _inner.ReadAsync(buffer, cancellationToken);
        return read.IsCompletedSuccessfully
            ? new ValueTask<int>(Arrived(read.Result, buffer.IsEmpty))
            : ArriveAsync(read, buffer.IsEmpty);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

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
            _linked.Dispose();
            _stalled?.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ArriveAsync(ValueTask<int> read, bool onlyWaits)
    {
        try
        {
            return Arrived(await read.ConfigureAwait(false), onlyWaits);
        }
        catch (OperationCanceledException) when (_stalled is { IsCancellationRequested: true } && !_linked.Token.IsCancellationRequested)
        {
            throw new BadHttpRequestException("the body did not arrive in time", StatusCodes.Status408RequestTimeout);
        }
    }

    private int Arrived(int count, bool onlyWaits)
    {
        IsAwaited = false;
        Ended |= count == 0 && !onlyWaits;
        _stalled?.CancelAfter(Timeout.InfiniteTimeSpan);
        return count;
    }

    // The forwarder passes the same token with every read of one attempt.
    private CancellationToken StartWaiting(CancellationToken cancellation)
    {
        if (_stalled is null)
        {
            _stalled = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
            _linked = cancellation.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), _stalled);
        }

        _stalled.CancelAfter(_timeout);
        return _stalled.Token;
    }
}
