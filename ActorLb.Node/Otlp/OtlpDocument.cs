using System.Globalization;
using System.Text.Json;

namespace ActorLb.Node.Otlp;

/// <summary>
/// A node's metrics as OTLP 1.0 has them in JSON (opentelemetry-proto, ExportMetricsServiceRequest; 64-bit numbers are texts there),
/// under the names of <see cref="OtlpNames"/>. Pure.
/// </summary>
internal sealed class OtlpDocument
{
    private const int Cumulative = 2;
    private const string OtherBucket = "le";

    private readonly string _node;
    private readonly string _version;
    private readonly string _since;
    private readonly string _now;

    /// <param name="since">When the counts began.</param>
    public OtlpDocument(string node, string version, DateTimeOffset since, DateTimeOffset now)
    {
        _node = node;
        _version = version;
        _since = Nanoseconds(since);
        _now = Nanoseconds(now);
    }

    public byte[] Write(IReadOnlyList<MetricFamily> families)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceMetrics");
            json.WriteStartObject();
            json.WriteStartObject("resource");
            WriteAttributes(json, [new("service.name", "actorlb"), new("service.instance.id", _node), new("service.version", _version)]);
            json.WriteEndObject();
            json.WriteStartArray("scopeMetrics");
            json.WriteStartObject();
            json.WriteStartObject("scope");
            json.WriteString("name", "ActorLb");
            json.WriteString("version", _version);
            json.WriteEndObject();
            json.WriteStartArray("metrics");
            foreach (MetricFamily family in families.Where(f => f.Samples.Count > 0))
            {
                Write(json, family);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static string Nanoseconds(DateTimeOffset time) =>
        ((time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick).ToString(CultureInfo.InvariantCulture);

    private static string Whole(double count) => ((long)count).ToString(CultureInfo.InvariantCulture);

    private static void WriteAttributes(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, string>> labels)
    {
        json.WriteStartArray("attributes");
        foreach ((string name, string value) in labels)
        {
            json.WriteStartObject();
            json.WriteString("key", OtlpNames.OfLabel(name));
            json.WriteStartObject("value");
            json.WriteString("stringValue", value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void Write(Utf8JsonWriter json, MetricFamily family)
    {
        (string name, string unit) = OtlpNames.Of(family);
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("description", family.Help);
        json.WriteString("unit", unit);
        json.WriteStartObject(family.Type switch { "histogram" => "histogram", "counter" => "sum", _ => "gauge" });
        json.WriteStartArray("dataPoints");
        if (family.Type == "histogram")
        {
            foreach (IGrouping<string, MetricSample> series in family.Samples.GroupBy(s => string.Join('\0', s.Labels.Where(l => l.Key != OtherBucket))))
            {
                WriteHistogram(json, family.Name, [.. series]);
            }
        }
        else
        {
            foreach (MetricSample sample in family.Samples.Where(s => double.IsFinite(s.Value)))
            {
                BeginPoint(json, sample);
                json.WriteNumber("asDouble", sample.Value);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        if (family.Type is "histogram" or "counter")
        {
            json.WriteNumber("aggregationTemporality", Cumulative);
        }

        if (family.Type == "counter")
        {
            json.WriteBoolean("isMonotonic", true);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteHistogram(Utf8JsonWriter json, string name, MetricSample[] series)
    {
        MetricSample[] buckets = [.. series.Where(s => s.Name == $"{name}_bucket")];
        BeginPoint(json, series[0]);
        json.WriteString("count", Whole(series.Single(s => s.Name == $"{name}_count").Value));
        json.WriteNumber("sum", series.Single(s => s.Name == $"{name}_sum").Value);
        json.WriteStartArray("explicitBounds");
        foreach (MetricSample bucket in buckets.SkipLast(1))
        {
            json.WriteNumberValue(double.Parse(bucket.Labels.Single(l => l.Key == OtherBucket).Value, CultureInfo.InvariantCulture));
        }

        // Prometheus adds up what took at most so long, and OTLP has each bucket for itself.
        json.WriteEndArray();
        json.WriteStartArray("bucketCounts");
        double before = 0;
        foreach (MetricSample bucket in buckets)
        {
            json.WriteStringValue(Whole(bucket.Value - before));
            before = bucket.Value;
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void BeginPoint(Utf8JsonWriter json, MetricSample sample)
    {
        json.WriteStartObject();
        WriteAttributes(json, sample.Labels.Where(l => l.Key != OtherBucket));
        json.WriteString("startTimeUnixNano", _since);
        json.WriteString("timeUnixNano", _now);
    }
}
