using ActorLb.Engine.Backends;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.Traffic;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Epoll;

/// <summary>What all loops of a lane share. Read by all of their threads.</summary>
internal sealed record LaneParts(
    DataPlane Plane,
    TrafficDirector Director,
    PassiveHealth Passive,
    LimitsInForce InForce,
    FailureLog Failures,
    OpenConnections Clients,
    ILogger Logger)
{
    public RequestLife Life { get; } = new(Plane, Director, Passive, Failures);

    public OpenExchangeReview Review { get; } = new(Plane);

    public BackendAddresses Addresses => Plane.Addresses;

    /// <summary>Unused connections to backends that one loop may keep.</summary>
    public int KeptMax => Math.Max(1, Plane.Connections.KeptMax / Environment.ProcessorCount);
}
