using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;

namespace ActorLb.Bench.Sessions;

/// <summary>Nanoseconds and bytes of a look-up in the full table: of a few thousand sessions again and again, and of all in random order.</summary>
internal static class LookUp
{
    private const int Hot = 4096;
    private const int Rounds = 7;
    private const int LookUps = 2_000_000;

    public static string Measure(BindingTable table, long count)
    {
        SessionId[] hot = [.. Enumerable.Range(0, Hot).Select(i => SessionNode.IdOf(i * (count / Hot)))];
        SessionId[] all = new SessionId[1 << 20];
        ulong state = 1;
        for (int i = 0; i < all.Length; i++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            all[i] = SessionNode.IdOf((long)((state >> 33) % (ulong)count));
        }

        Run(table, hot);
        long before = GC.GetAllocatedBytesForCurrentThread();
        double warm = Median(table, hot);
        double random = Median(table, all);
        double bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (2.0 * Rounds * LookUps);
        return FormattableString.Invariant($"{warm:F1} {random:F1} {bytes:F3}");
    }

    private static double Median(BindingTable table, SessionId[] ids)
    {
        Span<double> rounds = stackalloc double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            rounds[i] = Run(table, ids);
        }

        rounds.Sort();
        return rounds[Rounds / 2];
    }

    private static double Run(BindingTable table, SessionId[] ids)
    {
        int found = 0;
        long startedAt = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < LookUps; i++)
        {
            found += table.TryGet(ids[i & (ids.Length - 1)], out _) ? 1 : 0;
        }

        double nanoseconds = TimeProvider.System.GetElapsedTime(startedAt).TotalNanoseconds / LookUps;
        return found == LookUps ? nanoseconds : throw new InvalidOperationException($"{LookUps - found} bindings are missing");
    }
}
