using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace ActorLb.Engine.Passwords;

/// <summary>
/// Which names and passwords were found right a while ago, by a hash of them with a key that nobody else has. Bounded: one that finds its
/// neighbourhood full takes the place of the oldest there, which is verified again when it comes again. Any thread.
/// </summary>
internal sealed class VerifiedPairs
{
    /// <summary>Whoever is taken out of the file is out at once: what is remembered goes with the file's content.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    private const int Neighbours = 8;
    private const int Stripes = 16;
    private const int PlacesMax = 1 << 16;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly (UInt128 Pair, TimeSpan Until)[] _places;
    private readonly Lock[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];

    /// <param name="users">As many as may be right.</param>
    public VerifiedPairs(int users) => _places = new (UInt128, TimeSpan)[Math.Min(PlacesMax, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(Neighbours, users * 4)))];

    public UInt128 Of(ReadOnlySpan<byte> credentials)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, credentials, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    /// <param name="now">By a steady clock.</param>
    public bool Has(UInt128 pair, TimeSpan now)
    {
        int block = BlockOf(pair);
        lock (_stripes[block % Stripes])
        {
            foreach (ref readonly (UInt128 Pair, TimeSpan Until) place in Places(block))
            {
                if (place.Pair == pair && place.Until > now)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <inheritdoc cref="Has"/>
    public void Add(UInt128 pair, TimeSpan now)
    {
        int block = BlockOf(pair);
        lock (_stripes[block % Stripes])
        {
            Span<(UInt128 Pair, TimeSpan Until)> places = Places(block);
            int oldest = 0;
            for (int i = 0; i < places.Length; i++)
            {
                if (places[i].Pair == pair)
                {
                    oldest = i;
                    break;
                }

                if (places[i].Until < places[oldest].Until)
                {
                    oldest = i;
                }
            }

            places[oldest] = (pair, now + KeptFor);
        }
    }

    private int BlockOf(UInt128 pair) => (int)((ulong)pair % (ulong)(_places.Length / Neighbours));

    private Span<(UInt128 Pair, TimeSpan Until)> Places(int block) => _places.AsSpan(block * Neighbours, Neighbours);
}
