using System.Text.RegularExpressions;
using ActorLb.Bench.Http1.Fuzzing;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>One request as the RFCs' grammar reads it, by somebody who never saw the parser.</summary>
/// <param name="Path">As an origin server is asked for it.</param>
/// <param name="Body">Without framing; what has come of it.</param>
/// <param name="IsWhole">The body has come to its end.</param>
/// <param name="Token">The value of X-Token; empty where there is none.</param>
internal sealed partial record MeantRequest(PlainRequest Plain, string Path, string Body, bool IsWhole, string Token)
{
    public const string TokenField = "X-Token";

    public string Method => Plain.Head.Start[0];

    /// <summary>Bytes of the request in the text that it was read from.</summary>
    public int Length { get; private init; }

    public bool IsIdempotent => Method is "GET" or "HEAD" or "PUT" or "DELETE" or "OPTIONS" or "TRACE";

    /// <summary>The requests that stand in the text one after the other, until one is refused, cut off, or the last.</summary>
    public static List<MeantRequest> AllOf(string text, MessageLimits limits)
    {
        var all = new List<MeantRequest>();
        while (FirstOf(text, limits) is { } first)
        {
            all.Add(first);
            if (!first.IsWhole || (first.Plain.Traits & RequestTraits.KeepAlive) == 0)
            {
                break;
            }

            text = text[first.Length..];
        }

        return all;
    }

    /// <returns>Null where the text does not begin with a whole head that is to be accepted.</returns>
    public static MeantRequest? FirstOf(string text, MessageLimits limits)
    {
        if (PlainRequest.Of(text, limits) is not { } plain)
        {
            return null;
        }

        (string body, bool isWhole, int length) = BodyOf(plain, text[plain.Head.Length..], limits);
        IReadOnlyList<string> tokens = plain.Head.Values(TokenField);
        return new MeantRequest(plain, PathOf(plain), body, isWhole, tokens.Count > 0 ? tokens[0] : "") { Length = plain.Head.Length + length };
    }

    /// <summary>Whether a backend that saw the other request saw this one: all of it, or its beginning.</summary>
    public bool Covers(MeantRequest seen) =>
        Method == seen.Method && Path == seen.Path && (seen.IsWhole ? IsWhole && Body == seen.Body : Body.StartsWith(seen.Body, StringComparison.Ordinal));

    private static string PathOf(PlainRequest plain)
    {
        string target = Origin().Replace(plain.Head.Start[1], "");
        return target.Length == 0 ? (plain.Head.Start[0] == "OPTIONS" ? "*" : "/") : target[0] == '?' ? "/" + target : target;
    }

    private static (string Body, bool IsWhole, int Length) BodyOf(PlainRequest plain, string text, MessageLimits limits)
    {
        switch (plain.Body.Framing)
        {
            case BodyFraming.Length:
                int length = (int)Math.Min(text.Length, plain.Body.Length);
                return (text[..length], length == plain.Body.Length, length);
            case BodyFraming.Chunked:
                return PlainBody.Decode(text, limits) is { } decoded
                    ? (decoded.Data, true, decoded.Length)
                    : (PlainBody.DecodeBeginning(text, limits), false, text.Length);
            default:
                return ("", true, 0);
        }
    }

    [GeneratedRegex("""\A[Hh][Tt][Tt][Pp][Ss]?://[^/?]+""")]
    private static partial Regex Origin();
}
