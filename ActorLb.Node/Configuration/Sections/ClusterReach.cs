using System.Net;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>
/// Who reaches the cluster's port and need not prove to be a node owns the cluster: its keys, its sessions, its backends.
/// So a port that other machines reach asks for proof, unless the operator writes that it need not.
/// </summary>
internal static class ClusterReach
{
    private const string Instead =
        "cluster.secret-file (\"actorlb keys secret > FILE\" makes one, the same for all nodes), cluster.tls, or cluster.allow-any-address = true to go without";

    /// <param name="host">cluster.host; empty where it is found by the name of the nodes.</param>
    public static void Judge(ConfigurationCursor cluster, string host, int port, bool isProved)
    {
        ConfigurationCursor allowKey = cluster["allow-any-address"];
        bool allow = allowKey.Switch();
        ConfigurationCursor key = host.Length > 0 ? cluster["host"] : cluster["discovery"]["method"];
        ConfigurationCursor[] proofs = [cluster["tls"], cluster["secret"], cluster["secrets"], cluster["secret-file"]];
        if (isProved || IsLoopback(host) || key.IsWrong || allowKey.IsWrong || proofs.Any(p => p.HasMistakes))
        {
            return;
        }

        string where = host.Length > 0 ? new HostPort(host, port).ToString() : $"port {port}";
        if (allow)
        {
            allowKey.Warn(
                $"whoever reaches {where} owns this cluster: its keys, its sessions, its backends",
                "cluster.secret-file (\"actorlb keys secret > FILE\" makes one, the same for all nodes)");
        }
        else
        {
            key.Complain($"other machines may reach {where}, and whoever does owns the cluster", Instead);
        }
    }

    // Another name than localhost may lead anywhere, and elsewhere tomorrow.
    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
