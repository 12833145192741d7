namespace ActorLb.Node.Otlp;

/// <summary>One metric with all of its series, as Prometheus' text format has them.</summary>
/// <param name="Type">counter, gauge or histogram.</param>
internal sealed record MetricFamily(string Name, string Type, string Help, IReadOnlyList<MetricSample> Samples);

/// <param name="Name">The family's, with _bucket, _sum or _count behind in a histogram.</param>
internal sealed record MetricSample(string Name, IReadOnlyList<KeyValuePair<string, string>> Labels, double Value);
