using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.access-log, and actorlb.admin.audit-log.</summary>
internal static class AccessLogReader
{
    private const long BufferMin = 64 << 10;
    private const long BufferMax = 1 << 30;
    private const string PathExpected = "the path of a file, \"-\" for standard output, or empty for none";

    private const string FieldExpected = "a field of docs/logs.md, as in userAgent, or \"header:NAME\" with a field of requests";

    /// <summary>Whoever reads a log that has them can be whoever sent them.</summary>
    private static readonly string[] Secrets = ["cookie", "authorization", "proxy-authorization"];

    public static AccessLogSettings Read(ConfigurationCursor log)
    {
        AccessLogFormat format = log["format"].Choice(("combined", AccessLogFormat.Combined), ("json", AccessLogFormat.Json));
        return new AccessLogSettings(log["path"].As<string>(ReadPath, PathExpected, ""), format, (int)log["buffer"].Bytes(BufferMin, BufferMax))
        {
            Fields = ReadFields(log["fields"], format),
        };
    }

    public static AuditLogSettings ReadAudit(ConfigurationCursor log) =>
        new(log["path"].As<string>(ReadPath, PathExpected, ""), (int)log["buffer"].Bytes(BufferMin, BufferMax));

    private static EquatableArray<string> ReadFields(ConfigurationCursor fields, AccessLogFormat format)
    {
        var names = new List<string>();
        foreach (ConfigurationCursor item in fields.ItemsOrWords())
        {
            string name = item.As<string>(ReadField, FieldExpected, "");
            if (name.Length > 0 && names.Contains(name))
            {
                item.Complain($"'{name}' is listed twice", "each field once");
            }
            else if (name.StartsWith(AccessLogFields.HeaderPrefix, StringComparison.Ordinal) && Secrets.Contains(name[AccessLogFields.HeaderPrefix.Length..]))
            {
                item.Warn($"'{name}' puts into the log what logs its clients in", "leave it out, or keep the log as you keep passwords");
            }

            names.Add(name);
        }

        if (names.Count is 0 or > AccessLogFields.CountMax)
        {
            fields.Complain($"these are {names.Count} fields", $"1 to {AccessLogFields.CountMax}");
        }

        EquatableArray<string> chosen = [.. names];
        if (format == AccessLogFormat.Combined && chosen != AccessLogFields.Default)
        {
            fields.Complain("the fields of combined are always the same", "format = json");
        }

        return chosen;
    }

    private static string? ReadField(string text, out string name)
    {
        bool isKnown = AccessLogFields.TryRead(text, out AccessField field, out string header);
        name = field == AccessField.Header ? AccessLogFields.HeaderPrefix + header : text;
        return isKnown ? null : $"'{text}' is no field of the access log";
    }

    private static string? ReadPath(string text, out string path)
    {
        path = text;
        return text.Contains('\0') || (text.Length > 0 && string.IsNullOrWhiteSpace(text)) || text.EndsWith('/') ? $"'{text}' is no path of a file" : null;
    }
}
