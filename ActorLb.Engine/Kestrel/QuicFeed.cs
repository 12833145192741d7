using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>What <see cref="ConnectionFeed"/> is for connections of TCP: those of QUIC reach the server through it, whichever ports they come by.</summary>
internal sealed class QuicFeed : IMultiplexedConnectionListenerFactory, IMultiplexedConnectionListener
{
    private readonly AcceptQueue<MultiplexedConnectionContext> _accepted = new();

    /// <summary>What the server is told to listen at.</summary>
    public EndPoint EndPoint { get; } = new Place();

    /// <summary>False where the server takes no more.</summary>
    public bool TryGive(MultiplexedConnectionContext connection) => _accepted.TryGive(connection);

    public ValueTask<IMultiplexedConnectionListener> BindAsync(
        EndPoint endpoint, IFeatureCollection? features = null, CancellationToken cancellationToken = default) => new(this);

    public ValueTask<MultiplexedConnectionContext?> AcceptAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default) =>
        _accepted.AcceptAsync(cancellationToken);

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Close();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private sealed class Place : EndPoint
    {
        public override string ToString() => "actorlb by QUIC";
    }
}
