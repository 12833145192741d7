using System.Collections.Immutable;
using System.Globalization;

namespace ActorLb.Node.Dashboard;

/// <summary>A backend whose answers begin much later than those of the other backends of its pool. What is slow everywhere, as long polls are, makes none of them slow.</summary>
/// <param name="Milliseconds">After which half of its answers begin.</param>
/// <param name="Others">After which half of the answers of all others together do.</param>
internal sealed record SlowBackend(FigureSubject Subject, double Milliseconds, double Others)
{
    /// <summary>Answers in ten seconds, there and at the others, of which a half says anything.</summary>
    public const int AnswersMin = 10;

    /// <summary>So many times as late as at the others. Those who want to be told of less look at the latencies.</summary>
    public const double Times = 5;

    /// <summary>And so much later: 5 ms beside 1 ms is nobody's trouble.</summary>
    public const double MoreMilliseconds = 100;

    /// <summary>What is told is told until half of either is left: what swings about the bound is one trouble, and not ten.</summary>
    private const double StillShare = 0.5;

    /// <param name="backends">Of one pool.</param>
    /// <param name="isTold">It was so a moment ago.</param>
    /// <returns>The slowest first.</returns>
    public static ImmutableArray<SlowBackend> Of(IReadOnlyCollection<FigureReading> backends, Func<FigureSubject, bool> isTold)
    {
        long[] all = new long[LatencyBounds.Count];
        foreach (FigureReading backend in backends)
        {
            Add(backend, all, 1);
        }

        return
        [
            .. backends.Select(b => Of(b, all, isTold(b.Subject))).OfType<SlowBackend>()
                .OrderByDescending(b => b.Milliseconds).ThenBy(b => b.Subject.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>For people: "1.5 s", "150 ms", "0.7 ms".</summary>
    public static string Said(double milliseconds) => milliseconds switch
    {
        >= 999.5 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.#} s"),
        >= 9.95 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        >= 0.1 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.#} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.##} ms"),
    };

    private static SlowBackend? Of(FigureReading backend, long[] all, bool isTold)
    {
        Add(backend, all, -1);
        var slow = new SlowBackend(backend.Subject, backend.Quantile(0.5), LatencyBounds.Quantile(all, 0.5));
        (long answers, long others) = (backend.Latencies.Sum(), all.Sum());
        Add(backend, all, 1);
        double share = isTold ? StillShare : 1;
        return answers >= (isTold ? 1 : AnswersMin) && others >= (isTold ? 1 : AnswersMin)
            && slow.Milliseconds >= slow.Others * Times * share
            && slow.Milliseconds - slow.Others >= MoreMilliseconds * share
            ? slow
            : null;
    }

    private static void Add(FigureReading backend, long[] sum, int sign)
    {
        for (int i = 0; i < backend.Latencies.Length; i++)
        {
            sum[i] += sign * backend.Latencies[i];
        }
    }
}
