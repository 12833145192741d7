using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// Holds a request's head and body for another attempt, until its client gets an answer, where the pool asks for that. Costs
/// nothing elsewhere. Used again with its exchange.
/// </summary>
internal sealed class BodyHold(Exchange exchange)
{
    private HeldBody? _held;
    private bool _isSettled;

    /// <summary>All that was taken of the body is here.</summary>
    public bool IsHolding => _held is { IsHolding: true };

    /// <summary>And nothing of it follows.</summary>
    public bool HasEnded => _held is { HasEnded: true };

    /// <summary>The pool wants the body held, as far as anybody knows by its head.</summary>
    public bool IsAsked => HeldBody.IsAsked(exchange.Facts.Assignment.Pool.Settings, exchange.Held.Head);

    /// <summary>The body is about to be taken, and the head to be given up.</summary>
    public void Begin()
    {
        _isSettled = false;
        if (IsAsked)
        {
            _held ??= new HeldBody(exchange.Loop);
            _held.Begin(exchange.Facts.Assignment.Pool.Settings.Retry.BodyBytes, exchange.Held.Source);
            exchange.Held.MoveTo(_held.IsHolding ? _held : null);
        }
    }

    /// <summary>A piece was taken, before which all that was sent from here is on its way.</summary>
    /// <param name="trailers">The fields of the piece's trailers.</param>
    /// <param name="announced">The value of Trailer where trailers may be forwarded; else empty.</param>
    public unsafe void Add(in BodyPiece piece, ReadOnlySpan<HeaderField> trailers, ReadOnlySpan<byte> announced)
    {
        HeldBody held = _held!;
        if (_isSettled || piece.Fault != MessageFault.None)
        {
            End();
            return;
        }

        held.Add(new ReadOnlySpan<byte>(piece.Start, piece.Length));
        if (piece.IsLast && held.IsHolding)
        {
            AddEnd(held, piece, trailers, announced);
        }

        if (!held.IsHolding)
        {
            exchange.Held.MoveTo(null);
        }
    }

    /// <summary>Sends a head, and all that is held behind it.</summary>
    /// <param name="target">Has the head, in the loop's scratch memory.</param>
    public SendResult Send(BackendConnection backend, ref HeadBuffer target, BodyFraming framing) =>
        BodySender.Send(backend, ref target, _held!, framing);

    /// <summary>The client gets this backend's answer: the request is not sent again.</summary>
    public void Settle(BackendConnection backend)
    {
        _isSettled = true;
        if (!backend.IsSending)
        {
            End();
        }
    }

    /// <summary>Gives the memory back. Nothing is left to be sent from here.</summary>
    public void End()
    {
        if (IsHolding)
        {
            _held!.LetGo();
            exchange.Held.MoveTo(null);
        }
    }

    private static unsafe void AddEnd(HeldBody held, in BodyPiece piece, ReadOnlySpan<HeaderField> trailers, ReadOnlySpan<byte> announced)
    {
        if (piece.TrailerCount == 0 || announced.IsEmpty)
        {
            held.AddEnd(0);
            return;
        }

        // A field is written with a space that it may not have had.
        var end = new HeadBuffer(held.RoomForEnd(ChunkWriter.DataEnd.Length + ChunkWriter.End.Length + piece.TrailerBytes + piece.TrailerCount));
        end.Append(held.Body.IsEmpty ? default : ChunkWriter.DataEnd);
        ChunkWriter.WriteEnd(ref end, new ReadOnlySpan<byte>(piece.TrailerSource, piece.TrailerBytes), trailers[..piece.TrailerCount], announced);
        held.AddEnd(end.Length);
    }
}
