using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace ActorLb.Node.Cluster;

/// <summary>What the downing provider, which Akka makes by its name, needs from us.</summary>
internal sealed class DowningSetup(TimeSpan stableAfter, TimeProvider time) : Setup
{
    public TimeSpan StableAfter { get; } = stableAfter;

    public TimeProvider Time { get; } = time;

    /// <exception cref="ConfigurationException">The system was not started by this product.</exception>
    public static DowningSetup Of(ActorSystem system)
    {
        var setup = system.Settings.Setup.Get<DowningSetup>();
        return setup.HasValue
            ? setup.Value
            : throw new ConfigurationException("hocon/akka.conf is for actor systems that ControlPlane starts");
    }
}
