using System.Collections.Immutable;
using System.Net;
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

namespace ActorLb.Engine.Epoll;

/// <summary>What the steps of a request's life see of an exchange of the loops (<see cref="RequestLife"/>): what it says, whose it is, how far it has come.</summary>
internal sealed class ExchangeFacts(Exchange exchange, HeldHead held, RequestSide request, ResponseSide response, Placement placement) : IExchange
{
    private ClientKey _statusClient;
    private RouteEffects _route;
    private ExchangeTimes _times;
    private RequestTrace _trace;

    public ReadOnlySpan<byte> Source => held.Source;

    public ref readonly RequestHead Head => ref held.Head;

    public ReadOnlySpan<HeaderField> Fields => held.Fields();

    public ReadOnlySpan<byte> RequestId => held.RequestId;

    public ForwardedClient Forwarded => exchange.Client.Forwarded;

    public IPAddress ClientAddress => held.Address;

    public string Listener => exchange.Client.Listener.Settings.Name;

    public ListenerRequests ListenerRequests => exchange.Client.Listener.Connections.Requests;

    public HttpsRedirect? HttpsRedirect => exchange.Client.Listener.HttpsRedirect;

    public ListenerFields? ListenerFields => exchange.Client.Listener.Fields;

    public bool IsSecure => held.IsSecure;

    public bool IsMultiplexed => false;

    /// <summary>The client is to begin its next request on another connection.</summary>
    public bool IsLeaving => exchange.Lane.Clients.Leaving || exchange.Client.Listener.Socket.IsLeaving;

    public bool AuthenticatesConnection => held.AuthenticatesConnection;

    public ref Assignment Assignment => ref placement.Assignment;

    public ref Attempts Attempts => ref placement.Attempts;

    public ref ClientKey StatusClient => ref _statusClient;

    public ref RouteEffects Route => ref _route;

    public ref ExchangeTimes Times => ref _times;

    public ref RequestTrace Trace => ref _trace;

    public long Timestamp => exchange.Loop.Events.Timestamp;

    public MeasuringSlot MeasuringSlot => exchange.Loop.MeasuringSlot;

    public bool IsRequestDone => request.IsDone;

    public bool IsBodyGone => request.IsBodyGone;

    public bool IsRepeatable => request.IsRepeatable;

    public bool IsAnswerBegun => response.Begun;

    public bool HasAnswerHead => response.HeadArrived;

    public int BackendStatus => response.Status;

    /// <summary>None: requests of HTTP/1.1 are answered one after the other, and each answer may bring a ticket before the next request.</summary>
    public FirstSession? First => null;

    /// <summary>Before its body is asked for.</summary>
    public UInt128? Asker => FirstAsker.Of(Forwarded, ClientKey.Of(ClientAddress), Source, Head, Fields);

    /// <summary>Before its body is asked for.</summary>
    public BalanceKey KeyFor(BalanceSettings balance) => balance.On == HashOn.ClientAddress
        ? RequestKey.Of(ClientKey.Of(ClientAddress))
        : RequestKey.Of(balance, Source, Head, Fields, exchange.Loop.Routes);

    public bool TryClaimBody() => true;

    public void FindTickets(PoolAffinity affinity, ref PresentedTickets found) => held.FindTickets(affinity, ref found);

    public bool TryAllow(ImmutableArray<string> upgrades)
    {
        held.Allow(upgrades);
        return true;
    }

    /// <summary>Nothing of this request holds for the next one.</summary>
    public void End()
    {
        _route = default;
        _trace = default;
    }
}
