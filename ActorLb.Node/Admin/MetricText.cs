using System.Globalization;
using System.Text;
using ActorLb.Engine.Measurements;

namespace ActorLb.Node.Admin;

/// <summary>Writes families of metrics in Prometheus' text format, version 0.0.4, from counts that are there already.</summary>
internal sealed class MetricText
{
    private readonly StringBuilder _text = new();
    private string _name = "";

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());

    /// <summary>What follows is of this family.</summary>
    /// <param name="type">counter or histogram.</param>
    public void Begin(string name, string type, string help)
    {
        _name = name;
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
    }

    /// <summary>A counter; nothing where it has not counted yet.</summary>
    public void Count(long value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (value > 0)
        {
            Sample("", labels, null, value.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>A histogram; nothing where it has not counted yet.</summary>
    public void Histogram(Histogram values, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (values.Count == 0)
        {
            return;
        }

        foreach ((TimeSpan atMost, long count) in values.Doublings)
        {
            Sample("_bucket", labels, atMost.TotalSeconds.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture));
        }

        string all = values.Count.ToString(CultureInfo.InvariantCulture);
        Sample("_bucket", labels, "+Inf", all);
        Sample("_sum", labels, null, values.Sum.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        Sample("_count", labels, null, all);
    }

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <param name="atMost">The label le; null: it has none.</param>
    private void Sample(string suffix, ReadOnlySpan<(string Name, string Value)> labels, string? atMost, string value)
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

        _text.Append("} ").Append(value).Append('\n');
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
