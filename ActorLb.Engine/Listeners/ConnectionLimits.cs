using System.Collections.Concurrent;
using System.Net;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Memory;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// Decides whether a client's new connection is let in: so many per listener, and so many per client address on this
/// node, whichever listener they come to. Both lanes ask it for each connection; exact over all threads.
/// </summary>
public sealed class ConnectionLimits(LimitSettings limits, MemoryGate? memory = null)
{
    /// <summary>As many as browsers have under way, and those of a household.</summary>
    private const int SharesMin = 64;

    private readonly ConcurrentDictionary<string, ListenerConnections> _listeners = new(StringComparer.Ordinal);
    private readonly AddressCounts _addresses = new();
    private readonly AddressCounts _shares = new();
    private readonly Lock _keeping = new();
    private volatile LimitSettings _limits = limits;

    // Null: of all that were asked about.
    private volatile HashSet<string>? _names;
    private int _openMax = int.MaxValue;
    private int _open;
    private int _backendsMax = int.MaxValue;
    private int _backends;

    /// <summary>The counts of each listener that there is, or that still has connections, by its name.</summary>
    public IEnumerable<KeyValuePair<string, ListenerConnections>> Listeners => _listeners;

    /// <summary>A connection of this address was refused because it has as many as it may. On the thread that accepts: only pass it on.</summary>
    public event Action<IPAddress>? AddressRefused;

    /// <summary>Connections of clients, over all listeners.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Unused connections to backends that each lane may keep.</summary>
    public int KeptMax { get; private set; } = int.MaxValue;

    /// <summary>Lets in what there are descriptors for, whatever the settings say. Any thread, whenever that changes.</summary>
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

    /// <summary>
    /// Room for another request of a client whose connection carries many: each has a connection to its backend, and all of one address together
    /// have an eighth of those that there can be.
    /// </summary>
    /// <returns>True asks for one <see cref="ReleaseShare"/>.</returns>
    internal bool TryShare(IPAddress client) =>
        _backendsMax == int.MaxValue ? _shares.TryAdd(client, 0) : _shares.TryAdd(client, Math.Max(SharesMin, _backendsMax / 8));

    internal void ReleaseShare(IPAddress client) => _shares.Remove(client);

    internal void CloseBackend() => Interlocked.Decrement(ref _backends);

    /// <summary>From now on. Connections beyond a lower limit stay; no others are let in until there are fewer.</summary>
    internal void Apply(LimitSettings limits) => _limits = limits;

    /// <summary>Where the connections of a listener are counted.</summary>
    internal ListenerConnections Of(string listener) =>
        _listeners.GetOrAdd(listener, static name => new ListenerConnections(name));

    /// <summary>These are the listeners from now on; the others' counts go with their last connection.</summary>
    internal void Keep(IEnumerable<ListenerConnections> listeners)
    {
        lock (_keeping)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (ListenerConnections listener in listeners)
            {
                names.Add(listener.Name);
                _listeners[listener.Name] = listener;
            }

            _names = names;
            foreach ((string name, ListenerConnections connections) in _listeners)
            {
                if (connections.Open == 0 && !names.Contains(name))
                {
                    _listeners.TryRemove(name, out _);
                }
            }
        }
    }

    /// <summary>True asks for one <see cref="Release"/> once the connection is closed; false: close it at once.</summary>
    /// <param name="connections">Of the listener.</param>
    internal bool TryAdmit(ListenerConnections connections, ListenerSettings listener, IPAddress client)
    {
        LimitSettings limits = _limits;
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

        if (Interlocked.Increment(ref _open) > Volatile.Read(ref _openMax))
        {
            Interlocked.Decrement(ref _open);
            connections.Close();
            connections.RefuseForDescriptors();
            return false;
        }

        if (!TryCount(connections, listener, client))
        {
            Interlocked.Decrement(ref _open);
            connections.Close();
            return false;
        }

        connections.Accept();
        return true;
    }

    /// <summary>The connection that a trusted proxy was admitted with is this client's. True: it is released with the client's address, and not with the proxy's.</summary>
    internal bool TryCount(ListenerConnections connections, ListenerSettings listener, IPAddress client)
    {
        // Counted also where there is no limit: there may be one tomorrow.
        if (!IsCounted(listener, client) || _addresses.TryAdd(client, _limits.ConnectionsPerAddressMax))
        {
            return true;
        }

        connections.RefuseForAddress();
        AddressRefused?.Invoke(client);
        return false;
    }

    /// <summary>Gives back what an admitted connection took; with the same listener, as it was then, and address.</summary>
    internal void Release(ListenerConnections connections, ListenerSettings listener, IPAddress client)
    {
        // In the order opposite to that of letting in: who finds room at the listener finds it everywhere.
        if (IsCounted(listener, client))
        {
            _addresses.Remove(client);
        }

        Interlocked.Decrement(ref _open);
        int left = connections.Close();
        if (left == 0 && _names is { } names && !names.Contains(connections.Name))
        {
            Forget(connections);
        }
    }

    private void Forget(ListenerConnections connections)
    {
        lock (_keeping)
        {
            if (!_names!.Contains(connections.Name))
            {
                _listeners.TryRemove(KeyValuePair.Create(connections.Name, connections));
            }
        }
    }

    // A trusted proxy brings the connections of many clients.
    private static bool IsCounted(ListenerSettings listener, IPAddress client) => !listener.Trusts(client);
}
