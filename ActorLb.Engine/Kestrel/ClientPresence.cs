using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Tells a client that left from one whose connection we broke off: the server cancels the request for both alike. One
/// object serves all requests of a connection.
/// </summary>
internal sealed class ClientPresence
{
    private IHttpRequestLifetimeFeature? _request;
    private bool _brokenOff;

    /// <summary>The client ended its connection or its stream, and we had not ended it before.</summary>
    public bool HasLeft => !_brokenOff && Aborted.IsCancellationRequested;

    public CancellationToken Aborted => _request?.RequestAborted ?? throw new InvalidOperationException("no request is being answered");

    /// <param name="features">Of the request.</param>
    public void Begin(IFeatureCollection features)
    {
        _brokenOff = false;
        _request = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
    }

    public void End() => _request = null;

    /// <summary>Ends the connection, or HTTP/2's stream, so that the client knows that something is missing.</summary>
    public void BreakOff()
    {
        // A client that had left before stays one that left.
        _brokenOff = !HasLeft;
        _request?.Abort();
    }
}
