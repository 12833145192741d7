using System.Globalization;
using System.Text;

namespace ActorLb.Node.Otlp;

/// <summary>Reads what a node itself shows in Prometheus' text format, version 0.0.4: each family is declared before its samples. Pure.</summary>
internal static class MetricTextReader
{
    private const string Help = "# HELP ";
    private const string Type = "# TYPE ";

    /// <exception cref="FormatException">It is no such text.</exception>
    public static IReadOnlyList<MetricFamily> Read(string text)
    {
        var families = new List<MetricFamily>();
        var samples = new List<MetricSample>();
        string help = "";
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith(Help, StringComparison.Ordinal))
            {
                help = Behind(line[Help.Length..]);
            }
            else if (line.StartsWith(Type, StringComparison.Ordinal))
            {
                samples = [];
                string declared = line[Type.Length..];
                families.Add(new MetricFamily(declared.Split(' ')[0], Behind(declared), help, samples));
            }
            else if (!line.StartsWith('#'))
            {
                samples.Add(ReadSample(line));
            }
        }

        return families;
    }

    private static string Behind(string text) => text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static MetricSample ReadSample(string line)
    {
        int at = line.AsSpan().IndexOfAny('{', ' ');
        string name = at < 0 ? throw new FormatException($"'{line}' is no sample") : line[..at];
        var labels = new List<KeyValuePair<string, string>>();
        if (line[at] == '{')
        {
            at++;
            while (line[at] != '}')
            {
                int equals = line.IndexOf("=\"", at, StringComparison.Ordinal);
                string label = line[at..equals];
                at = equals + 2;
                labels.Add(new(label, ReadValue(line, ref at)));
                at += line[at] == ',' ? 1 : 0;
            }

            at++;
        }

        return new MetricSample(name, labels, NumberOf(line[at..].Trim()));
    }

    // To behind the quote that ends it.
    private static string ReadValue(string line, ref int at)
    {
        var value = new StringBuilder();
        for (; line[at] != '"'; at++)
        {
            value.Append(line[at] != '\\' ? line[at] : line[++at] == 'n' ? '\n' : line[at]);
        }

        at++;
        return value.ToString();
    }

    private static double NumberOf(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
