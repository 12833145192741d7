using System.Net;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Dashboard;

/// <summary>Where a browser may find a node's dashboard: by the address at which it listens, or that at which other nodes reach it. A proxy or a
/// container's ports may say otherwise, and nobody knows that here.</summary>
internal static class DashboardAddress
{
    /// <param name="endpoint">Where the admin API listens, with its real port.</param>
    /// <param name="host">At which other nodes reach this one.</param>
    /// <returns>A URL that ends with '/'; empty where there is no dashboard, or no address is known.</returns>
    public static string Of(AdminSettings admin, IPEndPoint endpoint, string host)
    {
        bool isEverywhere = admin.Bind.Address.Equals(IPAddress.Any) || admin.Bind.Address.Equals(IPAddress.IPv6Any);
        if (!admin.Dashboard || endpoint.Port == 0 || (isEverywhere && host.Length == 0))
        {
            return "";
        }

        return $"{(admin.Tls is null ? "http" : "https")}://{(isEverywhere ? new HostPort(host, endpoint.Port).ToString() : new IPEndPoint(admin.Bind.Address, endpoint.Port).ToString())}/";
    }
}
