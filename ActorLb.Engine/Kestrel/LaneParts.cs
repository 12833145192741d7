using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Memory;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Kestrel;

/// <summary>What all requests of a lane share. Any thread.</summary>
internal sealed record LaneParts(
    DataPlane Plane,
    TrafficDirector Director,
    PassiveHealth Passive,
    LimitsInForce InForce,
    FailureLog Failures,
    OpenConnections Clients,
    ILogger Logger) : IMemoryAccount, IDisposable
{
    private long _reserved;

    public RequestLife Life { get; } = new(Plane, Director, Passive, Failures);

    /// <summary>Bytes that its exchanges may come to hold.</summary>
    public long Reserved => Interlocked.Read(ref _reserved);

    /// <summary>Another exchange, or one that is over (below 0).</summary>
    public void Reserve(int bytes) => Interlocked.Add(ref _reserved, bytes);

    public bool TryHold(int bytes)
    {
        if (!Plane.Memory.HasRoomToHold)
        {
            return false;
        }

        Reserve(bytes);
        return true;
    }

    public void GiveBack(int bytes) => Reserve(-bytes);

    /// <summary>Those of now.</summary>
    public LimitSettings Limits => InForce.Settings;

    /// <inheritdoc cref="Limits"/>
    public MessageLimits MessageLimits => InForce.Messages;

    public KeptStreams Kept { get; } = new(Plane);

    public BackendDialer Dialer { get; } = new(Plane, InForce);

    /// <summary>To backends that speak HTTP/2.</summary>
    public Http2Connections Calls { get; } = new(Plane, InForce, Logger);

    public LaneExchanges Exchanges { get; } = new(Plane, Logger);

    /// <summary>One for each thread: finding a route needs memory and does not wait.</summary>
    public ThreadLocal<RouteFinder> Routes { get; } = new(() => new RouteFinder(Director));

    public void Dispose()
    {
        Exchanges.Dispose();
        Kept.Dispose();
        Calls.Dispose();
        Routes.Dispose();
    }
}
