using System.Net;
using Microsoft.AspNetCore.Connections;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The server's only listener: connections that we accept ourselves reach the server through it, whichever sockets they come from
/// and whatever becomes of those sockets meanwhile.
/// </summary>
internal sealed class ConnectionFeed : IConnectionListenerFactory, IConnectionListener
{
    private readonly AcceptQueue<ConnectionContext> _accepted = new();

    /// <summary>What the server is told to listen at.</summary>
    public EndPoint EndPoint { get; } = new Place();

    /// <summary>A place that no connection comes from: what is configured there is reached otherwise.</summary>
    public static EndPoint NobodysEndPoint { get; } = new Place();

    /// <summary>False where the server takes no more.</summary>
    public bool TryGive(ConnectionContext connection) => _accepted.TryGive(connection);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(ReferenceEquals(endpoint, EndPoint) ? this : new ConnectionFeed());

    public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        _accepted.AcceptAsync(cancellationToken);

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Close();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private sealed class Place : EndPoint
    {
        public override string ToString() => "actorlb";
    }
}
