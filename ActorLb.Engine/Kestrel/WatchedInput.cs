using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using ActorLb.Engine.Http2;
using Microsoft.AspNetCore.Connections;

namespace ActorLb.Engine.Kestrel;

/// <summary>What a client of HTTP/2 sends, as the server reads it: each byte is looked at once on its way. Ends with an exception at a flood.</summary>
/// <param name="taken">Bytes that the client has taken; null where nobody can tell. Asked where the frames would be too many.</param>
/// <param name="onFlood">Called once.</param>
internal sealed class WatchedInput(PipeReader input, TimeProvider time, Func<long?> taken, Action<FloodKind> onFlood) : PipeReader
{
    private FrameScanner _scanner = new();
    private FloodState _state = FloodState.Begin((long)time.GetElapsedTime(0).TotalMilliseconds);
    private ReadOnlySequence<byte> _read;
    private long _taken;

    // From the beginning of what is not consumed.
    private long _looked;
    private bool _isFlooded;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        Looked(await input.ReadAsync(cancellationToken).ConfigureAwait(false));

    public override bool TryRead(out ReadResult result)
    {
        if (!input.TryRead(out result))
        {
            return false;
        }

        result = Looked(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _looked -= _read.Slice(_read.Start, consumed).Length;
        _read = default;
        input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    private ReadResult Looked(in ReadResult result)
    {
        _read = result.Buffer;
        long now = (long)time.GetElapsedTime(0).TotalMilliseconds;
        foreach (ReadOnlyMemory<byte> segment in _read.Slice(Math.Min(_looked, _read.Length)))
        {
            ReadOnlySpan<byte> piece = segment.Span;
            while (!_isFlooded && _scanner.TryNext(ref piece, out FrameFacts frame))
            {
                Count(frame, now);
            }
        }

        _looked = _read.Length;
        if (_isFlooded)
        {
            input.AdvanceTo(_read.End);
            _read = default;
            throw new ConnectionAbortedException("The client floods.");
        }

        return result;
    }

    private void Count(in FrameFacts frame, long now)
    {
        (_state, FloodKind kind) = _state.After(frame, now);
        if (kind == FloodKind.None)
        {
            return;
        }

        if (taken() is { } bytes && bytes > _taken)
        {
            _state = _state.WithTaken(bytes - _taken);
            _taken = bytes;
        }

        if (_state.Points < 0)
        {
            _isFlooded = true;
            onFlood(kind);
        }
    }
}
