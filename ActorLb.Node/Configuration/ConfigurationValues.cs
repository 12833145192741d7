using System.Globalization;
using ActorLb.Node.Configuration.Formats;

namespace ActorLb.Node.Configuration;

/// <summary>The kinds of values that keys have, each with its range and with what it says when it is wrong.</summary>
internal static class ConfigurationValues
{
    public static bool Switch(this ConfigurationCursor cursor) => cursor.Choice(
        ("true", true), ("false", false), ("on", true), ("off", false), ("yes", true), ("no", false));

    public static T Choice<T>(this ConfigurationCursor cursor, params (string Name, T Value)[] choices)
    {
        string[] names = [.. choices.Select(c => c.Name)];
        string expected = names.Length == 1 ? names[0] : string.Join(", ", names[..^1]) + " or " + names[^1];
        return cursor.As<T>(Read, expected, default!);

        string? Read(string text, out T value)
        {
            int index = Array.IndexOf(names, text);
            value = index >= 0 ? choices[index].Value : default!;
            return index >= 0 ? null : $"'{text}' is no choice here";
        }
    }

    public static int Integer(this ConfigurationCursor cursor, int min, int max)
    {
        return cursor.As(Read, $"a whole number from {min} to {max}", min);

        string? Read(string text, out int value)
        {
            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            {
                value = min;
                return $"'{text}' is no whole number";
            }

            value = (int)Math.Clamp(number, min, max);
            return value == number ? null : $"{text} is out of range";
        }
    }

    /// <summary>Written with its sign: 20%.</summary>
    public static int Percent(this ConfigurationCursor cursor, int min, int max)
    {
        return cursor.As(Read, $"a percentage from {min}% to {max}%", min);

        string? Read(string text, out int value)
        {
            bool isRead = int.TryParse(text.EndsWith('%') ? text[..^1].TrimEnd() : "", NumberStyles.None, CultureInfo.InvariantCulture, out value);
            return !isRead ? $"'{text}' is no percentage"
                : value < min || value > max ? $"{text} is out of range"
                : null;
        }
    }

    /// <summary>A part of all: 0.01, or 1%.</summary>
    public static double Ratio(this ConfigurationCursor cursor)
    {
        return cursor.As(Read, "a part from 0 to 1, or a percentage from 0% to 100%", 0d);

        static string? Read(string text, out double value)
        {
            bool isPercentage = text.EndsWith('%');
            bool isRead = double.TryParse(isPercentage ? text[..^1].TrimEnd() : text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);
            value = isPercentage ? value / 100 : value;
            return !isRead || double.IsNaN(value) ? $"'{text}' is no part of all"
                : value is < 0 or > 1 ? $"{text} is out of range"
                : null;
        }
    }

    public static TimeSpan Duration(this ConfigurationCursor cursor, TimeSpan min, TimeSpan max)
    {
        return cursor.As(
            Read, $"a duration from {Durations.Write(min)} to {Durations.Write(max)}, such as 500ms, 2s or 5m", min);

        string? Read(string text, out TimeSpan value) =>
            Durations.Read(text, out value) ?? (value < min || value > max ? $"{text} is out of range" : null);
    }

    public static long Bytes(this ConfigurationCursor cursor, long min, long max)
    {
        return cursor.As(
            Read, $"a number of bytes from {ByteSizes.Write(min)} to {ByteSizes.Write(max)}, such as 8KiB", min);

        string? Read(string text, out long value) =>
            ByteSizes.Read(text, out value) ?? (value < min || value > max ? $"{text} is out of range" : null);
    }

    /// <summary>A path on a server: it begins with a slash and may stand in a request line.</summary>
    public static string UrlPath(this ConfigurationCursor cursor)
    {
        return cursor.As(Read, "a path that begins with /, without blanks", "/");

        static string? Read(string text, out string value)
        {
            value = text;
            return text.StartsWith('/') && Names.IsVisible(text) && !text.Contains('#') ? null : $"'{text}' is no path";
        }
    }
}
