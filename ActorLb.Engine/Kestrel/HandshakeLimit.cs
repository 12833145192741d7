using Microsoft.AspNetCore.Connections;

namespace ActorLb.Engine.Kestrel;

/// <summary>How long a handshake may take, by the limit that is in force when it begins: one object for each, set before TLS and ended behind it.</summary>
internal sealed class HandshakeLimit : IDisposable
{
    private readonly ConnectionContext _connection;
    private readonly ITimer? _timer;

    /// <param name="limit">Zero: there is none.</param>
    public HandshakeLimit(ConnectionContext connection, TimeSpan limit, TimeProvider time)
    {
        _connection = connection;
        _timer = limit > TimeSpan.Zero
            ? time.CreateTimer(static l => ((HandshakeLimit)l!).End(), this, limit, Timeout.InfiniteTimeSpan)
            : null;
    }

    /// <summary>The handshake has come to something.</summary>
    public bool IsMet { get; private set; }

    /// <inheritdoc cref="IsMet"/>
    public void Met()
    {
        IsMet = true;
        Dispose();
    }

    /// <summary>It is over.</summary>
    public void Dispose() => _timer?.Dispose();

    private void End() => _connection.Abort(new ConnectionAbortedException("The handshake took too long."));
}
