using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Sessions.Rates;

/// <summary>What became of sessions in the last minute, by what was counted at the end of each interval before. Pure.</summary>
internal sealed record SessionRatesState
{
    /// <summary>The oldest totals are so old, at most.</summary>
    public const long WindowMilliseconds = 60_000;

    public static readonly SessionRatesState Empty = new();

    private ImmutableQueue<Sample> Samples { get; init; } = [];

    private ImmutableDictionary<BackendName, ImmutableArray<long>> Last { get; init; } = ImmutableDictionary<BackendName, ImmutableArray<long>>.Empty;

    /// <param name="now">Milliseconds of the steady clock.</param>
    /// <param name="totals">By backend: one for each <see cref="SessionEvent"/>; backends of which nothing was counted may be left out.</param>
    public SessionRatesState Sampled(long now, IEnumerable<KeyValuePair<BackendName, ImmutableArray<long>>> totals)
    {
        // What is as before is shared with it: a minute of ten thousand backends is a tree and what changed in it.
        ImmutableDictionary<BackendName, ImmutableArray<long>>.Builder last = Last.ToBuilder();
        var seen = new HashSet<BackendName>();
        foreach ((BackendName backend, ImmutableArray<long> counts) in totals)
        {
            seen.Add(backend);
            if (!last.TryGetValue(backend, out ImmutableArray<long> before) || !before.AsSpan().SequenceEqual(counts.AsSpan()))
            {
                last[backend] = counts;
            }
        }

        last.RemoveRange([.. last.Keys.Where(b => !seen.Contains(b))]);
        ImmutableDictionary<BackendName, ImmutableArray<long>> next = last.ToImmutable();
        ImmutableQueue<Sample> samples = Samples;
        while (!samples.IsEmpty && samples.Peek().At < now - WindowMilliseconds)
        {
            samples = samples.Dequeue();
        }

        return new SessionRatesState { Samples = samples.Enqueue(new Sample(now, next)), Last = next };
    }

    /// <summary>What was counted since the oldest sample that is kept, and how long ago that is.</summary>
    /// <inheritdoc cref="Sampled"/>
    public (TimeSpan Window, ImmutableDictionary<BackendName, ImmutableArray<long>> Counts) Since(
        long now, IEnumerable<KeyValuePair<BackendName, ImmutableArray<long>>> totals)
    {
        Sample oldest = Samples.IsEmpty ? new Sample(now, ImmutableDictionary<BackendName, ImmutableArray<long>>.Empty) : Samples.Peek();
        var counts = ImmutableDictionary.CreateBuilder<BackendName, ImmutableArray<long>>();
        foreach ((BackendName backend, ImmutableArray<long> total) in totals)
        {
            ImmutableArray<long> before = oldest.Totals.GetValueOrDefault(backend, []);

            // One that was forgotten and came back counts anew.
            counts[backend] = [.. total.Select((t, i) => i < before.Length && before[i] <= t ? t - before[i] : t)];
        }

        return (TimeSpan.FromMilliseconds(Math.Max(0, now - oldest.At)), counts.ToImmutable());
    }

    private sealed record Sample(long At, ImmutableDictionary<BackendName, ImmutableArray<long>> Totals);
}
