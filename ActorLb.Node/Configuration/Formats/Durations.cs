using System.Buffers;
using System.Globalization;

namespace ActorLb.Node.Configuration.Formats;

/// <summary>Durations as HOCON writes them, but always with their unit: 250ms, 2s, 1.5m, 30 minutes. 0 needs none.</summary>
internal static class Durations
{
    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("+-.0123456789");

    private static readonly (string[] Names, TimeSpan Unit)[] Units =
    [
        (["d", "day", "days"], TimeSpan.FromDays(1)),
        (["h", "hour", "hours"], TimeSpan.FromHours(1)),
        (["m", "minute", "minutes"], TimeSpan.FromMinutes(1)),
        (["s", "second", "seconds"], TimeSpan.FromSeconds(1)),
        (["ms", "milli", "millis", "millisecond", "milliseconds"], TimeSpan.FromMilliseconds(1)),
        (["us", "micro", "micros", "microsecond", "microseconds"], TimeSpan.FromMicroseconds(1)),
    ];

    /// <summary>Null where it was read; else what is wrong.</summary>
    public static string? Read(string text, out TimeSpan value)
    {
        value = default;
        int numberEnd = text.AsSpan().IndexOfAnyExcept(OfNumbers);
        ReadOnlySpan<char> number = numberEnd < 0 ? text : text.AsSpan(0, numberEnd);
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;
        if (!decimal.TryParse(number, Style, CultureInfo.InvariantCulture, out decimal amount))
        {
            return $"'{text}' is no duration";
        }

        if (numberEnd < 0 && amount != 0)
        {
            return $"'{text}' has no unit";
        }

        string name = numberEnd < 0 ? "s" : text[numberEnd..].Trim();
        TimeSpan unit = Units.FirstOrDefault(u => u.Names.Contains(name, StringComparer.Ordinal)).Unit;
        if (unit == TimeSpan.Zero)
        {
            return $"'{text}' has an unknown unit";
        }

        if (Math.Abs(amount) > (decimal)TimeSpan.MaxValue.Ticks / unit.Ticks)
        {
            return $"'{text}' is too long";
        }

        value = new TimeSpan((long)(amount * unit.Ticks));
        return null;
    }

    /// <summary>In the largest unit that gives a whole number.</summary>
    public static string Write(TimeSpan value)
    {
        foreach ((string[] names, TimeSpan unit) in Units)
        {
            if (value != TimeSpan.Zero && value.Ticks % unit.Ticks == 0)
            {
                return $"{value.Ticks / unit.Ticks}{names[0]}";
            }
        }

        return "0s";
    }
}
