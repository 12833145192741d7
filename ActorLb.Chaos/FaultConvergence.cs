using ActorLb.Chaos.Faults;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos;

/// <summary>Waits after a fault until all is as before, and notes when what had come about to stay.</summary>
internal sealed class FaultConvergence(HistoryRecorder recorder, ClusterWatch watch)
{
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(60);

    /// <summary>How long something must last to be believed, in seconds.</summary>
    private const double Lasting = 2;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <returns>False where it never came to pass.</returns>
    public async Task<bool> WhenWholeAsync(IReadOnlyCollection<FaultDiary> diaries)
    {
        double from = recorder.Now;
        double? one = null;
        double? equal = null;
        double? whole = null;
        while (recorder.Now - from < GiveUpAfter.TotalSeconds)
        {
            double now = recorder.Now;
            one = watch.IsOneCluster() ? one ?? now : null;
            equal = one is not null && watch.CountsAreEqual() ? equal ?? now : one is null ? null : equal;
            whole = one is not null && watch.BackendsAreUp() && await watch.CircuitsAreClosedAsync() ? whole ?? now : null;
            if (one is { } o && whole is { } w && equal is not null && now - Math.Max(o, w) > Lasting)
            {
                break;
            }

            await Task.Delay(Pace);
        }

        foreach (FaultDiary diary in diaries)
        {
            diary.Converged(one, equal, whole);
        }

        if (whole is null)
        {
            recorder.Complain($"not as before {GiveUpAfter.TotalSeconds} s after {diaries.First().Span.Detail}: {watch.Describe()}");
        }

        return whole is not null;
    }
}
