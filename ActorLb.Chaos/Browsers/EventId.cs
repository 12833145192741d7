using System.Globalization;

namespace ActorLb.Chaos.Browsers;

/// <summary>Id of an event of the sample backend: which process made it, and which of its events it is.</summary>
internal sealed record EventId(string Made, long Number)
{
    /// <exception cref="FormatException">It is none.</exception>
    public static EventId Parse(string text)
    {
        int at = text.LastIndexOf('-');
        return at <= 0 ? throw new FormatException($"no id of an event: {text}") : new EventId(text[..at], long.Parse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }

    public override string ToString() => $"{Made}-{Number}";
}
