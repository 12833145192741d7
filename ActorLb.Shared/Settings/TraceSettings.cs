namespace ActorLb.Shared.Settings;

/// <summary>Which requests are traced.</summary>
/// <param name="Sample">The part of those that come without a trace, from 0 to 1; 0: traces are off.</param>
/// <param name="PerSecondMax">Traces that a node records in a second.</param>
public sealed record TraceSettings(double Sample, int PerSecondMax)
{
    public static readonly TraceSettings Off = new(0, 1);

    public bool IsOn => Sample > 0;
}
