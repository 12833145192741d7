using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// Where backends are reached. An address that is a number needs no look-up; names are looked up by the system for
/// each new connection, off the loop. Any thread.
/// </summary>
internal sealed class BackendAddresses
{
    private readonly ConcurrentDictionary<Uri, IPEndPoint?> _numbers = new();

    /// <summary>The address where the backend's host is a number; null where it is a name.</summary>
    public IPEndPoint? Find(Uri backend) => _numbers.GetOrAdd(backend, static b =>
        IPAddress.TryParse(b.IdnHost.Trim('[', ']'), out IPAddress? number) ? new IPEndPoint(number, b.Port) : null);

    /// <summary>Looks the name up; null where it has no address now.</summary>
    public static async Task<IPEndPoint?> LookUpAsync(Uri backend)
    {
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(backend.IdnHost);
            return found.Length == 0 ? null : new IPEndPoint(found[0], backend.Port);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }
}
