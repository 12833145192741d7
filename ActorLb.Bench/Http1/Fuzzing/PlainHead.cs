using System.Text.RegularExpressions;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>
/// A head read once more, slowly and from the grammar, by somebody who never saw the parser: the two must agree on
/// every message. Says whether, not why not.
/// </summary>
/// <param name="Start">Method, target, version digit; or version digit, status, reason.</param>
/// <param name="Fields">Name and trimmed value.</param>
/// <param name="Length">Bytes of the head.</param>
internal sealed partial record PlainHead(string[] Start, IReadOnlyList<(string Name, string Value)> Fields, int Length)
{
    private static readonly char[] Whitespace = [' ', '\t'];

    /// <returns>Null where the text does not begin with a whole head within the limits.</returns>
    public static PlainHead? OfRequest(string text, MessageLimits limits) => Of(Request().Match(text), limits);

    public static PlainHead? OfResponse(string text, MessageLimits limits) => Of(Response().Match(text), limits);

    public IReadOnlyList<string> Values(string name) =>
        [.. Fields.Where(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value)];

    /// <summary>The members of a list field, in lower case.</summary>
    public IReadOnlyList<string> Members(string name) =>
        [.. Values(name).SelectMany(v => v.Split(',')).Select(m => m.Trim(Whitespace).ToLowerInvariant()).Where(m => m.Length > 0)];

    /// <summary>What Connection says: null where it says too much.</summary>
    public bool? Closes(bool isHttp10)
    {
        IReadOnlyList<string> options = Members("connection");
        return options.Count(o => o is not ("close" or "keep-alive" or "upgrade")) > MessageLimits.NominationsMax ? null
            : options.Contains("close") || (isHttp10 && !options.Contains("keep-alive"));
    }

    private static PlainHead? Of(Match match, MessageLimits limits)
    {
        if (!match.Success)
        {
            return null;
        }

        Group line = match.Groups["line"];
        int fieldBytes = match.Length - (line.Index + line.Length);
        CaptureCollection names = match.Groups["name"].Captures;
        if (line.Length > limits.LineBytesMax || fieldBytes > limits.FieldBytesMax || names.Count > limits.FieldCountMax)
        {
            return null;
        }

        return new PlainHead(
            [match.Groups["a"].Value, match.Groups["b"].Value, match.Groups["c"].Value],
            [.. names.Zip(match.Groups["value"].Captures, (n, v) => (n.Value, v.Value.Trim(Whitespace)))],
            match.Length);
    }

    [GeneratedRegex("""\A(?:\r\n)?(?<line>(?<a>[!#$%&'*+\-.^_`|~0-9A-Za-z]+) (?<b>[!"$-~]+) HTTP/1\.(?<c>[01])\r\n)(?:(?<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+):(?<value>[\t\x20-\x7e\x80-\xff]*)\r\n)*\r\n""")]
    private static partial Regex Request();

    [GeneratedRegex("""\A(?<line>HTTP/1\.(?<a>[01]) (?<b>[1-9][0-9][0-9])(?: (?<c>[\t\x20-\x7e\x80-\xff]*))?\r\n)(?:(?<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+):(?<value>[\t\x20-\x7e\x80-\xff]*)\r\n)*\r\n""")]
    private static partial Regex Response();
}
