namespace ActorLb.Engine.Rates;

/// <summary>
/// How fast each of many keys has come, by the generic cell rate algorithm (ITU-T I.371, Annex A): one time per key, exact. Bounded: a key
/// that finds its neighbourhood full takes the place of the one there that has come least, which then begins anew. Any thread.
/// </summary>
internal sealed class RateTable : IRateCounter
{
    public const int PlacesMax = 1 << 16;

    private const int Neighbours = 8;
    private const int Stripes = 64;

    private readonly (ulong Key, long Until)[] _places;
    private readonly Lock[] _stripes;
    private readonly long _interval;
    private readonly long _tolerance;

    /// <param name="requests">Per <paramref name="per"/>, steadily.</param>
    /// <param name="burst">Requests that may come at once; at least 1.</param>
    /// <param name="places">A power of two.</param>
    public RateTable(int requests, TimeSpan per, int burst, int places)
    {
        _interval = Math.Max(1, per.Ticks / requests);
        _tolerance = _interval * burst;
        _places = new (ulong, long)[places];
        _stripes = [.. Enumerable.Range(0, Math.Min(Stripes, Math.Max(1, places / Neighbours))).Select(_ => new Lock())];
        Array.Fill<(ulong, long)>(_places, (0, long.MinValue));
    }

    public TimeSpan Take(ulong key, TimeSpan now)
    {
        // A neighbourhood is within one stripe.
        int length = Math.Min(Neighbours, _places.Length);
        int block = (int)(key % (ulong)(_places.Length / length));
        Span<(ulong Key, long Until)> places = _places.AsSpan(block * length, length);
        lock (_stripes[block % _stripes.Length])
        {
            ref (ulong Key, long Until) place = ref Find(places, key);
            long until = Math.Max(place.Until, now.Ticks) + _interval;
            long wait = until - _tolerance - now.Ticks;
            if (wait <= 0)
            {
                place.Until = until;
            }

            return TimeSpan.FromTicks(Math.Max(0, wait));
        }
    }

    /// <summary>A request that was counted is not to count after all.</summary>
    public void GiveBack(ulong key)
    {
        int length = Math.Min(Neighbours, _places.Length);
        int block = (int)(key % (ulong)(_places.Length / length));
        lock (_stripes[block % _stripes.Length])
        {
            foreach (ref (ulong Key, long Until) place in _places.AsSpan(block * length, length))
            {
                if (place.Key == key && place.Until != long.MinValue)
                {
                    place.Until -= _interval;
                    return;
                }
            }
        }
    }

    private static ref (ulong Key, long Until) Find(Span<(ulong Key, long Until)> places, ulong key)
    {
        int least = 0;
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i].Key == key && places[i].Until != long.MinValue)
            {
                return ref places[i];
            }

            if (places[i].Until < places[least].Until)
            {
                least = i;
            }
        }

        places[least] = (key, long.MinValue);
        return ref places[least];
    }
}
