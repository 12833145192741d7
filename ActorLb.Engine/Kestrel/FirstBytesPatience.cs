using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>How long a connection's first bytes are waited for, before the server has it: until the time is up, or connections are asked to close.</summary>
internal sealed class FirstBytesPatience : IDisposable
{
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _either;

    /// <param name="limit">Zero: there is none.</param>
    public FirstBytesPatience(ConnectionContext connection, TimeSpan limit, TimeProvider time)
    {
        _late = new CancellationTokenSource(limit > TimeSpan.Zero ? limit : Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(
            _late.Token, connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default);
    }

    /// <summary>Fires when there is nothing to wait for any more.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>The time is up.</summary>
    public bool IsOver => _late.IsCancellationRequested;

    public void Dispose()
    {
        _either.Dispose();
        _late.Dispose();
    }
}
