using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Node.Admin;

/// <summary>A request of which somebody wants to know where it goes.</summary>
/// <param name="Url">Absolute, http or https; not normalised: a client may write it in any way.</param>
/// <param name="Headers">Beside Host, which is the URL's unless it is among them.</param>
/// <param name="Listener">By which it comes; null: the one with the URL's port, where there is only one.</param>
internal sealed record RouteQuestion(string? Method, string? Url, IReadOnlyList<RouteQuestion.Field> Headers, string? Listener)
{
    /// <param name="Name">Empty: it was written without one.</param>
    public sealed record Field(string Name, string Value)
    {
        /// <summary>As curl takes it.</summary>
        public static Field Of(string text) => text.Split(':', 2) is [var name, var value] ? new(name.Trim(), value.Trim()) : new("", text);

        public override string ToString() => $"{Name}: {Value}";
    }

    /// <summary>As the query of <c>GET /api/v1/route</c> says it.</summary>
    public static RouteQuestion Of(IQueryCollection query) => new(
        query.TryGetValue("method", out StringValues method) ? method.ToString() : "GET",
        query["url"].ToString(),
        [.. query["header"].Select(h => Field.Of(h ?? ""))],
        query.TryGetValue("listener", out StringValues listener) ? listener.ToString() : null);

    /// <summary>The same for a client.</summary>
    public string ToQuery() => QueryString.Create(
        [
            new("method", Method),
            new("url", Url),
            .. Headers.Select(h => KeyValuePair.Create("header", (string?)h.ToString())),
            .. Listener is null ? Array.Empty<KeyValuePair<string, string?>>() : [new("listener", Listener)],
        ]).ToString();

    /// <summary>Why it is no question, for people; null where it is one.</summary>
    internal string? Mistake =>
        Method is null || !Names.IsToken(Method) ? $"'{Method}' is no method: it is one such as GET."
        : Parts is null ? $"'{Url}' is no URL: it is one such as http://shop.example.com/api."
        : Headers.FirstOrDefault(h => !Names.IsToken(h.Name)) is { } wrong ? $"'{(wrong.Name.Length == 0 ? wrong.Value : wrong.ToString())}' is no header: it is one such as X-Beta: 1."
        : null;

    /// <summary>Why a topology has no answer to it, for people; null where it has one.</summary>
    internal string? MistakeIn(Topology topology) => Listener is null || topology.Listeners.Any(l => l.Name == Listener) ? null
        : $"There is no listener '{Listener}': it is one of {string.Join(", ", topology.Listeners.Select(l => l.Name))}.";

    /// <summary>The target as it would stand in the request line.</summary>
    internal string Target => Parts!.Value.Target;

    internal string Host => Headers.FirstOrDefault(h => h.Name.Equals("Host", StringComparison.OrdinalIgnoreCase))?.Value ?? Parts!.Value.Authority;

    private int Port => Parts!.Value is { Scheme: var scheme, Authority: var authority }
        && authority.LastIndexOf(':') is >= 0 and var colon && authority.LastIndexOf(']') < colon && int.TryParse(authority.AsSpan(colon + 1), out int port)
        ? port
        : scheme == Uri.UriSchemeHttps ? 443 : 80;

    // The target is left as it is: what clients write into it is what routes have to see through.
    private (string Scheme, string Authority, string Target)? Parts
    {
        get
        {
            if (!Uri.TryCreate(Url, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            {
                return null;
            }

            string rest = Url[(Url.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('#')[0];
            int end = rest.AsSpan().IndexOfAny('/', '?');
            string authority = end < 0 ? rest : rest[..end];
            string target = end < 0 ? "/" : rest[end] == '/' ? rest[end..] : "/" + rest[end..];
            authority = authority[(authority.LastIndexOf('@') + 1)..];
            int port = authority.LastIndexOf(':');
            return (url.Scheme, Ascii.IsValid(authority) ? authority : url.IdnHost + (port < 0 ? "" : authority[port..]), target);
        }
    }

    /// <summary>Null: nobody can say.</summary>
    internal string? ListenerIn(Topology topology) =>
        Listener ?? (topology.Listeners.Where(l => l.Bind.Port == Port).ToArray() is [var only] ? only.Name : topology.Listeners is [var alone] ? alone.Name : null);

    internal string Path => NormalPath.Of(Target);

    /// <summary>What it says beside host and path.</summary>
    internal IRouteConditions ConditionsIn(Topology topology) => new Conditions(this, ListenerIn(topology));

    private sealed class Conditions(RouteQuestion question, string? listener) : IRouteConditions
    {
        public bool Fit(RouteSettings route) => RouteReasons.Against(route, question, listener) is null;
    }
}
