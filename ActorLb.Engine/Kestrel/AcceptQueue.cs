using System.Threading.Channels;

namespace ActorLb.Engine.Kestrel;

/// <summary>Connections that were accepted, on their way to the server. Bounded by the limits on connections, which each has passed. Any thread; one reads.</summary>
internal sealed class AcceptQueue<T>
    where T : class
{
    private readonly Channel<T> _accepted = Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>False where the server takes no more.</summary>
    public bool TryGive(T connection) => _accepted.Writer.TryWrite(connection);

    /// <summary>Null: there will be none.</summary>
    public async ValueTask<T?> AcceptAsync(CancellationToken cancellation)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellation))
        {
            if (_accepted.Reader.TryRead(out T? connection))
            {
                return connection;
            }
        }

        return null;
    }

    /// <summary>No more are taken. More than once is once.</summary>
    public void Close() => _accepted.Writer.TryComplete();
}
