using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ActorLb.Node.Cli;

/// <summary>
/// One object of JSON an entry, in one line of ASCII: whatever clients, files and other machines put into a message is a value of one
/// member and nothing else. Microsoft's own has no names of events and leaves lone surrogates to chance.
/// </summary>
internal sealed class JsonLogFormatter(TimeProvider time) : ConsoleFormatter(FormatName)
{
    public const string FormatName = "json-line";

    private const string Template = "{OriginalFormat}";

    // Nothing beyond ASCII, and no control character, is written as it is.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Default };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (message.Length == 0 && logEntry.Exception is null)
        {
            return;
        }

        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("level", Word(logEntry.LogLevel));
            json.WriteString("category", logEntry.Category);
            json.WriteNumber("eventId", logEntry.EventId.Id);
            if (logEntry.EventId.Name is { } name)
            {
                json.WriteString("event", name);
            }

            json.WriteString("message", message);
            if (logEntry.State is IEnumerable<KeyValuePair<string, object?>> state)
            {
                // Ours are lists already.
                IReadOnlyList<KeyValuePair<string, object?>> fields = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [.. state];
                WriteFields(json, fields);
                WriteTemplate(json, fields);
            }

            if (logEntry.Exception is { } exception)
            {
                json.WriteString("exception", exception.ToString());
            }

            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.ASCII.GetString(bytes.WrittenSpan));
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        bool hasBegun = false;
        for (int i = 0; i < fields.Count; i++)
        {
            // A template may name the same field twice, and an object may not.
            if (fields[i].Key == Template || !IsFirst(fields, i))
            {
                continue;
            }

            if (!hasBegun)
            {
                json.WriteStartObject("fields");
                hasBegun = true;
            }

            json.WritePropertyName(fields[i].Key);
            WriteValue(json, fields[i].Value);
        }

        if (hasBegun)
        {
            json.WriteEndObject();
        }
    }

    private static void WriteTemplate(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        for (int i = fields.Count - 1; i >= 0; i--)
        {
            if (fields[i].Key == Template)
            {
                json.WriteString("template", Text(fields[i].Value));
                return;
            }
        }
    }

    private static bool IsFirst(IReadOnlyList<KeyValuePair<string, object?>> fields, int at)
    {
        for (int i = 0; i < at; i++)
        {
            if (fields[i].Key == fields[at].Key)
            {
                return false;
            }
        }

        return true;
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case float or double when Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case IEnumerable values when value is not string and not IFormattable:
                json.WriteStartArray();
                foreach (object? item in values)
                {
                    json.WriteStringValue(Text(item));
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Text(value));
                break;
        }
    }

    private static string? Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture);

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "information",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
