using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Tells a client that left from one whose connection we broke off. The server cancels the request for both alike: the
/// forwarder breaks off an answer that it cannot end before it says what went wrong, and the server one whose writing is
/// cancelled. One object serves all requests of a connection.
/// </summary>
internal sealed class ClientPresence : IHttpRequestLifetimeFeature, IHttpResetFeature
{
    private IHttpRequestLifetimeFeature? _inner;
    private IHttpResetFeature? _reset;
    private bool _brokenOff;

    /// <summary>The client ended its connection or its stream, and we had not ended it before.</summary>
    public bool HasLeft => !_brokenOff && Inner.RequestAborted.IsCancellationRequested;

    /// <summary>The client took nothing of its answer for too long.</summary>
    public bool HasStalled { get; private set; }

    public CancellationToken RequestAborted
    {
        get => Inner.RequestAborted;
        set => Inner.RequestAborted = value;
    }

    private IHttpRequestLifetimeFeature Inner => _inner ?? throw new InvalidOperationException("no request is being answered");

    /// <param name="features">Of the request.</param>
    /// <param name="hasStreams">The protocol can end a request without its connection. A feature that the server lacks is searched for everywhere.</param>
    public void Begin(IFeatureCollection features, bool hasStreams)
    {
        _brokenOff = false;
        HasStalled = false;
        _inner = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        features.Set<IHttpRequestLifetimeFeature>(this);
        _reset = hasStreams ? features.Get<IHttpResetFeature>() : null;
        if (_reset is not null)
        {
            features.Set<IHttpResetFeature>(this);
        }
    }

    public void End()
    {
        _inner = null;
        _reset = null;
    }

    public void Abort()
    {
        BreakOff();
        Inner.Abort();
    }

    /// <summary>Writing to the client is being given up: because it left, or else because it takes nothing.</summary>
    public void OnWriteCancelled()
    {
        BreakOff();
        HasStalled = _brokenOff;
    }

    void IHttpResetFeature.Reset(int errorCode)
    {
        BreakOff();
        _reset!.Reset(errorCode);
    }

    // A client that had left before stays one that left.
    private void BreakOff() => _brokenOff = !HasLeft;
}
