using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ActorLb.Engine.Backends;

/// <summary>
/// Where all backends are reached, for requests and for probes: one answer for both. Names are looked up again and again
/// by the control plane, which tells it here; the data plane asks itself only for a name that nobody has looked up yet.
/// Any thread.
/// </summary>
public sealed class BackendAddresses
{
    private readonly ConcurrentDictionary<Uri, BackendHost> _hosts = new();
    private readonly ConcurrentDictionary<string, Task<IPAddress[]>> _firstLookUps = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A name leads elsewhere: connections to where it does not lead any more are to be closed. On the caller's thread of <see cref="Set"/>.</summary>
    public event Action? Changed;

    /// <summary>How a name is looked up that nobody has looked up yet. Set before the first request.</summary>
    public Func<string, Task<IPAddress[]>> LookUp { get; set; } = static name => Dns.GetHostAddressesAsync(name);

    /// <param name="backend">Its address as it is configured.</param>
    public BackendHost Of(Uri backend) => _hosts.TryGetValue(backend, out BackendHost? host) ? host : _hosts.GetOrAdd(backend, static b => new BackendHost(b));

    internal int Count => _hosts.Count;

    /// <summary>Forgets all others: no pool has them any more.</summary>
    internal void Keep(IReadOnlySet<Uri> backends)
    {
        foreach (Uri gone in _hosts.Keys.Where(b => !backends.Contains(b)))
        {
            _hosts.TryRemove(gone, out _);
        }
    }

    /// <summary>The backend's addresses; empty where there are none now.</summary>
    public ValueTask<IPEndPoint[]> FindAsync(BackendHost host) =>
        host.Addresses is { Length: > 0 } known ? new(known) : new(LookUpAsync(host));

    /// <summary>A name was looked up.</summary>
    /// <param name="found">At least one.</param>
    /// <returns>Whether it leads elsewhere than before.</returns>
    public bool Set(string name, IReadOnlyCollection<IPAddress> found)
    {
        IPAddress[] ordered = Ordered(found);
        bool changed = false;
        foreach (BackendHost host in _hosts.Values)
        {
            if (host.IsName && host.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                changed |= host.Set([.. ordered.Select(a => new IPEndPoint(a, host.Port))]);
            }
        }

        if (changed)
        {
            Changed?.Invoke();
        }

        return changed;
    }

    /// <summary>
    /// The family that the system prefers first, and within it an order that is the same on every node whatever order a
    /// name server rotates them into: a session's backend is one server, not each in turn.
    /// </summary>
    public static IPAddress[] Ordered(IReadOnlyCollection<IPAddress> found)
    {
        AddressFamily preferred = found.Select(a => a.AddressFamily).FirstOrDefault();
        return
        [
            .. found.Distinct()
                .OrderBy(a => a.AddressFamily == preferred ? 0 : 1)
                .ThenBy(a => Convert.ToHexString(a.GetAddressBytes()), StringComparer.Ordinal),
        ];
    }

    private async Task<IPEndPoint[]> LookUpAsync(BackendHost host)
    {
        // The platform's look-up takes a thread for as long as it lasts: one for all who ask for a name.
        Task<IPAddress[]> lookUp = _firstLookUps.GetOrAdd(host.Name, LookUp);
        try
        {
            IPAddress[] found = await lookUp.ConfigureAwait(false);
            if (found.Length > 0 && host.Addresses is null)
            {
                host.Set([.. Ordered(found).Select(a => new IPEndPoint(a, host.Port))]);
            }
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // Whatever the system's resolver says: there is nowhere to go.
        }
        finally
        {
            _firstLookUps.TryRemove(KeyValuePair.Create(host.Name, lookUp));
        }

        return host.Addresses ?? [];
    }
}
