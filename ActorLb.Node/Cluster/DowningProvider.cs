using Akka.Actor;
using Akka.Cluster;

namespace ActorLb.Node.Cluster;

/// <summary>Makes every side of a partition go on (decision 0001). Akka creates it by the name in hocon/akka.conf.</summary>
internal sealed class DowningProvider : IDowningProvider
{
    private readonly ActorSystem _system;

    /// <summary>The two arguments are Akka's contract.</summary>
    public DowningProvider(ActorSystem system, Akka.Cluster.Cluster cluster) => _system = system;

    /// <summary>How long shards and singletons of a downed node wait before they start elsewhere.</summary>
    public TimeSpan DownRemovalMargin => _system.Settings.Config.GetTimeSpan("akka.cluster.down-removal-margin");

    public Props DowningActorProps
    {
        get
        {
            DowningSetup setup = DowningSetup.Of(_system);
            return Props.Create(() => new DowningActor(setup.StableAfter, setup.Time));
        }
    }
}
