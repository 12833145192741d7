using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Whether a request's body can be sent again, and what is held of it where the pool asks for that. Its sender adds to it; who
/// reads the answer claims the body for another attempt, or has it let go of, at the same time. Used again with its exchange.
/// </summary>
internal sealed class BodyHold(Exchange exchange, LaneParts lane)
{
    private readonly Lock _turn = new();
    private HeldBody? _held;
    private bool _isBegun;
    private bool _isClaimed;
    private bool _isSettled;
    private bool _isSending;
    private volatile bool _isGone;

    /// <summary>Bytes of the body were taken, and are not held: they cannot be had a second time.</summary>
    public bool IsGone => _isGone;

    /// <summary>The whole body can be sent again.</summary>
    public bool HasEnded => !_isGone && _held is { HasEnded: true };

    /// <summary>The pool wants the body held, as far as anybody knows by its head.</summary>
    public bool IsAsked => HeldBody.IsAsked(Pool, exchange.Head);

    private PoolSettings Pool => exchange.Assignment.Pool.Settings;

    /// <summary>Before each request.</summary>
    public void Begin()
    {
        _isBegun = false;
        _isClaimed = false;
        _isSettled = false;
        _isGone = false;
    }

    /// <summary>Before another attempt.</summary>
    public void Again() => _isClaimed = false;

    /// <summary>Whether the sender may take this part, which is held then where it can be; false: it is left for another attempt.</summary>
    public bool TryTake(in BodyPart part)
    {
        if (_isGone || (part.Data.IsEmpty && !part.IsLast))
        {
            return true;
        }

        lock (_turn)
        {
            if (_isClaimed)
            {
                return false;
            }

            if (!_isBegun)
            {
                BeginHolding();
            }

            if (_held is { IsHolding: true } held)
            {
                held.Add(part.Data.Span);
            }

            _isGone = _held is not { IsHolding: true };
            return true;
        }
    }

    /// <summary>The part that was taken last was the last of the body.</summary>
    public void AddEnd()
    {
        if (_isGone)
        {
            return;
        }

        lock (_turn)
        {
            if (_held is { IsHolding: true } held)
            {
                held.AddEnd(exchange.Head.Framing == BodyFraming.Chunked ? WriteEnd(held) : 0);
                _isGone = !held.IsHolding;
            }
        }
    }

    /// <summary>The request is to be sent to another backend: nothing more is taken of its body before. False where it cannot be any more.</summary>
    public bool TryClaim()
    {
        lock (_turn)
        {
            return _isClaimed = !_isGone;
        }
    }

    /// <summary>What is held of the body, to be sent now, until <see cref="EndSending"/>; null: nothing was taken of it.</summary>
    public HeldBody? BeginSending()
    {
        if (!_isBegun)
        {
            return null;
        }

        lock (_turn)
        {
            _isSending = _held is { IsHolding: true };
            return _isSending ? _held : null;
        }
    }

    public void EndSending()
    {
        lock (_turn)
        {
            _isSending = false;
            LetGoIfSettled();
        }
    }

    /// <summary>The client gets an answer: the request is not sent again.</summary>
    public void Settle()
    {
        if (IsAsked)
        {
            LetGo();
        }
    }

    /// <summary>The exchange is over.</summary>
    public void End()
    {
        if (_held is not null)
        {
            LetGo();
        }
    }

    private void BeginHolding()
    {
        _isBegun = true;
        if (!_isSettled && IsAsked)
        {
            _held ??= new HeldBody(lane);
            _held.Begin(HeldBody.BytesMax(Pool), default);
        }
    }

    private void LetGo()
    {
        lock (_turn)
        {
            _isSettled = true;
            LetGoIfSettled();
        }
    }

    private void LetGoIfSettled()
    {
        if (_isSettled && !_isSending && _held is { IsHolding: true } held)
        {
            held.LetGo();
            _isGone = true;
        }
    }

    // What is wrong with its trailers, the sender finds as well.
    private int WriteEnd(HeldBody held)
    {
        var target = new HeadBuffer(held.RoomForEnd(exchange.Limits.FieldBytesMax + ChunkWriter.End.Length));
        MessageFault fault = exchange.Client.WriteBodyEnd(ref target, exchange.Received.AnnouncedTrailers, exchange.Route.Filters?.Request, exchange.Limits);
        if (fault != MessageFault.None || !target.Fits)
        {
            held.LetGo();
        }

        return target.Length;
    }
}
