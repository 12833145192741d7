using System.Globalization;
using System.Text;

namespace ActorLb.Bench.Sessions;

/// <summary>What was measured, beside what is to be reached, as a Markdown table.</summary>
internal sealed class Figures
{
    private readonly List<(string What, string Target, string Measured)> _rows = [];

    public void Add(string what, string target, FormattableString measured)
    {
        string text = measured.ToString(CultureInfo.InvariantCulture);
        _rows.Add((what, target, text));
        Console.Error.WriteLine($"{what}: {text}");
    }

    public override string ToString()
    {
        var table = new StringBuilder("| | to reach | measured |\n|---|---|---|\n");
        foreach ((string what, string target, string measured) in _rows)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {what} | {target} | {measured} |\n");
        }

        return table.ToString();
    }

    public static double Quantile(IReadOnlyList<double> sorted, double quantile) =>
        sorted.Count == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Count - 1, Math.Ceiling(quantile * sorted.Count) - 1)];
}
