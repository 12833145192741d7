using ActorLb.Node.Cluster.Identity;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>What the transport of an actor system, which Akka makes by its name, needs from us.</summary>
/// <param name="identity">Null where nodes speak in the clear.</param>
internal sealed class ConnectionSetup(RefusedPeers refusedPeers, NodeIdentity? identity, TimeProvider time) : Setup
{
    public RefusedPeers RefusedPeers { get; } = refusedPeers;

    public NodeIdentity? Identity { get; } = identity;

    public TimeProvider Time { get; } = time;

    /// <exception cref="ConfigurationException">The system was not started by this product.</exception>
    public static ConnectionSetup Of(ActorSystem system)
    {
        var setup = system.Settings.Setup.Get<ConnectionSetup>();
        return setup.HasValue
            ? setup.Value
            : throw new ConfigurationException("hocon/akka.conf is for actor systems that ControlPlane starts");
    }
}
