using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// Remembers which tickets' tags held, so that a session in steady use costs no HMAC. Direct-mapped and of fixed
/// size: a newcomer overwrites, and what is forgotten is only computed again. Any thread may call it.
/// </summary>
internal sealed class VerifiedTickets
{
    private const int EntriesMax = 1 << 20;

    private readonly ulong[] _fingerprints;
    private readonly ulong _seed;

    /// <param name="sessionsMax">affinity.max-sessions; the size is the next power of two, at most a million entries (8 MiB).</param>
    public VerifiedTickets(int sessionsMax)
    {
        _fingerprints = new ulong[(int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, sessionsMax)), EntriesMax)];
        Span<byte> seed = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(seed);
        _seed = MemoryMarshal.Read<ulong>(seed);
    }

    public bool Contains(ReadOnlySpan<byte> ticket, in TicketClaim claim) =>
        Volatile.Read(ref Slot(claim)) == Fingerprint(ticket);

    public void Add(ReadOnlySpan<byte> ticket, in TicketClaim claim) =>
        Volatile.Write(ref Slot(claim), Fingerprint(ticket));

    private ref ulong Slot(in TicketClaim claim) =>
        ref _fingerprints[(int)(claim.Session.Low & (ulong)(_fingerprints.Length - 1))];

    // Over all 51 bytes and a secret seed: changing any byte of a known ticket makes it an unknown one.
    private ulong Fingerprint(ReadOnlySpan<byte> ticket)
    {
        ulong hash = _seed;
        int at = 0;
        for (; at + sizeof(ulong) <= TicketCodec.TicketBytes; at += sizeof(ulong))
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(ticket[at..]));
        }

        ulong rest = (ulong)ticket[at] | ((ulong)ticket[at + 1] << 8) | ((ulong)ticket[at + 2] << 16);
        return Mix(hash ^ rest) | 1;
    }

    private ulong Mix(ulong value)
    {
        UInt128 product = (UInt128)(value ^ 0x9E3779B97F4A7C15UL) * (_seed | 1);
        return (ulong)product ^ (ulong)(product >> 64);
    }
}
