using System.Net.Http.Headers;

namespace ActorLb.Chaos.Browsers;

/// <summary>The header fields of an answer, in their order; names are compared without case.</summary>
internal sealed class AnswerFields(IEnumerable<(string Name, string Value)> fields)
{
    private readonly (string Name, string Value)[] _fields = [.. fields];

    public static AnswerFields Of(HttpResponseMessage response) => new(
        ((IEnumerable<HttpHeaders>)[response.Headers, response.Content.Headers]).SelectMany(h => h).SelectMany(h => h.Value, (h, value) => (h.Key, value)));

    /// <returns>The first value; null where there is none.</returns>
    public string? Value(string name) => Values(name).FirstOrDefault();

    public IEnumerable<string> Values(string name) => _fields.Where(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value);

    /// <returns>The value of a cookie that is set; null where none of the name is.</returns>
    public string? Cookie(string name) =>
        Values("Set-Cookie").LastOrDefault(c => c.StartsWith(name, StringComparison.Ordinal) && c.AsSpan(name.Length).StartsWith("="))?[(name.Length + 1)..].Split(';')[0];

    /// <returns>
    /// The first field whose value has one of these texts, as "name: value"; null where none has. By case: without it a ticket that is a chance of letters
    /// spells a short name now and then.
    /// </returns>
    public string? Showing(IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        return _fields.Where(f => all.Any(t => f.Value.Contains(t, StringComparison.Ordinal))).Select(f => $"{f.Name}: {f.Value}").FirstOrDefault();
    }
}
