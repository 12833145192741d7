using System.Collections.Concurrent;
using System.Net;
using ActorLb.Engine.Memory;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// Decides whether a client's new connection is let in: so many per listener, and so many per client address on this
/// node, whichever listener they come to. Both lanes ask it for each connection; exact over all threads.
/// </summary>
public sealed class ConnectionLimits(LimitSettings limits, MemoryGate? memory = null)
{
    private readonly ConcurrentDictionary<string, ListenerConnections> _listeners = new(StringComparer.Ordinal);
    private readonly AddressCounts _addresses = new(limits.ConnectionsPerAddressMax);
    private int _openMax = int.MaxValue;
    private int _open;
    private int _backendsMax = int.MaxValue;
    private int _backends;

    /// <summary>The counts of each listener that was asked about, by its name.</summary>
    public IEnumerable<KeyValuePair<string, ListenerConnections>> Listeners => _listeners;

    /// <summary>A connection of this address was refused because it has as many as it may. On the thread that accepts: only pass it on.</summary>
    public event Action<IPAddress>? AddressRefused;

    /// <summary>Connections of clients, over all listeners.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Unused connections to backends that each lane may keep.</summary>
    public int KeptMax { get; private set; } = int.MaxValue;

    /// <summary>Lets in what there are descriptors for, whatever the settings say. Before the first client.</summary>
    public void Fit(DescriptorShares shares)
    {
        _openMax = shares.Clients;
        KeptMax = Math.Max(1, shares.Kept / 2);
        _backendsMax = shares.Clients + KeptMax;
    }

    /// <summary>Room for a connection to a backend whose number the clients' connections do not bound: HTTP/2 has many requests in one.</summary>
    /// <returns>True asks for one <see cref="CloseBackend"/>.</returns>
    internal bool TryOpenBackend()
    {
        if (Interlocked.Increment(ref _backends) <= _backendsMax)
        {
            return true;
        }

        Interlocked.Decrement(ref _backends);
        return false;
    }

    internal void CloseBackend() => Interlocked.Decrement(ref _backends);

    /// <summary>True asks for one <see cref="Release"/> once the connection is closed; false: close it at once.</summary>
    public bool TryAdmit(ListenerSettings listener, IPAddress client)
    {
        ListenerConnections connections = Of(listener);
        if (memory is { IsOver: true })
        {
            connections.RefuseForMemory();
            return false;
        }

        if (!connections.TryOpen(limits.ConnectionsMax))
        {
            connections.RefuseForListener();
            return false;
        }

        if (Interlocked.Increment(ref _open) > _openMax)
        {
            Interlocked.Decrement(ref _open);
            connections.Close();
            connections.RefuseForDescriptors();
            return false;
        }

        if (IsCounted(listener, client) && !_addresses.TryAdd(client))
        {
            Interlocked.Decrement(ref _open);
            connections.Close();
            connections.RefuseForAddress();
            AddressRefused?.Invoke(client);
            return false;
        }

        return true;
    }

    /// <summary>Gives back what an admitted connection took; with the same listener and address.</summary>
    public void Release(ListenerSettings listener, IPAddress client)
    {
        Of(listener).Close();
        Interlocked.Decrement(ref _open);
        if (IsCounted(listener, client))
        {
            _addresses.Remove(client);
        }
    }

    private ListenerConnections Of(ListenerSettings listener) =>
        _listeners.GetOrAdd(listener.Name, static _ => new ListenerConnections());

    // A trusted proxy brings the connections of many clients.
    private bool IsCounted(ListenerSettings listener, IPAddress client)
    {
        if (limits.ConnectionsPerAddressMax <= 0)
        {
            return false;
        }

        IPAddress peer = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        foreach (IPNetwork network in listener.TrustedProxies)
        {
            if (network.Contains(peer))
            {
                return false;
            }
        }

        return true;
    }
}
