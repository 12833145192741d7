using System.Net;
using System.Net.Sockets;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>
/// Connections whose peers have not proved to be nodes. Where there are too many of one address or in all, the oldest goes:
/// a node proves itself within milliseconds, and whoever only waits cannot keep others out. For any thread.
/// </summary>
internal sealed class UnprovedConnections<T>(int perAddressMax, int max)
    where T : class
{
    private const int SubnetBytes = 8;

    private readonly LinkedList<(IPAddress Network, T Connection)> _byAge = new();
    private readonly Dictionary<IPAddress, int> _perNetwork = [];
    private readonly Lock _gate = new();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byAge.Count;
            }
        }
    }

    /// <summary>By which connections are counted: the address itself, or its /64, because one host has all of that.</summary>
    public static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(SubnetBytes).Clear();
        return new IPAddress(bytes);
    }

    /// <returns>The connection that has to go for it; null where there is room.</returns>
    public T? Add(IPAddress peer, T connection)
    {
        IPAddress network = NetworkOf(peer);
        lock (_gate)
        {
            T? gone = _perNetwork.GetValueOrDefault(network) >= perAddressMax ? Remove(Oldest(network))
                : _byAge.Count >= max ? Remove(_byAge.First)
                : null;
            _byAge.AddLast((network, connection));
            _perNetwork[network] = _perNetwork.GetValueOrDefault(network) + 1;
            return gone;
        }
    }

    /// <summary>It proved itself, or ended.</summary>
    public void Remove(T connection)
    {
        lock (_gate)
        {
            for (LinkedListNode<(IPAddress, T Connection)>? node = _byAge.First; node is not null; node = node.Next)
            {
                if (ReferenceEquals(node.Value.Connection, connection))
                {
                    Remove(node);
                    return;
                }
            }
        }
    }

    private LinkedListNode<(IPAddress Network, T Connection)>? Oldest(IPAddress network)
    {
        LinkedListNode<(IPAddress Network, T Connection)>? node = _byAge.First;
        while (node is not null && !node.Value.Network.Equals(network))
        {
            node = node.Next;
        }

        return node;
    }

    private T? Remove(LinkedListNode<(IPAddress Network, T Connection)>? node)
    {
        if (node is null)
        {
            return null;
        }

        (IPAddress network, T connection) = node.Value;
        _byAge.Remove(node);
        if (--_perNetwork[network] == 0)
        {
            _perNetwork.Remove(network);
        }

        return connection;
    }
}
