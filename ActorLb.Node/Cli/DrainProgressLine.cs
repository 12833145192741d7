using System.Globalization;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>One line that says how a drain stands.</summary>
internal static class DrainProgressLine
{
    private const int BarMost = 12;
    private const int BarLeast = 8;

    /// <summary>With a bar, in no more than the width. It is drawn over, and so written as no line of its own: that it is one is seen to here.</summary>
    public static string WithBar(string name, DrainProgressState state, int width, bool inColour)
    {
        string backend = VisibleWriter.OnOneLine(name);
        string[] forms = [.. Forms(state).Select(VisibleWriter.OnOneLine)];
        foreach (string text in forms)
        {
            int room = width - backend.Length - text.Length - 4;
            if (room >= BarLeast)
            {
                return $"{backend} [{Bar(state.Done, Math.Min(room, BarMost), inColour)}] {text}";
            }
        }

        string rest = forms[^1];
        return rest.Length <= width ? rest : rest[..width];
    }

    /// <summary>As a sentence of its own.</summary>
    public static string Sentence(string backend, DrainProgressState state) => $"{backend}: {Forms(state).First()}";

    // The longest first.
    private static IEnumerable<string> Forms(DrainProgressState state)
    {
        if (state.Drain is not { } drain)
        {
            yield break;
        }

        string left = $"{Counted(drain.Sessions, "session")}, {Counted(drain.Requests, "request")}, {Counted(drain.Tunnels, "tunnel")} left";
        string brief = string.Create(CultureInfo.InvariantCulture, $"{drain.Sessions} sess., {drain.Requests} req., {drain.Tunnels} tun.");
        string?[] pace = [Pace(drain, state), state.TimeLeft is { } time ? $"{StatusWords.Span(time)} to go" : null, Waiting(drain)];
        string told = string.Join(", ", pace.OfType<string>());
        if (told.Length > 0)
        {
            yield return $"{left}; {told}";
            yield return $"{brief}; {told}";
        }

        yield return left;
        yield return brief;
    }

    private static string? Pace(DrainsDocument.Drain drain, DrainProgressState state) =>
        drain is { NobodyElse: true, Sessions: > 0 } ? "nobody else takes sessions"
        : state.Rate is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate:0.#}/s")
        : null;

    private static string? Waiting(DrainsDocument.Drain drain)
    {
        string[] silent = [.. drain.NotCounted.Except(drain.NotInForce)];
        string?[] waits =
        [
            drain.NotInForce.Count > 0 ? $"{string.Join(", ", drain.NotInForce)} to go by it" : null,
            silent.Length > 0 ? $"{string.Join(", ", silent)} to say what {(silent.Length == 1 ? "it has" : "they have")} open there" : null,
        ];
        string told = string.Join(", and for ", waits.OfType<string>());
        return told.Length > 0 ? $"waits for {told}" : null;
    }

    private static string Bar(double done, int length, bool inColour)
    {
        int filled = (int)(length * Math.Clamp(done, 0, 1));
        string begin = new('#', filled);
        return TextPaint.Paint(begin, TextColour.Good, inColour) + new string('.', length - filled);
    }

    private static string Counted(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
