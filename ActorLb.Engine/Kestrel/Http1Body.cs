using System.Buffers;
using System.Runtime.CompilerServices;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>The body of a request of HTTP/1.1, taken out of its connection as it comes. Pieces of a chunked body are moved together in place.</summary>
internal sealed class Http1Body(ClientInput input, LaneParts lane)
{
    private BodyDecoder _decoder;
    private MessageLimits _limits;
    private HeaderField[] _trailers = [];
    private int _trailerCount;
    private ReadOnlyMemory<byte> _trailerSource;
    private BodyPart _part;
    private bool _isRead;

    public void Begin(in RequestHead head)
    {
        _decoder = new BodyDecoder(head.Framing, head.ContentLength);
        _limits = lane.MessageLimits;
        _trailerCount = 0;
        _isRead = false;
        if (head.Framing == BodyFraming.Chunked)
        {
            _trailers = ArrayPool<HeaderField>.Shared.Rent(_limits.FieldCountMax);
        }
    }

    public void End()
    {
        if (_trailers.Length > 0)
        {
            ArrayPool<HeaderField>.Shared.Return(_trailers);
            _trailers = [];
        }
    }

    /// <inheritdoc cref="ClientSide.ReadBodyAsync"/>
    public ValueTask<BodyPart> ReadAsync() => _isRead || Decode() ? new(_part) : ReceiveAsync();

    /// <inheritdoc cref="ClientSide.TakeBody"/>
    public void Take() => _isRead = false;

    /// <inheritdoc cref="ClientSide.WriteBodyEnd"/>
    public void WriteEnd(ref HeadBuffer target, ReadOnlySpan<byte> announced, HeaderEdits? edits)
    {
        edits?.Take(_trailerSource.Span, _trailers.AsSpan(0, _trailerCount));
        ChunkWriter.WriteEnd(ref target, _trailerSource.Span, _trailers.AsSpan(0, _trailerCount), announced);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<BodyPart> ReceiveAsync()
    {
        do
        {
            int count = await input.ReceiveAsync(RequestSide.BufferBytes / 2).ConfigureAwait(false);
            if (count == ClientTransport.Stopped)
            {
                return new BodyPart(default, IsLast: false) { IsStopped = true };
            }

            if (count <= 0)
            {
                return new BodyPart(default, IsLast: false, FailureReason.ClientGone);
            }
        }
        while (!Decode());
        return _part;
    }

    /// <summary>Whether there is something to tell of.</summary>
    private bool Decode()
    {
        Memory<byte> unread = input.Unread;
        int at = 0;
        int begin = 0;
        int length = 0;
        while (true)
        {
            ChunkResult piece = _decoder.Next(unread.Span[at..], _limits, _trailers);
            if (piece.Status == ChunkStatus.Data)
            {
                int data = at + piece.Data.Start;
                begin = length == 0 ? data : begin;
                unread.Slice(data, piece.Data.Length).CopyTo(unread[(begin + length)..]);
                length += piece.Data.Length;
                at += piece.Consumed;
                continue;
            }

            if (piece.Status == ChunkStatus.End)
            {
                _trailerSource = unread[at..];
                _trailerCount = piece.TrailerCount;
                at += piece.Consumed;
            }

            input.Skip(at);
            _part = new BodyPart(
                unread.Slice(begin, length),
                piece.Status == ChunkStatus.End,
                piece.Fault == MessageFault.None ? FailureReason.None : FaultMeaning.Of(piece.Fault).Failure,
                piece.Fault);
            _isRead = length > 0 || piece.Status != ChunkStatus.NeedMore;
            return _isRead;
        }
    }
}
