using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The server's only listener: connections that we accept ourselves reach the server through it, whichever sockets they come from
/// and whatever becomes of those sockets meanwhile.
/// </summary>
internal sealed class ConnectionFeed : IConnectionListenerFactory, IConnectionListener
{
    // Bounded by the limits on connections, which each has passed: nobody waits here but for the server to take it.
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>What the server is told to listen at.</summary>
    public EndPoint EndPoint { get; } = new Place();

    /// <summary>False where the server takes no more.</summary>
    public bool TryGive(ConnectionContext connection) => _accepted.Writer.TryWrite(connection);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out ConnectionContext? connection))
            {
                return connection;
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private sealed class Place : EndPoint
    {
        public override string ToString() => "actorlb";
    }
}
