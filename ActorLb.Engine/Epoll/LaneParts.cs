using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Epoll;

/// <summary>What all loops of a lane share. Read by all of their threads.</summary>
internal sealed record LaneParts(
    DataPlane Plane,
    TrafficDirector Director,
    PassiveHealth Passive,
    LimitSettings Limits,
    FailureLog Failures,
    OpenConnections Clients,
    ILogger Logger)
{
    public MessageLimits MessageLimits { get; } = MessageLimits.From(Limits);

    public OpenExchangeReview Review { get; } = new(Plane, Director, Limits);

    public BackendAddresses Addresses => Plane.Addresses;

    /// <summary>Unused connections to backends that one loop may keep.</summary>
    public int KeptMax => Math.Max(1, Plane.Connections.KeptMax / Environment.ProcessorCount);
}
