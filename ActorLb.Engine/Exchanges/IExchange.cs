using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traces;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Exchanges;

/// <summary>
/// A request and its answer, as the steps of <see cref="RequestLife"/> see them: what the request says, whose it is, and how far both
/// have come. Each lane implements it; the steps know no socket.
/// </summary>
internal interface IExchange : IFirstRequest
{
    /// <summary>The request's head. It and its fields are there until the body is asked for.</summary>
    ReadOnlySpan<byte> Source { get; }

    bool IFirstRequest.IsOfSplit => Route.IsSplit;

    /// <summary>By offsets into <see cref="Source"/>; what is no offset stays to the end.</summary>
    ref readonly RequestHead Head { get; }

    ReadOnlySpan<HeaderField> Fields { get; }

    ReadOnlySpan<byte> RequestId { get; }

    /// <summary>What backends are told of the client.</summary>
    ForwardedClient Forwarded { get; }

    /// <summary>Of this client, or of the one whom a trusted proxy names. Needs the fields.</summary>
    IPAddress ClientAddress { get; }

    /// <summary>The name of the listener by which it came.</summary>
    string Listener { get; }

    /// <summary>Where that listener's requests are counted.</summary>
    ListenerRequests ListenerRequests { get; }

    /// <summary>Of that listener; null: plain requests are served.</summary>
    HttpsRedirect? HttpsRedirect { get; }

    /// <summary>Of that listener; null: its answers say nothing of it.</summary>
    ListenerFields? ListenerFields { get; }

    /// <summary>Its client came by TLS, to us or to a proxy that we believe.</summary>
    bool IsSecure { get; }

    /// <summary>Its client's connection carries requests at the same time, as that of HTTP/2.</summary>
    bool IsMultiplexed { get; }

    /// <summary>The client is to begin its next request on another connection.</summary>
    bool IsLeaving { get; }

    /// <summary>It carries credentials that authenticate the connection to its backend.</summary>
    bool AuthenticatesConnection { get; }

    /// <summary>Where it goes, once it was assigned; default before.</summary>
    ref Assignment Assignment { get; }

    /// <summary>How often it may be tried again.</summary>
    ref Attempts Attempts { get; }

    /// <summary>Whose request it was, where its pool counts statuses by client; else default.</summary>
    ref ClientKey StatusClient { get; }

    /// <summary>What its route does with it.</summary>
    ref RouteEffects Route { get; }

    /// <summary>When its steps were.</summary>
    ref ExchangeTimes Times { get; }

    /// <summary>Of which trace it is.</summary>
    ref RequestTrace Trace { get; }

    /// <summary>Now, in timestamps of the time provider; a loop asks the clock once in each of its turns.</summary>
    long Timestamp { get; }

    /// <summary>Where the thread counts that goes on with it now.</summary>
    MeasuringSlot MeasuringSlot { get; }

    /// <summary>The whole request was received and handed on.</summary>
    bool IsRequestDone { get; }

    /// <summary>Bytes of the body were taken from the client, and cannot be had a second time.</summary>
    bool IsBodyGone { get; }

    /// <summary>Whatever comes of it until a backend answers, it can be sent again, as far as its method allows that.</summary>
    bool IsRepeatable { get; }

    /// <summary>Any byte of an answer has come: the backend has acted on the request.</summary>
    bool IsAnswerBegun { get; }

    /// <summary>The client gets the answer whose head has come.</summary>
    bool HasAnswerHead { get; }

    /// <summary>The backend's; 0 without an answer.</summary>
    int BackendStatus { get; }

    /// <summary>The request is to be sent to another backend: nothing more is taken of its body before. False where it cannot be any more.</summary>
    bool TryClaimBody();

    /// <summary>Adds the tickets of its pool. Where they have a field of their own, that ends here.</summary>
    void FindTickets(PoolAffinity affinity, ref PresentedTickets found);

    /// <summary>Its pool is known, with the protocols that it may switch to; false where it asks for another one, and cannot be answered without.</summary>
    bool TryAllow(ImmutableArray<string> upgrades);
}
