using System.Security.Cryptography;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// How many sessions of each client owners are still asked for: <see cref="AtOnce"/>, then <see cref="PerSecond"/>. What is beyond
/// counts as unknown at once. Of fixed size: clients whose places fall together have one budget, and nobody can choose with whom.
/// Any thread.
/// </summary>
/// <param name="places">A power of two, at most <see cref="Most"/>.</param>
internal sealed class OwnerQuestions(int places)
{
    /// <summary>An office behind one address, all of whose people come to another node at once.</summary>
    public const int AtOnce = 200;

    /// <summary>What comes back to each client in time.</summary>
    public const int PerSecond = 50;

    /// <summary>32 KiB.</summary>
    public const int Most = 4096;

    private const long PerQuestion = 1000 / PerSecond;

    private readonly ulong _seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    // When the last of its questions is forgiven, in milliseconds.
    private readonly long[] _forgivenAt = new long[places];

    /// <param name="client">A hash of its address.</param>
    /// <param name="now">Milliseconds of any clock that goes on.</param>
    /// <returns>How many of those that are wanted may be asked for.</returns>
    public int Take(ulong client, int wanted, long now)
    {
        ref long place = ref _forgivenAt[(int)(Rendezvous.Mix(client ^ _seed) & (ulong)(_forgivenAt.Length - 1))];
        while (true)
        {
            long found = Volatile.Read(ref place);
            long from = Math.Max(found, now);
            int taken = (int)Math.Min(wanted, (now + (AtOnce * PerQuestion) - from) / PerQuestion);
            if (taken <= 0)
            {
                return 0;
            }

            if (Interlocked.CompareExchange(ref place, from + (taken * PerQuestion), found) == found)
            {
                return taken;
            }
        }
    }
}
