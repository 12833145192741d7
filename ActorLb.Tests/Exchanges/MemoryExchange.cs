using System.Collections.Immutable;
using System.Net;
using System.Text;
using ActorLb.Engine.Balancing;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traces;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Exchanges;

/// <summary>A request that was read from a text, and whose answer goes nowhere. What the lanes learn from sockets, its <see cref="MemoryLane"/> sets.</summary>
internal sealed class MemoryExchange : IExchange
{
    public static readonly MessageLimits Limits = MessageLimits.From(TestPools.Limits);

    private readonly HeaderField[] _fields = new HeaderField[Limits.FieldCountMax];
    private readonly MemoryClient _client;
    private readonly RouteFinder _routes;
    private readonly byte[] _source;
    private readonly int _bodyBytes;
    private RequestHead _head;
    private RequestId _requestId;
    private Assignment _assignment;
    private Attempts _attempts;
    private ClientKey _statusClient;
    private RouteEffects _route;
    private ExchangeTimes _times;
    private RequestTrace _trace;
    private bool _isHeld;

    /// <param name="text">A head, and behind it as much of the body as has come, each character a byte.</param>
    public MemoryExchange(string text, MemoryClient client, RouteFinder routes)
    {
        _client = client;
        _routes = routes;
        _source = Encoding.Latin1.GetBytes(text);
        Forwarded = client.Forwarded;
        ParseResult result = RequestParser.Parse(_source, Limits, _fields, out RequestHead head);
        Refused = result.Status switch
        {
            ParseStatus.Complete => FailureReason.None,
            ParseStatus.NeedMore => FailureReason.ClientTimeout,
            _ => FaultMeaning.Of(result.Fault).Failure,
        };
        Fault = result.Fault;

        // Of a head that was refused nothing is believed.
        _head = result.IsComplete ? head : default;
        _bodyBytes = result.IsComplete ? _source.Length - result.Consumed : 0;
        _source = result.IsComplete ? _source[..result.Consumed] : [];
        if (client.IsMultiplexed && result.IsComplete)
        {
            _head.Version = MessageVersion.Http2;
        }

        _requestId.Choose(RequestFields.Value(_source, Fields, KnownField.XRequestId));
        IsRequestDone = !HasBody;
    }

    /// <summary>Why the head was refused; None: it was not.</summary>
    public FailureReason Refused { get; }

    /// <inheritdoc cref="Refused"/>
    public MessageFault Fault { get; set; }

    public ReadOnlySpan<byte> Source => _source;

    public ref readonly RequestHead Head => ref _head;

    public ReadOnlySpan<HeaderField> Fields => _fields.AsSpan(0, _head.Fields.Count);

    public ReadOnlySpan<byte> RequestId => _requestId.Value;

    public ForwardedClient Forwarded { get; }

    public IPAddress ClientAddress => Forwarded.IsTrusted
        ? Engine.Clients.ClientAddress.Of(_client.Peer, _client.Listener.TrustedProxies, RequestFields.Joined(Source, Fields, KnownField.XForwardedFor))
        : _client.Peer;

    public string Listener => _client.Listener.Name;

    public ListenerRequests ListenerRequests { get; } = new();

    public HttpsRedirect? HttpsRedirect => Engine.Filters.HttpsRedirect.Of(_client.Listener);

    public ListenerFields? ListenerFields => Engine.Filters.ListenerFields.Of(_client.Listener, port: 0);

    public bool IsSecure => RequestFields.IsSecure(Forwarded, Source, Head, Fields);

    public bool IsMultiplexed => _client.IsMultiplexed;

    public bool IsLeaving => _client.IsLeaving;

    public bool AuthenticatesConnection => ConnectionAuthentication.IsClaimed(Source, Fields, _head.Fields);

    public ref Assignment Assignment => ref _assignment;

    public ref Attempts Attempts => ref _attempts;

    public ref ClientKey StatusClient => ref _statusClient;

    public ref RouteEffects Route => ref _route;

    public ref ExchangeTimes Times => ref _times;

    public ref RequestTrace Trace => ref _trace;

    public long Timestamp => 0;

    public MeasuringSlot MeasuringSlot => MeasuringSlot.Here;

    public bool IsRequestDone { get; private set; }

    public bool IsBodyGone => IsBodySeen && !_isHeld;

    public bool IsRepeatable => IsBodySeen ? _isHeld && IsRequestDone : !HasBody || (_head.Framing != BodyFraming.Chunked && IsHoldAsked);

    public bool IsAnswerBegun { get; set; }

    public bool HasAnswerHead { get; set; }

    public int BackendStatus { get; set; }

    /// <summary>None: what begins a session is looked at elsewhere.</summary>
    public FirstSession? First => null;

    public UInt128? Asker => FirstAsker.Of(Forwarded, ClientKey.Of(ClientAddress), Source, Head, Fields);

    /// <summary>Some of the body was taken.</summary>
    public bool IsBodySeen { get; private set; }

    /// <summary>Its pool passes on the switch of protocols that it asks for.</summary>
    public bool AsksUpgrade { get; private set; }

    /// <summary>Whoever sends its body is quicker than who claims it, and takes what is not held.</summary>
    public bool LosesBody { get; set; }

    public bool HasBody => _head.Framing == BodyFraming.Chunked || (_head.Framing == BodyFraming.Length && _head.ContentLength > 0);

    private bool IsHoldAsked => HeldBody.IsAsked(_assignment.Pool.Settings, _head);

    public BalanceKey KeyFor(BalanceSettings balance) => balance.On == HashOn.ClientAddress
        ? RequestKey.Of(ClientKey.Of(ClientAddress))
        : RequestKey.Of(balance, Source, Head, Fields, _routes);

    public bool TryClaimBody()
    {
        if (LosesBody)
        {
            IsBodySeen = true;
            _isHeld = false;
        }

        return !IsBodyGone;
    }

    public void FindTickets(PoolAffinity affinity, ref PresentedTickets found)
    {
        RequestFields.FindTickets(affinity, Source, _head, Fields, ref found);
        affinity.Header?.Claim(Source, _fields.AsSpan(0, _head.Fields.Count));
    }

    public bool TryAllow(ImmutableArray<string> upgrades)
    {
        AsksUpgrade = Upgrades.AreAsked(Source, _head, Fields, upgrades);
        return AsksUpgrade || !IsMultiplexed || !_head.Has(RequestTraits.AsksUpgrade);
    }

    /// <summary>The backend takes the body: all of it, where that has come, and holds it where the pool has that done.</summary>
    /// <param name="isWhole">The client sends all of it.</param>
    public void TakeBody(bool isWhole)
    {
        if (!HasBody || IsRequestDone)
        {
            return;
        }

        long length = _head.Framing == BodyFraming.Length ? _head.ContentLength : _bodyBytes;
        _isHeld = IsHoldAsked && length <= HeldBody.BytesMax(_assignment.Pool.Settings);
        IsBodySeen = true;
        IsRequestDone = isWhole;
    }

    /// <summary>Another attempt begins: nothing of an answer has come.</summary>
    public void Again()
    {
        IsAnswerBegun = false;
        BackendStatus = 0;
    }
}
