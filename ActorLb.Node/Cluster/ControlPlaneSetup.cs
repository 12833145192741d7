using ActorLb.Node.Cluster.Connections;
using ActorLb.Node.Cluster.Identity;
using ActorLb.Node.Wire;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace ActorLb.Node.Cluster;

/// <summary>What parts that Akka itself creates (serializers, the transport, the downing provider) need from us.</summary>
/// <param name="identity">Null where nodes speak in the clear.</param>
internal sealed class ControlPlaneSetup(
    WireRefusals refusals, RefusedPeers refusedPeers, NodeIdentity? identity, TimeProvider time, TimeSpan stableAfter) : Setup
{
    public WireRefusals Refusals { get; } = refusals;

    public RefusedPeers RefusedPeers { get; } = refusedPeers;

    public NodeIdentity? Identity { get; } = identity;

    public TimeProvider Time { get; } = time;

    public TimeSpan StableAfter { get; } = stableAfter;

    public static ControlPlaneSetup Of(ActorSystem system)
    {
        var setup = system.Settings.Setup.Get<ControlPlaneSetup>();
        return setup.HasValue
            ? setup.Value
            : throw new ConfigurationException("hocon/akka.conf is for actor systems that ControlPlane starts");
    }
}
