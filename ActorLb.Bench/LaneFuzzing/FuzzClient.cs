using System.Text;
using ActorLb.Bench.Http1.Corpus;
using ActorLb.Bench.Http1.Fuzzing;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>How a client ends its side.</summary>
internal enum ClientEnd : byte
{
    /// <summary>When the lane has closed.</summary>
    Waits,

    /// <summary>It ends its side after the last byte and waits for its answers.</summary>
    Finishes,
    Closes,
    Resets,
}

/// <summary>A client's connection: sends what it has in any pieces, reads in any pieces, and judges what it got.</summary>
internal sealed class FuzzClient
{
    private readonly FuzzWorld _world;
    private readonly Random _random;
    private readonly byte[] _bytes;
    private readonly ClientEnd _end;
    private readonly bool _isSlow;
    private readonly StringBuilder _received = new();
    private int _sent;
    private bool _hasEnded;
    private bool _seesEnd;

    /// <param name="length">How much of the bytes it sends before it ends.</param>
    public FuzzClient(FuzzWorld world, byte[] bytes, int length, ClientEnd end)
    {
        _world = world;
        _random = world.Random;
        _bytes = bytes[..length];
        _end = end;
        _isSlow = _random.Next(8) == 0;
        Socket = new MemorySocket(_random.Next(4) > 0 ? 64 * 1024 : _random.Next(500, 3000));
        Meant = MeantRequest.AllOf(MessageText.Of(_bytes), FuzzWorld.Limits);
    }

    public MemorySocket Socket { get; }

    public List<MeantRequest> Meant { get; }

    /// <summary>Its connection is over on both sides.</summary>
    public bool IsOver => _hasEnded && (_seesEnd || _end is ClientEnd.Resets or ClientEnd.Closes);

    /// <summary>One small thing that a client does.</summary>
    public void Step()
    {
        if (_hasEnded && _end is ClientEnd.Resets or ClientEnd.Closes && IsOver)
        {
            return;
        }

        if (!_isSlow || _random.Next(4) == 0)
        {
            Receive();
        }

        if (_sent < _bytes.Length && !Socket.IsClosedByLane)
        {
            int length = Math.Min(_bytes.Length - _sent, _random.Next(3) > 0 ? _random.Next(1, 4000) : _random.Next(1, 20));
            Socket.PeerSends(_bytes.AsSpan(_sent, length));
            _sent += length;
        }
        else if (!_hasEnded)
        {
            End();
        }
    }

    /// <summary>What it got is its own answers, in order, each well-formed.</summary>
    /// <exception cref="FuzzFailure">It is not.</exception>
    public void Check()
    {
        string text = _received.ToString();
        int answered = 0;
        bool isLast = false;
        while (text.Length > 0)
        {
            FuzzFailure.ThrowIf(isLast, "more came after the last answer", Shown);
            MeantRequest? request = answered < Meant.Count ? Meant[answered] : null;
            bool asksUpgrade = request is not null && (request.Plain.Traits & RequestTraits.AsksUpgrade) != 0;
            if (PlainResponse.Of(text, request?.Method == "HEAD", asksUpgrade, FuzzWorld.BackendLimits) is not { } answer)
            {
                bool isCut = !text.Contains("\r\n\r\n", StringComparison.Ordinal) && !text.Contains("\n\n", StringComparison.Ordinal);
                FuzzFailure.ThrowIf(!isCut || !_world.IsWild, "a client got what is no answer", Shown);
                return;
            }

            text = text[answer.Head.Length..];
            string status = answer.Head.Start[1];
            if (status == "101")
            {
                return;
            }

            if (status[0] == '1')
            {
                continue;
            }

            FuzzFailure.ThrowIf(answered > Meant.Count, "more answers than requests", Shown);
            if (BodyOf(answer, ref text) is not { } body)
            {
                FuzzFailure.ThrowIf(!_world.IsWild, "a client got half an answer", Shown);
                return;
            }

            Check(answer, body, request);
            if (request?.Method == "HEAD" && Value(answer, "X-ActorLb-Reason") == "client-timeout")
            {
                // It was not read to its end: nobody knew that it is a HEAD.
                text = text[Math.Min(text.Length, (int)answer.Length)..];
            }

            isLast = !answer.KeepAlive;
            answered++;
        }

        FuzzFailure.ThrowIf(!_world.IsWild && answered != Meant.Count, $"{answered} answers to {Meant.Count} requests", Shown);
    }

    public override string ToString() =>
        $"{_end} after {_sent} of {_bytes.Length} bytes, {Socket.Readiness}, {Socket.Waiting} bytes wait for it, received {_received.Length}, slow: {_isSlow}";

    private ReadOnlySpan<byte> Shown => Encoding.Latin1.GetBytes($"{MessageText.Of(_bytes)} => {_received}");

    private void Check(PlainResponse answer, string body, MeantRequest? request)
    {
        string? echo = Value(answer, FuzzAnswer.EchoField);
        string? reason = Value(answer, "X-ActorLb-Reason");
        if (echo is not null)
        {
            FuzzFailure.ThrowIf(echo != request?.Token, "a client got somebody else's answer", Shown);
            FuzzFailure.ThrowIf(body != FuzzAnswer.BodyOf(echo, body.Length), "a client got another body", Shown);
        }
        else
        {
            FuzzFailure.ThrowIf(request is null && reason is null, "an answer to what was no request", Shown);
        }

        bool isStale = reason == "backend-reset" && request is { IsIdempotent: false };
        FuzzFailure.ThrowIf(!_world.IsWild && echo is null && !isStale, $"no answer of a backend but {reason}", Shown);
    }

    private static string? Value(PlainResponse answer, string field) => answer.Head.Values(field) is [var value, ..] ? value : null;

    /// <summary>Null where it has not come to its end.</summary>
    private static string? BodyOf(PlainResponse answer, ref string text)
    {
        switch (answer.Framing)
        {
            case BodyFraming.Length when text.Length < answer.Length:
                return null;
            case BodyFraming.Length:
                string body = text[..(int)answer.Length];
                text = text[(int)answer.Length..];
                return body;
            case BodyFraming.Chunked:
                if (PlainBody.Decode(text, FuzzWorld.BackendLimits) is not { } decoded)
                {
                    return null;
                }

                text = text[decoded.Length..];
                return decoded.Data;
            case BodyFraming.UntilClose:
                string rest = text;
                text = "";
                return rest;
            default:
                return "";
        }
    }

    private void Receive()
    {
        int length = _isSlow ? _random.Next(1, 500) : int.MaxValue;
        _received.Append(MessageText.Of(Socket.PeerReceives(Math.Min(length, Socket.Waiting))));
        if (Socket.HasEnded)
        {
            _seesEnd = true;
        }
    }

    private void End()
    {
        switch (_end)
        {
            case ClientEnd.Waits when _seesEnd:
                _hasEnded = true;
                Socket.PeerCloses();
                break;
            case ClientEnd.Finishes:
                _hasEnded = true;
                Socket.PeerFinishes();
                break;
            case ClientEnd.Closes when _random.Next(6) == 0:
                _hasEnded = true;
                Socket.PeerCloses();
                break;
            case ClientEnd.Resets when _random.Next(6) == 0:
                _hasEnded = true;
                Socket.PeerResets();
                break;
        }
    }
}
