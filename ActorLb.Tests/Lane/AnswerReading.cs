using System.Globalization;
using System.Text;

namespace ActorLb.Tests.Lane;

/// <summary>What a client got on a connection, as lines that can be compared.</summary>
internal static class AnswerReading
{
    /// <summary>The connection has not ended.</summary>
    public const string NoEnd = "no end";

    /// <param name="method">Of the first request; HEAD has no body in its answer.</param>
    /// <param name="end">How the connection ended.</param>
    public static IReadOnlyList<string> Lines(string octets, string method, string end)
    {
        var lines = new List<string>();
        bool untilClose = false;
        for (int at = 0; at < octets.Length && !untilClose;)
        {
            int headEnd = octets.IndexOf("\r\n\r\n", at, StringComparison.Ordinal);
            if (headEnd < 0)
            {
                lines.Add($"no head: {octets[at..]}");
                break;
            }

            string[] head = octets[at..headEnd].Split("\r\n");
            lines.AddRange(head);
            at = headEnd + 4;
            int status = int.TryParse(head[0].Split(' ').ElementAtOrDefault(1), CultureInfo.InvariantCulture, out int number) ? number : 0;
            if (status is >= 100 and < 200 and not 101)
            {
                continue;
            }

            at += AddBody(lines, head, octets[at..], status, method, ref untilClose);
            method = "";
        }

        // Where something else says where an answer ends, how its connection ends says nothing more.
        lines.Add(untilClose || end == NoEnd ? end : "end");
        return lines;
    }

    private static int AddBody(List<string> lines, string[] head, string rest, int status, string method, ref bool untilClose)
    {
        if (method == "HEAD" || status is 204 or 304)
        {
            return 0;
        }

        if (string.Equals(Value(head, "Transfer-Encoding"), "chunked", StringComparison.OrdinalIgnoreCase))
        {
            return AddChunks(lines, rest);
        }

        untilClose = Value(head, "Content-Length") is null || status == 101;
        int length = untilClose ? rest.Length : int.Parse(Value(head, "Content-Length")!, CultureInfo.InvariantCulture);
        lines.Add($"[{rest[..Math.Min(length, rest.Length)]}]{(length > rest.Length ? " cut" : "")}");
        return Math.Min(length, rest.Length);
    }

    /// <summary>Where a lane divides a body into chunks is its own affair.</summary>
    private static int AddChunks(List<string> lines, string text)
    {
        var body = new StringBuilder();
        int at = 0;
        while (text.IndexOf("\r\n", at, StringComparison.Ordinal) is var end and >= 0)
        {
            int size = int.Parse(text.AsSpan(at, end - at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                int last = text.IndexOf("\r\n\r\n", end, StringComparison.Ordinal);
                if (last < 0)
                {
                    break;
                }

                lines.Add($"[{body}]");
                lines.AddRange(text[end..last].Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(l => $"trailer {l}"));
                return last + 4;
            }

            body.Append(text.AsSpan(end + 2, Math.Min(size, text.Length - end - 2)));
            at = Math.Min(text.Length, end + 2 + size + 2);
        }

        lines.Add($"[{body}] cut");
        return text.Length;
    }

    private static string? Value(string[] head, string name) => head
        .FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
