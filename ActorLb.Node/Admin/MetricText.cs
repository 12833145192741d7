using System.Globalization;
using System.Text;
using ActorLb.Engine.Measurements;

namespace ActorLb.Node.Admin;

/// <summary>Writes families of metrics from counts that are there already.</summary>
internal sealed class MetricText(MetricFormat format)
{
    private readonly StringBuilder _text = new();
    private string _name = "";

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());

    /// <summary>What follows is of this family.</summary>
    /// <param name="type">counter or histogram.</param>
    public void Begin(string name, string type, string help)
    {
        _name = name;
        string family = format.SuffixOfCounters.Length > 0 && name.EndsWith(format.SuffixOfCounters, StringComparison.Ordinal)
            ? name[..^format.SuffixOfCounters.Length]
            : name;
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {family} {help}\n# TYPE {family} {type}\n");
    }

    /// <summary>A counter; nothing where it has not counted yet.</summary>
    public void Count(long value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (value > 0)
        {
            Sample("", labels, null, value.ToString(CultureInfo.InvariantCulture), null);
        }
    }

    /// <summary>A histogram; nothing where it has not counted yet.</summary>
    /// <param name="exemplars">By bucket; empty: there are none.</param>
    public void Histogram(Histogram values, ReadOnlySpan<Exemplar?> exemplars, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (values.Count == 0)
        {
            return;
        }

        int bucket = 0;
        foreach ((TimeSpan atMost, long count) in values.Doublings)
        {
            Sample(
                "_bucket", labels, atMost.TotalSeconds.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture), At(exemplars, bucket));
            bucket++;
        }

        string all = values.Count.ToString(CultureInfo.InvariantCulture);
        Sample("_bucket", labels, "+Inf", all, At(exemplars, bucket));
        Sample("_sum", labels, null, values.Sum.TotalSeconds.ToString(CultureInfo.InvariantCulture), null);
        Sample("_count", labels, null, all, null);
    }

    private static Exemplar? At(ReadOnlySpan<Exemplar?> exemplars, int bucket) => exemplars.IsEmpty ? null : exemplars[bucket];

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <param name="atMost">The label le; null: it has none.</param>
    private void Sample(string suffix, ReadOnlySpan<(string Name, string Value)> labels, string? atMost, string value, Exemplar? exemplar)
    {
        _text.Append(_name).Append(suffix).Append('{');
        char before = '\0';
        foreach ((string name, string of) in labels)
        {
            Label(name, Escaped(of), ref before);
        }

        if (atMost is not null)
        {
            Label("le", atMost, ref before);
        }

        _text.Append("} ").Append(value);
        if (exemplar is not null && format == MetricFormat.OpenMetrics)
        {
            _text.Append(
                CultureInfo.InvariantCulture,
                $" # {{trace_id=\"{exemplar.Trace}\",span_id=\"{exemplar.Span}\"}} {exemplar.Time.TotalSeconds} {exemplar.At.ToUnixTimeMilliseconds() / 1000.0:0.000}");
        }

        _text.Append('\n');
    }

    private void Label(string name, string value, ref char before)
    {
        if (before != '\0')
        {
            _text.Append(before);
        }

        _text.Append(name).Append("=\"").Append(value).Append('"');
        before = ',';
    }
}
