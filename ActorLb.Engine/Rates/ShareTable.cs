using System.Numerics;
using System.Security.Cryptography;
using ActorLb.Shared.Messages;

namespace ActorLb.Engine.Rates;

/// <summary>
/// What this node lets through of the limit of one route that the whole cluster has: a bucket for each key, filled at this node's share of the
/// limit. The share is what the key's owner gave a moment ago, else the limit by the number of nodes. A share that grows fills the bucket
/// faster and never at once: so all buckets of a key together get no more than the limit, however it is parted. Bounded: a key that finds
/// its neighbourhood full takes the place of the one there that is asked for least. Any thread.
/// </summary>
internal sealed class ShareTable : IRateCounter
{
    public const int PlacesMax = 1 << 14;

    public const int PlacesMin = Neighbours;

    private const int Neighbours = 8;
    private const int Stripes = 64;

    /// <summary>A key is one to ask the owner for where this node is asked for more than this part of its even share.</summary>
    private const double HotPart = 0.5;

    /// <summary>And it stays one until it is less than that.</summary>
    private const double WarmPart = 0.125;

    /// <summary>Whoever asks for more than the limit gets no more than that, and would only be remembered for longer. It fades from one request to the next.</summary>
    private const double DemandMax = 1.5;

    private static readonly TimeSpan MemoryMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MemoryMax = TimeSpan.FromMinutes(10);

    private readonly Place[] _places;
    private readonly Lock[] _stripes;
    private readonly SharesInForce _inForce;
    private readonly double _interval;
    private readonly double _memory;
    private readonly int _burst;

    // Where a key stands is not to be known outside.
    private readonly ulong _odd = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    /// <param name="route">The first half of its keys.</param>
    /// <param name="requests">Per <paramref name="per"/>, steadily, at all nodes.</param>
    /// <param name="burst">Requests that may come at once, at all nodes.</param>
    /// <param name="places">A power of two, <see cref="Neighbours"/> at least.</param>
    public ShareTable(uint route, int requests, TimeSpan per, int burst, int places, SharesInForce inForce)
    {
        Route = route;
        _interval = Math.Max(1, per.Ticks / (double)requests);
        _memory = Math.Clamp(per.Ticks, MemoryMin.Ticks, MemoryMax.Ticks);
        _burst = burst;
        _inForce = inForce;
        _places = new Place[places];
        _stripes = [.. Enumerable.Range(0, Math.Min(Stripes, places / Neighbours)).Select(_ => new Lock())];
    }

    public uint Route { get; }

    public TimeSpan Take(ulong key, TimeSpan now)
    {
        SharesInForce.View view = _inForce.Now;
        int block = BlockOf(key);
        lock (_stripes[block % _stripes.Length])
        {
            ref Place place = ref Find(block, key, now.Ticks, view);
            double share = Settle(ref place, now.Ticks, view);

            // Also of what is refused: that is what an owner is to know.
            place.Demand = Math.Min(DemandMax, place.Demand + (_interval / _memory));

            // A tick for what is rounded.
            if (place.Tokens >= 1 - 1e-9)
            {
                place.Tokens = Math.Max(0, place.Tokens - 1);
                return TimeSpan.Zero;
            }

            return TimeSpan.FromTicks((long)Math.Ceiling((1 - place.Tokens) * _interval / Math.Max(share, view.Even)));
        }
    }

    /// <summary>Adds the keys of which so much is asked for here that their owner is to hear of it, as parts of the limit.</summary>
    public void AddHot(List<RatePart> hot, TimeSpan now)
    {
        SharesInForce.View view = _inForce.Now;
        for (int block = 0; block < _places.Length / Neighbours; block++)
        {
            lock (_stripes[block % _stripes.Length])
            {
                foreach (ref readonly Place place in Places(block))
                {
                    double demand = place.IsUsed ? DemandOf(place, now.Ticks) : 0;
                    if (demand > view.Even * (place.IsGiven(now.Ticks, view) ? WarmPart : HotPart))
                    {
                        hot.Add(new RatePart(new RateKeyId(Route, place.Key), (uint)Math.Min(uint.MaxValue, demand * RatePart.Whole)));
                    }
                }
            }
        }
    }

