using System.Buffers;
using System.Globalization;

namespace ActorLb.Node.Configuration.Formats;

/// <summary>Numbers of bytes: 8192, 8KiB, 10MB. Powers of 1024 with an i or one letter, of 1000 without, as in HOCON.</summary>
internal static class ByteSizes
{
    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("+-0123456789");

    private static readonly (string[] Names, long Unit)[] Units =
    [
        (["", "B", "byte", "bytes"], 1),
        (["kB", "KB"], 1000),
        (["MB"], 1000_000),
        (["GB"], 1000_000_000),
        (["K", "k", "Ki", "KiB"], 1L << 10),
        (["M", "m", "Mi", "MiB"], 1L << 20),
        (["G", "g", "Gi", "GiB"], 1L << 30),
        (["T", "t", "Ti", "TiB"], 1L << 40),
    ];

    /// <summary>Null where it was read; else what is wrong.</summary>
    public static string? Read(string text, out long value)
    {
        value = 0;
        int numberEnd = text.AsSpan().IndexOfAnyExcept(OfNumbers);
        ReadOnlySpan<char> number = numberEnd < 0 ? text : text.AsSpan(0, numberEnd);
        if (!long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long amount))
        {
            return $"'{text}' is no number of bytes";
        }

        string name = numberEnd < 0 ? "" : text[numberEnd..].Trim();
        long unit = Units.FirstOrDefault(u => u.Names.Contains(name, StringComparer.Ordinal)).Unit;
        if (unit == 0)
        {
            return $"'{text}' has an unknown unit";
        }

        if (Math.Abs((decimal)amount) > long.MaxValue / unit)
        {
            return $"'{text}' is too large";
        }

        value = amount * unit;
        return null;
    }

    /// <summary>In the largest binary unit that gives a whole number.</summary>
    public static string Write(long value)
    {
        foreach ((string[] names, long unit) in Units.Where(u => u.Unit % 1024 == 0).OrderByDescending(u => u.Unit))
        {
            if (value >= unit && value % unit == 0)
            {
                return $"{value / unit}{names[^1]}";
            }
        }

        return value.ToString(CultureInfo.InvariantCulture);
    }
}
