using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>A form that metrics are written in.</summary>
internal sealed class MetricFormat
{
    /// <summary>Prometheus' own, version 0.0.4.</summary>
    public static readonly MetricFormat Prometheus = new("text/plain; version=0.0.4; charset=utf-8", ExpositionFormat.PrometheusText, "", "");

    /// <summary>OpenMetrics 1.0: counters are declared without their suffix, exemplars come with buckets, and the end is marked.</summary>
    public static readonly MetricFormat OpenMetrics =
        new("application/openmetrics-text; version=1.0.0; charset=utf-8", ExpositionFormat.OpenMetricsText, "_total", "# EOF\n");

    private MetricFormat(string contentType, ExpositionFormat library, string suffixOfCounters, string end)
    {
        ContentType = contentType;
        Library = library;
        SuffixOfCounters = suffixOfCounters;
        End = end;
    }

    public string ContentType { get; }

    /// <summary>What the library that writes the others calls it.</summary>
    public ExpositionFormat Library { get; }

    /// <summary>What a declaration leaves out of a counter's name.</summary>
    public string SuffixOfCounters { get; }

    /// <summary>The last line.</summary>
    public string End { get; }

    /// <summary>OpenMetrics for who asks for it and does not like plain text better; a star is no question for it.</summary>
    public static MetricFormat For(HttpRequest request)
    {
        IList<MediaTypeHeaderValue> accepted = new RequestHeaders(request.Headers).Accept;
        double open = QualityOf(accepted, "application/openmetrics-text");
        return open > 0 && open >= QualityOf(accepted, "text/plain") ? OpenMetrics : Prometheus;
    }

    private static double QualityOf(IEnumerable<MediaTypeHeaderValue> accepted, string type) => accepted
        .Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
}
