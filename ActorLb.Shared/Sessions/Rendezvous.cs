using ActorLb.Shared.Backends;

namespace ActorLb.Shared.Sessions;

/// <summary>
/// Weighted rendezvous hashing (Thaler and Ravishankar 1998; the logarithmic weights of Schindelhauer and
/// Schomaker 2005): every node ranks the same candidates in the same order without asking anybody,
/// and a candidate that leaves moves only its own sessions.
/// </summary>
public static class Rendezvous
{
    /// <summary>A candidate with its weight; weights below 1 count as 1.</summary>
    public readonly record struct Candidate(BackendKey Key, int Weight);

    /// <summary>The index of the highest-ranked candidate, or -1 where there is none. Order of the list does not matter.</summary>
    public static int Choose(SessionId session, ReadOnlySpan<Candidate> candidates)
    {
        int best = -1;
        double bestScore = double.NegativeInfinity;
        for (int i = 0; i < candidates.Length; i++)
        {
            double score = Score(session, candidates[i]);
            if (best < 0 || score > bestScore || (score == bestScore && candidates[i].Key > candidates[best].Key))
            {
                best = i;
                bestScore = score;
            }
        }

        return best;
    }

    /// <summary>Whether the first backend ranks before the second for this session, weights aside.</summary>
    public static bool Ranks(SessionId session, BackendKey first, BackendKey second)
    {
        ulong left = Hash(session, first.Value);
        ulong right = Hash(session, second.Value);
        return left != right ? left > right : first > second;
    }

    /// <summary>A well-mixed 64-bit hash of a session and a candidate's key.</summary>
    public static ulong Hash(SessionId session, ulong key)
    {
        ulong x = Mix(session.High ^ key);
        return Mix(x ^ session.Low ^ ulong.RotateLeft(key, 32));
    }

    private static double Score(SessionId session, Candidate candidate)
    {
        // 53 bits in (0, 1): never 0, whose logarithm has no value, and never 1, whose score is infinite.
        double unit = ((Hash(session, candidate.Key.Value) >> 11) + 0.5) * (1.0 / (1UL << 53));
        return Math.Max(1, candidate.Weight) / -Math.Log(unit);
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood 2014): each bit depends on all, and no two numbers become one.</summary>
    public static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
