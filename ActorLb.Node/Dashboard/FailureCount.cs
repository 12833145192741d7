using System.Collections.Immutable;
using ActorLb.Engine.Failures;

namespace ActorLb.Node.Dashboard;

/// <summary>How many failed for one reason.</summary>
/// <param name="Reason">As clients are told in X-ActorLb-Reason; empty: the backend answered with a status of class 5.</param>
internal readonly record struct FailureCount(string Reason, long Count)
{
    /// <summary>None: of those that the backend answered.</summary>
    public static FailureCount Answered => new("", 0);

    /// <summary>For programs, which have no name for what is empty.</summary>
    public string Label => Reason.Length == 0 ? "status-5xx" : Reason;

    /// <summary>It waited, or was to wait, for a place at a backend, which had no part in it.</summary>
    public bool IsOfQueue => Reason == QueueFull || Reason == QueueTimeout;

    public static readonly string QueueFull = FailureAnswer.Of(FailureReason.QueueFull).Name;

    public static readonly string QueueTimeout = FailureAnswer.Of(FailureReason.QueueTimeout).Name;

    /// <summary>For people: "28 answered with 5xx", "2 backend-reset".</summary>
    public override string ToString() => $"{Count} {(Reason.Length == 0 ? "answered with 5xx" : Reason)}";

    /// <summary>Behind a sentence of how many there are: ": 28 answered with 5xx and 2 backend-reset"; nothing where none is known.</summary>
    public static string Listed(IEnumerable<FailureCount> counts)
    {
        string[] all = [.. counts.Select(c => c.ToString())];
        return all.Length switch
        {
            0 => "",
            1 => $": {all[0]}",
            _ => $": {string.Join(", ", all[..^1])} and {all[^1]}",
        };
    }

    /// <param name="byReason">By the number of a <see cref="FailureReason"/>; None: what the backend answered.</param>
    /// <returns>The most first, and of those that clients are told alike the sum.</returns>
    public static ImmutableArray<FailureCount> Of(ReadOnlySpan<long> byReason)
    {
        if (byReason.IndexOfAnyExcept(0L) < 0)
        {
            return [];
        }

        var counts = new List<FailureCount>();
        for (int i = 0; i < byReason.Length; i++)
        {
            if (byReason[i] > 0)
            {
                counts.Add(new FailureCount(i == 0 ? "" : FailureAnswer.Of((FailureReason)i).Name, byReason[i]));
            }
        }

        return Sum(counts);
    }

    public static ImmutableArray<FailureCount> Sum(IEnumerable<FailureCount> counts) =>
    [
        .. counts.GroupBy(c => c.Reason, StringComparer.Ordinal).Select(g => new FailureCount(g.Key, g.Sum(c => c.Count)))
            .OrderByDescending(c => c.Count).ThenBy(c => c.Reason, StringComparer.Ordinal),
    ];
}
