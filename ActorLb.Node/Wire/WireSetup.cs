using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace ActorLb.Node.Wire;

/// <summary>What the gates of an actor system, which Akka makes by their names, need from us.</summary>
internal sealed class WireSetup(WireRefusals refusals) : Setup
{
    /// <exception cref="ConfigurationException">The system was not started by this product.</exception>
    public static WireRefusals RefusalsOf(ActorSystem system)
    {
        var setup = system.Settings.Setup.Get<WireSetup>();
        return setup.HasValue
            ? setup.Value.Refusals
            : throw new ConfigurationException("hocon/akka.conf is for actor systems that ControlPlane starts");
    }

    private WireRefusals Refusals { get; } = refusals;
}