    /// <summary>Goes by a share that the key's owner gave; nothing where the key does not come here.</summary>
    /// <param name="share">Of the limit.</param>
    /// <param name="until">Nobody gave it for longer.</param>
    /// <param name="number">Of the members as the owner saw them.</param>
    public void Give(ulong key, double share, TimeSpan until, TimeSpan now, uint number)
    {
        SharesInForce.View view = _inForce.Now;
        if (view.Number != number)
        {
            return;
        }

        int block = BlockOf(key);
        lock (_stripes[block % _stripes.Length])
        {
            foreach (ref Place place in Places(block))
            {
                if (place.IsUsed && place.Key == key)
                {
                    Settle(ref place, now.Ticks, view);
                    place.Share = share;
                    place.ShareUntil = until.Ticks;
                    place.View = number;
                    place.Tokens = Math.Min(place.Tokens, RoomOf(share));
                    return;
                }
            }
        }
    }

    /// <summary>By what it goes for a key now.</summary>
    public double ShareOf(ulong key, TimeSpan now)
    {
        SharesInForce.View view = _inForce.Now;
        int block = BlockOf(key);
        lock (_stripes[block % _stripes.Length])
        {
            foreach (ref readonly Place place in Places(block))
            {
                if (place.IsUsed && place.Key == key && place.IsGiven(now.Ticks, view))
                {
                    return place.Share;
                }
            }

            return view.Even;
        }
    }

    // Less than one would let nothing through for ever.
    private double RoomOf(double share) => Math.Max(1, _burst * share);

    private double DemandOf(in Place place, long now) => place.Demand * Math.Exp(-Math.Max(0, now - place.At) / _memory);

    /// <summary>Fills it for the time since it was looked at; returns its share from now on.</summary>
    private double Settle(ref Place place, long now, SharesInForce.View view)
    {
        long elapsed = Math.Max(0, now - place.At);
        long given = place.View == view.Number ? Math.Clamp(place.ShareUntil - place.At, 0, elapsed) : 0;
        double share = place.IsGiven(now, view) ? place.Share : view.Even;
        place.Demand = DemandOf(place, now);
        place.Tokens = Math.Min(RoomOf(share), place.Tokens + (((place.Share * given) + (view.Even * (elapsed - given))) / _interval));
        place.At += elapsed;
        return share;
    }

    private ref Place Find(int block, ulong key, long now, SharesInForce.View view)
    {
        Span<Place> places = Places(block);
        int least = 0;
        double demand = double.MaxValue;
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i].IsUsed && places[i].Key == key)
            {
                return ref places[i];
            }

            double other = places[i].IsUsed ? DemandOf(places[i], now) : -1;
            if (other < demand)
            {
                (least, demand) = (i, other);
            }
        }

        places[least] = new Place { Key = key, IsUsed = true, At = now, Tokens = RoomOf(view.Even) };
        return ref places[least];
    }

    private int BlockOf(ulong key)
    {
        int bits = BitOperations.Log2((uint)(_places.Length / Neighbours));
        return bits == 0 ? 0 : (int)((key * _odd) >> (64 - bits));
    }

    private Span<Place> Places(int block) => _places.AsSpan(block * Neighbours, Neighbours);

    private struct Place
    {
        public ulong Key;
        public bool IsUsed;
        public uint View;

        /// <summary>When it was looked at last, in ticks.</summary>
        public long At;

        /// <summary>Requests that may pass now.</summary>
        public double Tokens;

        /// <summary>What was asked for of late, as a part of the limit.</summary>
        public double Demand;

        public double Share;

        public long ShareUntil;

        public readonly bool IsGiven(long now, SharesInForce.View view) => View == view.Number && ShareUntil > now;
    }
}
