using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace ActorLb.Node.Admin;

/// <summary>
/// Cuts off a connection whose other end does not take what it is sent: it holds a place meanwhile. Each write has its own bound: what went
/// fast before, into buffers, is no credit for one that stops reading.
/// </summary>
internal sealed class ReaderBound(PipeWriter inner, TimeProvider time, Action abort) : PipeWriter
{
    /// <summary>For any write.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>What a slow line takes in a second: large writes have that much longer.</summary>
    public const int BytesPerSecond = 16 * 1024;

    private long _unflushed;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public static void Watch(ConnectionContext connection, TimeProvider time) =>
        connection.Transport = new Watched(connection.Transport.Input, new ReaderBound(connection.Transport.Output, time, connection.Abort));

    public override void Advance(int bytes)
    {
        _unflushed += bytes;
        inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        long bytes = _unflushed;
        _unflushed = 0;
        ValueTask<FlushResult> flush = inner.FlushAsync(cancellationToken);
        return flush.IsCompleted ? flush : WithinAsync(flush, bytes);
    }

    private async ValueTask<FlushResult> WithinAsync(ValueTask<FlushResult> flush, long bytes)
    {
        await using ITimer timer = time.CreateTimer(_ => abort(), null, Grace + TimeSpan.FromSeconds((double)bytes / BytesPerSecond), Timeout.InfiniteTimeSpan);
        return await flush;
    }

    private sealed record Watched(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
