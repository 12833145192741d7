using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorLb.Engine.AccessLogs;

namespace ActorLb.Node.Admin;

/// <summary>A line of the audit log: what one request changed, or what was refused. Holds no secret.</summary>
/// <param name="Node">That was asked.</param>
/// <param name="Request">By which the answer names the request; null where several are told together.</param>
/// <param name="Who">The name of the token; null: no token is needed, or none that was sent is known.</param>
/// <param name="From">The address that asked.</param>
/// <param name="Certificate">The subject of the client's certificate; null: there was none.</param>
/// <param name="Action">What was to be done: a word, or method and path where nothing was to be changed.</param>
/// <param name="Outcome">done, tried, unconfirmed, refused, failed, unknown, unauthorized, forbidden or rate-limited.</param>
/// <param name="Status">That was answered; null: the client left before there was an answer.</param>
/// <param name="Count">Of how many requests it tells.</param>
internal sealed record AuditLine(
    DateTimeOffset Time, string Node, string? Request, string? Who, string? Role, string From, string? Certificate, string Action, string? Target, string Outcome, int? Status, long Count)
{
    /// <summary>The stable name of the problem that was answered.</summary>
    public string? Problem { get; init; }

    /// <summary>What was asked for.</summary>
    public JsonObject? What { get; init; }

    public object? Before { get; init; }

    public object? After { get; init; }

    /// <summary>In which keys the configuration is another one.</summary>
    public IReadOnlyList<ReloadDocument.Difference>? Changes { get; init; }

    /// <summary>How many of them are left out.</summary>
    public int? More { get; init; }

    /// <summary>What is left of each text at last: enough of them fit, whatever they are made of.</summary>
    private const int TextLengthMin = 16;

    /// <summary>
    /// As JSON with a line feed. Of what is too long for a line the changes are left out first, then how it stood; texts are cut, and none
    /// is left out: whoever asks for something cannot have his line say less than who he is and what he wanted.
    /// </summary>
    public byte[] Write()
    {
        AuditLine line = this;
        int length = AccessLog.LineBytesMax / 8;
        while (true)
        {
            byte[] written = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(line, AdminJson.Brief) + "\n");
            if (written.Length <= AccessLog.LineBytesMax || length < TextLengthMin)
            {
                return written;
            }

            line = line switch
            {
                { Changes: { Count: > 1 } many } => line with { Changes = [.. many.Take(many.Count / 2)], More = (line.More ?? 0) + many.Count - (many.Count / 2) },
                { Changes: { } one } => line with { Changes = null, More = (line.More ?? 0) + one.Count },
                { Before: not null } or { After: not null } => line with { Before = null, After = null },
                _ => line.CutTo(length),
            };
            length = line is { Changes: null, Before: null, After: null } ? length / 2 : length;
        }
    }

    private AuditLine CutTo(int length) => this with
    {
        Request = Cut(Request, length),
        Who = Cut(Who, length),
        Certificate = Cut(Certificate, length),
        Target = Cut(Target, length),
        What = What is null ? null : new JsonObject(What.Select(w => KeyValuePair.Create(
            w.Key, w.Value is JsonValue value && value.TryGetValue(out string? text) ? Cut(text, length) : w.Value?.DeepClone()))),
    };

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    private static string? Cut(string? text, int length) => text is null || text.Length <= length ? text : text[..length] + "…";
}
