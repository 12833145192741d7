using System.Net;
using System.Runtime.InteropServices;

namespace ActorLb.Engine.Clients;

/// <summary>
/// How many of something, such as connections, each client address has. Holds only addresses that have one, so what is counted bounds it.
/// Any thread; a lock each for a part of the addresses, held for one look-up.
/// </summary>
internal sealed class AddressCounts
{
    private const int Parts = 16;

    private readonly Part[] _parts = [.. Enumerable.Range(0, Parts).Select(_ => new Part())];

    /// <summary>Addresses with a connection now.</summary>
    public int Addresses => _parts.Sum(p => p.Count);

    /// <param name="max">Of each address; 0: no limit.</param>
    public bool TryAdd(IPAddress address, int max)
    {
        ClientKey key = ClientKey.Of(address);
        return PartOf(key).TryAdd(key, max);
    }

    public void Remove(IPAddress address)
    {
        ClientKey key = ClientKey.Of(address);
        PartOf(key).Remove(key);
    }

    private Part PartOf(ClientKey key) => _parts[(uint)key.GetHashCode() % Parts];

    private sealed class Part
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<ClientKey, int> _counts = [];

        public int Count
        {
            get
            {
                lock (_lock)
                {
                    return _counts.Count;
                }
            }
        }

        public bool TryAdd(ClientKey key, int max)
        {
            lock (_lock)
            {
                ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out bool _);
                if (max > 0 && count >= max)
                {
                    return false;
                }

                count++;
                return true;
            }
        }

        public void Remove(ClientKey key)
        {
            lock (_lock)
            {
                if (_counts.TryGetValue(key, out int count))
                {
                    if (count == 1)
                    {
                        _counts.Remove(key);
                    }
                    else
                    {
                        _counts[key] = count - 1;
                    }
                }
            }
        }
    }
}
