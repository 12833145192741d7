using System.Net;
using System.Net.NetworkInformation;

namespace ActorLb.Node.Configuration;

/// <summary>The addresses of this machine.</summary>
internal static class MachineAddresses
{
    /// <summary>Loopback, or an address of one of its interfaces.</summary>
    public static bool Contain(IPAddress address)
    {
        if (IPAddress.IsLoopback(address))
        {
            return true;
        }

        try
        {
            return NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(n => n.GetIPProperties().UnicastAddresses)
                .Any(a => a.Address.Equals(address) || a.Address.MapToIPv6().Equals(address));
        }
        catch (NetworkInformationException)
        {
            // Nobody says: what leads back is found when it comes (508 loop-detected).
            return false;
        }
    }
}
