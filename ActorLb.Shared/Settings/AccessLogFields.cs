using System.Collections.Immutable;

namespace ActorLb.Shared.Settings;

/// <summary>What a line of the access log may tell of a request. Its name is this one with a small first letter.</summary>
public enum AccessField
{
    Time,
    Client,
    Method,
    Target,
    Path,
    Query,
    Host,
    Version,
    Tls,
    Listener,
    Route,
    Pool,
    Backend,
    Attempts,
    Session,
    Status,
    Reason,
    Bytes,
    BytesReceived,
    Microseconds,
    QueueMicroseconds,
    ConnectMicroseconds,
    FirstByteMicroseconds,
    Referer,
    UserAgent,
    RequestId,
    TraceId,

    /// <summary>A field of the request's head: its name has the field's behind <see cref="AccessLogFields.HeaderPrefix"/>.</summary>
    Header,
}

/// <summary>Names of fields of the access log.</summary>
public static class AccessLogFields
{
    public const string HeaderPrefix = "header:";

    /// <summary>So many have room in a line, each with a value that shows that it was cut.</summary>
    public const int CountMax = 40;

    public const int HeaderNameCharsMax = 64;

    /// <summary>Those of a line where nobody chose: what there was before there was a choice.</summary>
    public static readonly EquatableArray<string> Default =
        ["time", "client", "method", "target", "version", "status", "bytes", "referer", "userAgent", "pool", "backend", "requestId", "microseconds", "reason"];

    private static readonly ImmutableDictionary<string, AccessField> ByName =
        Enum.GetValues<AccessField>().Where(f => f != AccessField.Header).ToImmutableDictionary(NameOf, StringComparer.Ordinal);

    public static IEnumerable<string> Names => Enum.GetValues<AccessField>().Where(f => f != AccessField.Header).Select(NameOf);

    /// <param name="header">The field of the head, in small letters; empty for all others.</param>
    public static bool TryRead(string name, out AccessField field, out string header)
    {
        header = "";
        if (!name.StartsWith(HeaderPrefix, StringComparison.Ordinal))
        {
            return ByName.TryGetValue(name, out field);
        }

        field = AccessField.Header;
        header = name[HeaderPrefix.Length..].ToLowerInvariant();
        return header.Length is > 0 and <= HeaderNameCharsMax && header.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }

    private static string NameOf(AccessField field) => char.ToLowerInvariant(field.ToString()[0]) + field.ToString()[1..];
}
