namespace ActorLb.Engine.Measurements;

/// <summary>The last recorded request of each class of status and each doubling of time. Takes no memory until there is one. Any thread.</summary>
public sealed class Exemplars
{
    /// <summary>Of one class: the doublings, what is shorter, and what is longer.</summary>
    private const int PerClass = LatencyBuckets.Doublings + 2;

    private Exemplar?[]? _last;

    internal void Keep(int status, Exemplar exemplar)
    {
        Exemplar?[] last = _last ?? Interlocked.CompareExchange(ref _last, new Exemplar?[RequestFigures.StatusClasses * PerClass], null) ?? _last;
        Volatile.Write(ref last[(RequestFigures.ClassOf(status) * PerClass) + (LatencyBuckets.IndexOf(exemplar.Time.Ticks) / LatencyBuckets.PerDoubling)], exemplar);
    }

    /// <summary>Of one class of status, by doubling: what is shorter than the first comes before it, what is longer than the last behind it. Empty where there is none.</summary>
    public ReadOnlySpan<Exemplar?> Of(int statusClass) => _last is { } last ? last.AsSpan(statusClass * PerClass, PerClass) : [];
}
