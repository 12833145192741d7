using System.Collections.Concurrent;

namespace ActorLb.Bench.Soak;

/// <summary>What the clients saw. Any thread.</summary>
internal sealed class SoakCounts
{
    private readonly ConcurrentDictionary<string, long> _ways = new();
    private long _answers;
    private string? _firstFault;

    /// <summary>Answers of backends that were checked to their last byte.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Something that must never be.</summary>
    public string? FirstFault => Volatile.Read(ref _firstFault);

    /// <summary>How visits ended otherwise, each with its number.</summary>
    public string Ways => string.Join(", ", _ways.OrderByDescending(w => w.Value).Select(w => $"{w.Key} {w.Value:n0}"));

    public void Answered() => Interlocked.Increment(ref _answers);

    public void Ended(string way) => _ways.AddOrUpdate(way, 1, (_, count) => count + 1);

    public void Fault(string what) => Interlocked.CompareExchange(ref _firstFault, what, null);
}
