using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.access-log, and actorlb.admin.audit-log.</summary>
internal static class AccessLogReader
{
    private const long BufferMin = 64 << 10;
    private const long BufferMax = 1 << 30;
    private const string PathExpected = "the path of a file, \"-\" for standard output, or empty for none";

    public static AccessLogSettings Read(ConfigurationCursor log) => new(
        log["path"].As<string>(ReadPath, PathExpected, ""),
        log["format"].Choice(("combined", AccessLogFormat.Combined), ("json", AccessLogFormat.Json)),
        (int)log["buffer"].Bytes(BufferMin, BufferMax));

    public static AuditLogSettings ReadAudit(ConfigurationCursor log) =>
        new(log["path"].As<string>(ReadPath, PathExpected, ""), (int)log["buffer"].Bytes(BufferMin, BufferMax));

    private static string? ReadPath(string text, out string path)
    {
        path = text;
        return text.Contains('\0') || (text.Length > 0 && string.IsNullOrWhiteSpace(text)) || text.EndsWith('/') ? $"'{text}' is no path of a file" : null;
    }
}
