using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorLb.Node.Events;

/// <summary>How events are written as JSON, everywhere: in the API, between nodes, on disk and to webhooks. Names and shape are the API's.</summary>
internal static class EventJson
{
    /// <summary>Bytes of one event, as it may come from elsewhere.</summary>
    public const int BytesMax = 8 * 1024;

    /// <summary>Of <see cref="NodeEvent.Who"/>.</summary>
    public const int WhoLengthMax = 256;

    private const int TextLengthMax = 512;

    private const int DataBytesMax = 2 * 1024;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private static readonly JsonSerializerOptions Data = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonWriterOptions OnOneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 8 };

    public static NodeEvent Make(EventId id, DateTimeOffset at, EventNote note)
    {
        string data = note.Data is null ? "{}" : JsonSerializer.Serialize(note.Data, Data);
        return Make(
            id, at, note.Kind, note.Severity ?? EventKinds.Of(note.Kind).Severity, note.Pool, note.Backend, note.Text, data.Length <= DataBytesMax ? data : "{\"cut\":true}", note.Cause, note.Who, note.TraceParent);
    }

    /// <summary>Reads what a node wrote, which may be of another version or no event at all.</summary>
    /// <param name="id">Known also where the rest is not: of a kind that this version does not know, for instance.</param>
    /// <returns>False: there is not even an id.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> json, out EventId id, out NodeEvent? read)
    {
        id = default;
        read = null;
        if (json.Length > BytesMax)
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Shallow);
            JsonElement all = document.RootElement;
            if (all.ValueKind != JsonValueKind.Object || !EventId.TryParse(TextOf(all, "id"), out id))
            {
                return false;
            }

            read = Read(all, id);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // Text that is no UTF-8.
            return false;
        }
    }

    private static NodeEvent? Read(JsonElement all, EventId id)
    {
        if (!EventKinds.TryFind(TextOf(all, "kind") ?? "", out EventKind kind)
            || !DateTimeOffset.TryParseExact(TextOf(all, "at"), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)
            || at < DateTimeOffset.UnixEpoch
            || TextOf(all, "text") is not { } text)
        {
            return null;
        }

        EventSeverity severity = TextOf(all, "severity") switch
        {
            "error" => EventSeverity.Error,
            "warning" => EventSeverity.Warning,
            _ => EventSeverity.Info,
        };
        string data = all.TryGetProperty("data", out JsonElement element) && element.ValueKind == JsonValueKind.Object ? OneLine(element) : "{}";
        return Make(
            id, at, kind, severity, TextOf(all, "pool"), TextOf(all, "backend"), text, data, EventId.TryParse(TextOf(all, "cause"), out EventId cause) ? cause : null, TextOf(all, "who"), TraceParentOf(all));
    }

    private static NodeEvent Make(
        EventId id, DateTimeOffset at, EventKind kind, EventSeverity severity, string? pool, string? backend, string text, string data, EventId? cause, string? who, string? traceParent)
    {
        string cut = Cut(text, TextLengthMax);
        string? asked = who is null ? null : Cut(who, WhoLengthMax);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, OnOneLine))
        {
            writer.WriteStartObject();
            writer.WriteString("id", id.ToString());
            writer.WriteString("at", at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
            writer.WriteString("node", id.Node);
            writer.WriteString("kind", EventKinds.Of(kind).Name);
            writer.WriteString("severity", EventKinds.NameOf(severity));
            WriteGiven(writer, "pool", pool);
            WriteGiven(writer, "backend", backend);
            writer.WriteString("text", cut);
            writer.WritePropertyName("data");
            writer.WriteRawValue(data);
            WriteGiven(writer, "cause", cause?.ToString());
            WriteGiven(writer, "who", asked);
            WriteGiven(writer, "traceParent", traceParent);
            writer.WriteEndObject();
        }

        return new NodeEvent(id, at, kind, severity, pool, backend, cut, data, cause, asked, traceParent, buffer.WrittenMemory.ToArray());
    }

    private static void WriteGiven(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static string OneLine(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, OnOneLine))
        {
            element.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string? TextOf(JsonElement all, string name) =>
        all.TryGetProperty(name, out JsonElement element) && element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    // Of version 00: no other is written.
    private static string? TraceParentOf(JsonElement all) =>
        TextOf(all, "traceParent") is { Length: 55 } text && text.StartsWith("00-", StringComparison.Ordinal) && ActivityContext.TryParse(text, null, out _) ? text : null;

    private static string Cut(string text, int max) => text.Length <= max ? text : text[..max] + "…";
}
