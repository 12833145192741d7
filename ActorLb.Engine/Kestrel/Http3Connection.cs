using System.Net;
using ActorLb.Engine.Http2;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// A connection of HTTP/3: what we know of it goes with each of its streams, which bring features of their own alone, and streams
/// that their client resets cost it what they cost a connection of HTTP/2.
/// </summary>
internal sealed class Http3Connection(MultiplexedConnectionContext inner, Action<IFeatureCollection> equip, Action<FloodKind> flooded, TimeProvider time)
    : MultiplexedConnectionContext
{
    private static readonly FrameFacts Request = new() { Type = FrameType.Headers };
    private static readonly FrameFacts Reset = new() { Type = FrameType.ResetStream };

    private readonly Lock _lock = new();
    private FloodState _state = FloodState.Begin(Now(time));
    private bool _isFlooded;

    public override string ConnectionId
    {
        get => inner.ConnectionId;
        set => inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => inner.Items;
        set => inner.Items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => inner.ConnectionClosed;
        set => inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => inner.LocalEndPoint;
        set => inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => inner.RemoteEndPoint;
        set => inner.RemoteEndPoint = value;
    }

    public override async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        ConnectionContext? stream = await inner.AcceptAsync(cancellationToken);
        if (stream is not null)
        {
            equip(stream.Features);
            stream.Features.Set(this);
            Count(Request);
        }

        return stream;
    }

    public override ValueTask<ConnectionContext> ConnectAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default) =>
        inner.ConnectAsync(features, cancellationToken);

    public override void Abort() => inner.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>Its client has reset a stream before it had its answer. Any thread.</summary>
    public void StreamWasReset() => Count(Reset);

    private static long Now(TimeProvider time) => (long)time.GetElapsedTime(0).TotalMilliseconds;

    private void Count(in FrameFacts frame)
    {
        FloodKind kind;
        lock (_lock)
        {
            (_state, kind) = _state.After(frame, Now(time));
            if (kind == FloodKind.None || _isFlooded)
            {
                return;
            }

            _isFlooded = true;
        }

        flooded(kind);
    }
}
