using System.Text.RegularExpressions;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>What a request means, once more, slowly and from the text of the RFCs.</summary>
internal sealed partial record PlainRequest(PlainHead Head, string Host, (BodyFraming Framing, long Length) Body, RequestTraits Traits)
{
    /// <returns>Null where the text does not begin with a whole request that is to be accepted.</returns>
    public static PlainRequest? Of(string text, MessageLimits limits)
    {
        if (PlainHead.OfRequest(text, limits) is not { Start: [var method, var target, var digit] } head || method == "CONNECT")
        {
            return null;
        }

        bool isHttp10 = digit == "0";
        IReadOnlyList<string> hosts = head.Values("host");
        bool hostsFit = hosts.Count == 1 || (isHttp10 && hosts.Count == 0);
        return hostsFit
            && hosts.All(h => h.Length == 0 || PlainAuthority.IsValid(h))
            && HostOf(method, target, hosts) is { } host
            && PlainBody.Stated(head, isHttp10, sameTwice: false) is { } body
            && head.Closes(isHttp10) is { } closes
                ? new PlainRequest(head, host, body, TraitsOf(head, isHttp10, closes))
                : null;
    }

    private static RequestTraits TraitsOf(PlainHead head, bool isHttp10, bool closes)
    {
        RequestTraits traits = closes ? RequestTraits.None : RequestTraits.KeepAlive;
        if (isHttp10)
        {
            return traits;
        }

        traits |= head.Members("expect").Contains("100-continue") ? RequestTraits.ExpectsContinue : RequestTraits.None;
        traits |= head.Members("te").Contains("trailers") ? RequestTraits.AcceptsTrailers : RequestTraits.None;
        bool asksUpgrade = head.Members("connection").Contains("upgrade") && head.Values("upgrade").Any(v => v.Length > 0);
        return traits | (asksUpgrade ? RequestTraits.AsksUpgrade : RequestTraits.None);
    }

    private static string? HostOf(string method, string target, IReadOnlyList<string> hosts)
    {
        if (target[0] == '/' || (target == "*" && method == "OPTIONS"))
        {
            return hosts.Count > 0 ? hosts[0] : "";
        }

        Match absolute = Absolute().Match(target);
        string authority = absolute.Groups["authority"].Value;
        return absolute.Success
            && PlainAuthority.IsValid(authority)
            && (hosts.Count == 0 || PlainAuthority.AreSame(authority, hosts[0], absolute.Groups["scheme"].Value))
                ? authority
                : null;
    }

    [GeneratedRegex("""\A(?<scheme>[Hh][Tt][Tt][Pp][Ss]?)://(?<authority>[^/?]+)""")]
    private static partial Regex Absolute();
}
