namespace ActorLb.Shared.Settings;

/// <summary>Where a node's metrics are pushed, by OTLP over HTTP.</summary>
/// <param name="Endpoint">Without the path of a signal, as OTEL_EXPORTER_OTLP_ENDPOINT has it; null: nowhere.</param>
/// <param name="Headers">Of each push.</param>
public sealed record OtlpSettings(Uri? Endpoint, EquatableArray<OtlpHeader> Headers, TimeSpan Interval)
{
    public static readonly OtlpSettings Off = new(null, [], TimeSpan.Zero);

    public bool IsOn => Endpoint is not null;
}

/// <summary>A field of each push; its value may be a secret.</summary>
public sealed record OtlpHeader(string Name, string Value);
