using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// Gives sessions their ids by the values of an application's own cookie: the first 16 bytes of HMAC-SHA256 under a secret of
/// the pool. Values are not kept, and nobody without the secret can tell them from ids, or choose a value for its bucket.
/// Remembers ids of late by a fingerprint, so that a session in steady use costs no HMAC. Any thread may call it.
/// </summary>
internal sealed class ValueNames
{
    private const int SlotsMax = 1 << 16;

    private readonly ImmutableArray<KeyedHash> _hashes;
    private readonly Slot[] _slots;
    private readonly ulong _seed;
    private readonly ulong _multiplier;

    /// <param name="roots">Of the cluster: the first names new sessions, the others are those of clusters that it took in.</param>
    /// <param name="sessionsMax">affinity.max-sessions; the next power of two is how many ids are remembered, at most 65536 (2 MiB).</param>
    public ValueNames(ImmutableArray<TicketKey> roots, string pool, string cluster, int sessionsMax)
    {
        byte[] name = Encoding.UTF8.GetBytes($"actorlb learned value {pool}\0{cluster}");
        _hashes = [.. roots.Select(r => new KeyedHash(HMACSHA256.HashData(r.Secret.AsSpan(), name)))];
        _slots = new Slot[(int)Math.Min(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, sessionsMax)), SlotsMax)];
        Span<ulong> random = stackalloc ulong[2];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(random));
        _seed = random[0];
        _multiplier = random[1] | 1;
    }

    /// <summary>Ids that one value may have; 0 while there is no secret.</summary>
    public int Count => _hashes.Length;

    /// <summary>The id by the first secret, by which new sessions are named.</summary>
    public SessionId First(ReadOnlySpan<byte> value)
    {
        ulong fingerprint = Fingerprint(value);
        ref Slot slot = ref _slots[(int)(fingerprint & (ulong)(_slots.Length - 1))];
        ulong high = Volatile.Read(ref slot.High);
        ulong low = Volatile.Read(ref slot.Low);

        // Two writers may leave parts of both: then the check says so.
        if (Volatile.Read(ref slot.Check) == (fingerprint ^ Mix(high) ^ low) && (high | low) != 0)
        {
            return new SessionId(high, low);
        }

        SessionId id = Of(0, value);
        Volatile.Write(ref slot.Check, 0);
        Volatile.Write(ref slot.High, id.High);
        Volatile.Write(ref slot.Low, id.Low);
        Volatile.Write(ref slot.Check, fingerprint ^ Mix(id.High) ^ id.Low);
        return id;
    }

    /// <summary>The id by another secret.</summary>
    public SessionId Of(int index, ReadOnlySpan<byte> value)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _hashes[index].Compute(value, digest);
        return SessionId.Read(digest);
    }

    private ulong Fingerprint(ReadOnlySpan<byte> value)
    {
        ulong hash = Mix((ulong)value.Length ^ _seed);
        while (value.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(value));
            value = value[sizeof(ulong)..];
        }

        ulong rest = 0;
        for (int i = 0; i < value.Length; i++)
        {
            rest |= (ulong)value[i] << (8 * i);
        }

        return Mix(hash ^ rest);
    }

    private ulong Mix(ulong value)
    {
        UInt128 product = (UInt128)(value ^ 0x9E3779B97F4A7C15UL) * _multiplier;
        return (ulong)product ^ (ulong)(product >> 64);
    }

    private struct Slot
    {
        public ulong High;
        public ulong Low;
        public ulong Check;
    }
}
