using System.Globalization;
using ActorLb.Node.Cli;
using Spectre.Console;

namespace ActorLb.Node.Top;

/// <summary>What a part of a line means; never said by its colour alone.</summary>
internal enum TopTone
{
    None,
    Good,
    Warning,
    Bad,
    Dim,
    Strong,
    Chosen,
}

/// <summary>A part of a line.</summary>
internal readonly record struct TopSpan(string Text, TopTone Tone = TopTone.None)
{
    public static implicit operator TopSpan(string text) => new(text);
}

/// <summary>Texts and numbers in the cells of a terminal. Pure.</summary>
internal static class TopText
{
    /// <summary>Characters of one text that are looked at: more than any line has room for.</summary>
    private const int LengthMax = 2000;

    private const string Cutting = "…";

    /// <summary>What others say, on one line: it is shown and does nothing.</summary>
    public static string Visible(string text) => VisibleWriter.OnOneLine(text.Length <= LengthMax ? text : text[..LengthMax]);

    /// <summary>Cells that it takes.</summary>
    public static int Width(string text) => IsPlain(text) ? text.Length : text.GetCellWidth();

    /// <summary>Cut at its end where it is longer.</summary>
    public static string Cut(string text, int width) => Width(text) <= width ? text : width < 1 ? "" : Begin(text, width - 1) + Cutting;

    /// <summary>Cut in its middle: what differs between names is more often at their ends, but for an ending that all of them have.</summary>
    public static string CutName(string name, int width, string ending = "")
    {
        const int Least = 6;
        if (Width(name) > width && ending.Length > 0 && name.EndsWith(ending, StringComparison.Ordinal))
        {
            name = name[..^ending.Length] + Cutting;
        }

        int begin = (width - 1) / 3;
        return Width(name) <= width || width < Least || Width(name) != name.Length ? Cut(name, width) : $"{name[..begin]}{Cutting}{name[^(width - 1 - begin)..]}";
    }

    /// <summary>The ending that all names have, from a dot or a colon on; nothing of a single one.</summary>
    public static string CommonEnding(IReadOnlyList<string> names)
    {
        if (names.Count < 2)
        {
            return "";
        }

        string first = names[0];
        int length = names.Aggregate(first.Length, (shared, name) =>
        {
            int same = 0;
            while (same < shared && same < name.Length && name[^(same + 1)] == first[^(same + 1)])
            {
                same++;
            }

            return same;
        });
        int at = first.AsSpan(first.Length - length).IndexOfAny('.', ':');
        return at < 0 ? "" : first[(first.Length - length + at)..];
    }

    public static string Padded(string text, int width, bool isRight)
    {
        int room = width - Width(text);
        return room <= 0 ? text : isRight ? new string(' ', room) + text : text + new string(' ', room);
    }

    /// <summary>Between words, and within those that are longer than a line.</summary>
    /// <param name="linesMax">The last one is cut where there are more.</param>
    public static IReadOnlyList<string> Wrapped(string text, int width, int linesMax)
    {
        var lines = new List<string>();
        string line = "";
        foreach (string word in text.Split(' '))
        {
            string longer = line.Length == 0 ? word : $"{line} {word}";
            if (Width(longer) <= width)
            {
                line = longer;
                continue;
            }

            if (lines.Count + 1 >= linesMax)
            {
                // Nothing comes after it: the rest is told to be missing.
                lines.Add(Cut(longer + Cutting, width));
                return lines;
            }

            if (line.Length > 0)
            {
                lines.Add(line);
            }

            line = word;
            while (Width(line) > width && lines.Count + 1 < linesMax)
            {
                string begin = Begin(line, width);
                lines.Add(begin);
                line = line[begin.Length..];
            }
        }

        lines.Add(Cut(line, width));
        return lines;
    }

    /// <summary>In five cells at most.</summary>
    public static string Count(long count) => count switch
    {
        < 100_000 => count.ToString(CultureInfo.InvariantCulture),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1_000}k"),
        < 100_000_000 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(count / 100_000.0) / 10:0.0}M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{count / 1_000_000}M"),
    };

    /// <summary>In five cells; a dash where there is none.</summary>
    public static string Measure(double? value) => value switch
    {
        null => "-",
        0 => "0",
        < 0.01 => "<0.01",
        < 10 => value.Value.ToString("0.##", CultureInfo.InvariantCulture),
        < 100 => value.Value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => Count((long)Math.Round(value.Value)),
    };

    public static string Bytes(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0}GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000}MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000}kB"),
    };

    /// <summary>The time that the nodes agree on, in UTC; with its day where that is another one.</summary>
    public static string Moment(DateTimeOffset at, DateTimeOffset now) =>
        at.UtcDateTime.ToString(at.UtcDateTime.Date == now.UtcDateTime.Date ? "HH:mm:ss'Z'" : "yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Counted(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static bool IsPlain(string text) => text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

    private static string Begin(string text, int width)
    {
        if (IsPlain(text))
        {
            return text[..Math.Min(width, text.Length)];
        }

        int length = 0;
        int cells = 0;
        foreach (System.Text.Rune rune in text.EnumerateRunes())
        {
            int more = Math.Max(0, rune.ToString().GetCellWidth());
            // A line has one at least, or there would be no end of lines.
            if (cells + more > width && (length > 0 || width < 1))
            {
                break;
            }

            cells += more;
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
