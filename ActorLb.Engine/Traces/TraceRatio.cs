namespace ActorLb.Engine.Traces;

/// <summary>
/// Of so many traces one is sampled, decided by the random part of its id alone (OpenTelemetry, Probability Sampling): whoever samples with the same ratio or a higher one takes the same
/// traces.
/// </summary>
internal readonly struct TraceRatio(double ratio)
{
    private const int RandomBits = 56;

    private readonly ulong _threshold = (ulong)((1 - ratio) * (1UL << RandomBits));

    public bool Takes(ulong low) => (low & ((1UL << RandomBits) - 1)) >= _threshold;
}
