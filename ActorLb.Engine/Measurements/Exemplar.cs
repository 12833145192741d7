namespace ActorLb.Engine.Measurements;

/// <summary>One request among those that a bucket has counted, which was recorded and can be looked at (OpenMetrics 1.0, exemplars).</summary>
/// <param name="Trace">The id of its trace: 32 hexadecimal digits.</param>
/// <param name="Span">The id of its span there: 16 hexadecimal digits.</param>
/// <param name="Time">That it took.</param>
/// <param name="At">When it was over.</param>
public sealed record Exemplar(string Trace, string Span, TimeSpan Time, DateTimeOffset At);
