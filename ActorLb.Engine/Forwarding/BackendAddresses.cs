using System.Collections.Concurrent;
using System.Net;

namespace ActorLb.Engine.Forwarding;

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

    /// <summary>Looks the name up; empty where it has no address now.</summary>
    public static async Task<IPEndPoint[]> LookUpAsync(Uri backend)
    {
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(backend.IdnHost);
            return [.. found.Select(address => new IPEndPoint(address, backend.Port))];
        }
        catch (Exception)
        {
            // Whatever the system's resolver says: there is nowhere to go.
            return [];
        }
    }
}
