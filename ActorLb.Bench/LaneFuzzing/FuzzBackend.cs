using System.Text;
using ActorLb.Bench.Http1.Corpus;
using ActorLb.Bench.Http1.Fuzzing;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>
/// A backend's end of one connection. Reads with the grammar, and fails where it sees anything but one well-formed
/// request after the other; answers properly, or, in a wild round, in every wrong way.
/// </summary>
internal sealed class FuzzBackend(MemorySocket socket, FuzzWorld world)
{
    private const int StepsToConnectMax = 4;

    private readonly StringBuilder _received = new();
    private readonly Random _random = world.Random;
    private byte[] _answer = [];
    private int _answered;
    private int _stepsToConnect = world.Random.Next(StepsToConnectMax);
    private bool _isRequestBegun;
    private bool _isAnswerReady;
    private bool _awaitsRest;
    private bool _endsAfterAnswer;
    private bool _resetsAfterAnswer;
    private bool _isTunnel;
    private bool _isLawless;
    private bool _hasEnded;

    // It has offered this one to authenticate the connection.
    private FuzzClient? _owner;

    /// <summary>Nothing more comes of it.</summary>
    public bool IsOver => socket.IsClosedByLane;

    /// <summary>One small thing that a server does.</summary>
    public void Step()
    {
        if (socket.IsConnecting)
        {
            Connect();
        }
        else if (!_hasEnded)
        {
            if (!_awaitsRest || _random.Next(16) == 0)
            {
                Receive();
            }

            Send();
        }
    }

    private void Connect()
    {
        if (_stepsToConnect-- > 0 || socket.IsClosedByLane)
        {
            return;
        }

        int fate = world.IsWild ? _random.Next(40) : int.MaxValue;
        _hasEnded = fate == 0;
        socket.Connected(fate == 0 ? ErrorNumber.ConnectionRefused : 0);
        if (fate == 1)
        {
            // Never heard of again.
            _isLawless = true;
        }
    }

    private void Receive()
    {
        int length = _random.Next(3) > 0 ? int.MaxValue : _random.Next(1, 200);
        string text = MessageText.Of(socket.PeerReceives(Math.Min(length, socket.Waiting)));
        if (_isTunnel)
        {
            _answer = [.. _answer.AsSpan(_answered), .. Encoding.Latin1.GetBytes(text)];
            _answered = 0;
            return;
        }

        _received.Append(text);
        if (!_isLawless && _received.Length > 0 && (!_isAnswerReady || _awaitsRest))
        {
            Read(_received.ToString());
        }

        if (socket.HasEnded && !_isTunnel && _answered == _answer.Length && _random.Next(4) == 0)
        {
            End(reset: false);
        }
    }

    private void Read(string text)
    {
        if (!text.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            return;
        }

        if (MeantRequest.FirstOf(text, FuzzWorld.BackendLimits) is not { } request)
        {
            throw new FuzzFailure("a backend saw what is no request", Encoding.Latin1.GetBytes(text));
        }

        if (!_isRequestBegun)
        {
            _isRequestBegun = true;
            FuzzFailure.ThrowIf(
                _owner is not null && request.Token.Length > 0 && world.ClientOf(request.Token) != _owner,
                "a client came over a connection that was authenticated for another",
                Encoding.Latin1.GetBytes(text));
            world.RequestBegun(request);
            if ((request.Plain.Traits & RequestTraits.ExpectsContinue) != 0 && _random.Next(4) > 0)
            {
                socket.PeerSends("HTTP/1.1 100 Continue\r\n\r\n"u8);
            }
        }

        world.RequestSeen(request);
        bool isUpgrade = (request.Plain.Traits & RequestTraits.AsksUpgrade) != 0;
        FuzzFailure.ThrowIf(
            request.IsWhole && request.Length < text.Length && !isUpgrade && !_awaitsRest,
            "a backend saw more than one request",
            Encoding.Latin1.GetBytes(text));
        if (_awaitsRest)
        {
            ReadRest(request);
        }
        else if (request.IsWhole || (world.IsWild && _random.Next(6) == 0))
        {
            Prepare(request);
        }
    }

    private void Prepare(MeantRequest request)
    {
        _isAnswerReady = true;
        int mood = world.IsWild ? _random.Next(100) : 0;
        switch (mood)
        {
            case < 60:
                FuzzAnswer answer = FuzzAnswer.To(request, _random, world.Logins);
                _owner ??= answer.Offers ? world.ClientOf(request.Token) : null;
                _answer = Encoding.Latin1.GetBytes(answer.Text);
                _endsAfterAnswer = answer.EndsConnection || _random.Next(16) == 0;
                _isTunnel = answer.IsTunnel;
                _awaitsRest = !request.IsWhole;
                break;
            case < 85:
                _answer = world.Mutated();
                _isLawless = true;
                _endsAfterAnswer = _random.Next(2) == 0;
                break;
            case < 92:
                _answer = Cut(Encoding.Latin1.GetBytes(FuzzAnswer.To(request, _random, logins: false).Text));
                _isLawless = true;
                _endsAfterAnswer = true;
                _resetsAfterAnswer = _random.Next(2) == 0;
                break;
            default:
                // Accepts, reads and never answers.
                _isLawless = true;
                break;
        }

        _answered = 0;
    }

    private byte[] Cut(byte[] answer) => answer[.._random.Next(answer.Length)];

    private void Send()
    {
        if (_answered < _answer.Length)
        {
            int length = Math.Min(_answer.Length - _answered, _random.Next(3) > 0 ? _answer.Length : _random.Next(1, 40));
            socket.PeerSends(_answer.AsSpan(_answered, length));
            _answered += length;
        }

        if (!_isAnswerReady || _answered < _answer.Length || _isTunnel)
        {
            return;
        }

        if (_endsAfterAnswer)
        {
            End(_resetsAfterAnswer);
        }
        else if (!_isLawless && !_awaitsRest)
        {
            BeReady();
            _received.Clear();
            if (_random.Next(10) == 0)
            {
                End(reset: socket.IsDelivered && _random.Next(4) == 0);
            }
        }
    }

    // It answered before it had the whole request: what follows must be the rest of it, and then the next one.
    private void ReadRest(MeantRequest request)
    {
        if (request.IsWhole && _answered == _answer.Length)
        {
            _awaitsRest = false;
            _received.Remove(0, request.Length);
            BeReady();
        }
    }

    private void BeReady()
    {
        _answer = [];
        _answered = 0;
        _isRequestBegun = false;
        _isAnswerReady = false;
    }

    private void End(bool reset)
    {
        _hasEnded = true;
        if (reset)
        {
            socket.PeerResets();
        }
        else
        {
            socket.PeerCloses();
        }
    }
}
