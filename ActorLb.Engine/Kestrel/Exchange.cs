using System.Net;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Traffic;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// One request and its answer. Kept by the server with the client's connection (or HTTP/2 stream) and used again
/// for the next one, so a request costs no context of its own; the forwarder calls it to carry heads over.
/// </summary>
internal sealed class Exchange : HttpTransformer
{
    private readonly TrafficDirector _director;
    private readonly RequestTargets _targets;
    private readonly OpenConnections _connections;
    private readonly ClientPresence _presence = new();
    private string? _requestId;

    public Exchange(TrafficDirector director, RequestTargets targets, OpenConnections connections, IFeatureCollection features)
    {
        _director = director;
        _targets = targets;
        _connections = connections;
        Request = features.GetRequiredFeature<IHttpRequestFeature>();
        Client = new ClientConnection(features);
    }

    public DefaultHttpContext Context { get; } = new();

    /// <summary>The server's own view of the request: the same object for all requests of a connection or stream.</summary>
    public IHttpRequestFeature Request { get; }

    public ClientConnection Client { get; }

    /// <summary>Where the request goes now; another after a failed attempt.</summary>
    public Assignment Assignment { get; set; }

    /// <summary>Null where the request has no body.</summary>
    public ClientBody? Body { get; private set; }

    /// <summary>The backend's status; 0 until the head of its answer arrived.</summary>
    public int BackendStatus { get; private set; }

    /// <summary>An HTTP/2 request for a WebSocket (RFC 8441); browsers send it where they have a connection already.</summary>
    public bool OpensWebSocket =>
        HttpMethods.IsConnect(Request.Method)
        && Context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };

    /// <summary>The connection may become a tunnel. The same requests as the forwarder takes for such.</summary>
    public bool AsksForTunnel =>
        OpensWebSocket
        || (Context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            && Request.Headers.Upgrade is [{ } protocol]
            && (protocol.Equals("websocket", StringComparison.OrdinalIgnoreCase)
                || protocol.StartsWith("SPDY/", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Runs until the head of the answer arrives; null where the forwarder's own timeout bounds that.</summary>
    public HeadDeadline? HeadDeadline { get; set; }

    /// <summary>The client is to begin its next request on another connection. HTTP/2 has a frame for that, which the server sends.</summary>
    public bool EndsConnection => _connections.Leaving && !HttpProtocol.IsHttp2(Request.Protocol);

    /// <summary>How the request failed, also where the client has a part of its answer by then.</summary>
    public FailureReason Failure { get; set; }

    /// <summary>Of the answer's body; counted for the access log only.</summary>
    public long BytesSent => Sent?.Bytes ?? 0;

    /// <summary>When it began, in the time provider's ticks; taken for the access log only.</summary>
    public long BeganAt { get; private set; }

    public string RequestId => _requestId ??= ChooseRequestId();

    /// <summary>The client ended its request before we did.</summary>
    public bool ClientHasLeft => _presence.HasLeft;

    /// <summary>The client took nothing of its answer for too long; noticed for the access log only.</summary>
    public bool ClientHasStalled => _presence.HasStalled;

    public void Begin(IFeatureCollection features)
    {
        _presence.Begin(features, HttpProtocol.IsHttp2(Request.Protocol));
        Context.Initialize(features);
    }

    /// <summary>Takes down what the access log tells afterwards.</summary>
    public void Watch(TimeProvider time)
    {
        BeganAt = time.GetTimestamp();
        Sent ??= new CountedBody(_presence);
        Sent.Begin(Context.Features);
    }

    /// <summary>Takes hold of the client's body, if there is one.</summary>
    public void WatchBody(TimeSpan timeout, TimeProvider time)
    {
        if (Context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            Body = new ClientBody(Context.Request.Body, timeout, time);
            Context.Request.Body = Body;
        }
    }

    /// <summary>Forgets a failed attempt, so that another can be made.</summary>
    public void Again()
    {
        BackendStatus = 0;
        Failure = FailureReason.None;
        Context.Response.Clear();
        Context.Features.Set<IForwarderErrorFeature>(null);
    }

    public void End()
    {
        Body?.Dispose();
        Body = null;
        BackendStatus = 0;
        Failure = FailureReason.None;
        Sent?.End();
        _presence.End();
        _requestId = null;
        Assignment = default;
        Context.Uninitialize();
    }

    /// <summary>The Set-Cookie value that the answer owes the client, or null.</summary>
    public string? Ticket => Assignment.NeedsTicket ? _director.TicketFor(Assignment, Client.IsTls) : null;

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        RequestHead.Write(Request, proxyRequest, Client, RequestId);
        proxyRequest.RequestUri = _targets.Of(Assignment.Backend!, Request.RawTarget);
        return default;
    }

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return new(false);
        }

        HeadDeadline?.HeadArrived();

        if (proxyResponse.StatusCode == HttpStatusCode.SwitchingProtocols
            && !OpensWebSocket
            && httpContext.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
        {
            throw new HttpRequestException("the backend switches protocols unasked");
        }

        ResponseHead.Write(proxyResponse, httpContext.Response.Headers, RequestId, Ticket);
        BackendStatus = (int)proxyResponse.StatusCode;
        if (EndsConnection && BackendStatus >= StatusCodes.Status200OK)
        {
            httpContext.Response.Headers.Connection = "close";
        }

        return ResponseHead.IsEventStream(proxyResponse)
            ? FlushHeadAsync(httpContext.Response, cancellationToken)
            : new(true);
    }

    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        // Only HTTP/2 has them here, and asking HTTP/1.1 for a feature that it lacks searches everywhere.
        if (HttpProtocol.IsHttp2(Request.Protocol)
            && httpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } trailers)
        {
            ResponseHead.WriteTrailers(proxyResponse, trailers);
        }

        return default;
    }

    private CountedBody? Sent { get; set; }

    // The forwarder sends the head with the first bytes of the body; an event stream may have none for long.
    private static async ValueTask<bool> FlushHeadAsync(HttpResponse response, CancellationToken cancellation)
    {
        await response.Body.FlushAsync(cancellation);
        return true;
    }

    private string ChooseRequestId() =>
        Request.Headers[RequestIds.Header] is [{ } own] && RequestIds.IsSane(own) ? own : RequestIds.Next();
}
