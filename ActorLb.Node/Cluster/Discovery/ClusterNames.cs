using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>
/// Keeps clusters of different names apart: what their nodes say is not heard, and each is told of once. As both sides
/// ask or are asked, both tell. Used by one actor.
/// </summary>
internal sealed class ClusterNames(string own, ILogger logger)
{
    /// <summary>Nodes of other clusters that are told of.</summary>
    private const int ForeignMax = 64;

    private readonly Dictionary<HostPort, string> _foreign = [];

    public bool Belongs(ClusterReport report)
    {
        if (report.Cluster == own)
        {
            _foreign.Remove(report.Address);
            return true;
        }

        if (_foreign.GetValueOrDefault(report.Address) != report.Cluster && _foreign.Count < ForeignMax)
        {
            _foreign[report.Address] = report.Cluster;
            Log.ForeignCluster(logger, report.Address, report.Cluster, own);
        }

        return false;
    }
}
