using System.Diagnostics;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;

namespace ActorLb.Bench.Sessions;

/// <summary>What one look-up in a full table costs one thread: the same few sessions again and again, and all in random order.</summary>
internal static class LookUps
{
    private const int WarmSessions = 1024;
    private const int Rounds = 9;
    private const int PerRound = 1_000_000;

    /// <returns>Nanoseconds warm and random, each the median of the rounds; bytes allocated per look-up.</returns>
    public static (double Warm, double Random, double Allocated) Measure(BindingTable table, SessionRange range)
    {
        SessionId[] all = [.. Enumerable.Range(range.First, range.Count).Select(SessionNumbers.Id)];
        new Random(1).Shuffle(all);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        double warm = Nanoseconds(table, all.AsSpan(0, Math.Min(WarmSessions, all.Length)));
        double random = Nanoseconds(table, all);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        // The lists of results are not the look-ups'.
        return (warm, random, Math.Max(0, allocated - 1024) / (2.0 * Rounds * PerRound));
    }

    private static double Nanoseconds(BindingTable table, ReadOnlySpan<SessionId> ids)
    {
        Span<double> results = stackalloc double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            int missing = 0;
            for (int i = 0, at = 0; i < PerRound; i++)
            {
                missing += table.TryGet(ids[at], out _) ? 0 : 1;
                at = at + 1 == ids.Length ? 0 : at + 1;
            }

            results[round] = missing == 0
                ? Stopwatch.GetElapsedTime(start).TotalNanoseconds / PerRound
                : throw new InvalidOperationException($"{missing} sessions are not in the table");
        }

        results.Sort();
        return results[Rounds / 2];
    }
}
