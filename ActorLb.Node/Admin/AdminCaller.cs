using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>Who sent a request to the admin API, in words for people. Never a token.</summary>
internal static class AdminCaller
{
    /// <summary>Of a certificate's subject, which says as much as its owner likes.</summary>
    private const int SubjectLengthMax = 256;

    /// <summary>Of all of it: what every format that holds it has room for.</summary>
    private const int LengthMax = Events.EventJson.WhoLengthMax;

    /// <summary>The token's name, the address that asked, and the certificate's subject where it showed one: <c>ci (10.0.0.5, CN=alice)</c>; without tokens the address.</summary>
    public static string Of(HttpContext context)
    {
        string from = string.Join(", ", new[] { AddressOf(context).ToString(), Enclosed(CertificateOf(context)) }.OfType<string>());
        string who = AuditEntry.Of(context)?.Caller is { } caller ? $"{caller.Name} ({from})" : from;
        return Visible(who.Length <= LengthMax ? who : who[..(LengthMax - 1)] + "…");
    }

    public static IPAddress AddressOf(HttpContext context) =>
        context.Connection.RemoteIpAddress is not { } address ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Null: it showed none.</summary>
    public static string? CertificateOf(HttpContext context) =>
        context.Connection.ClientCertificate is not { Subject: var subject } ? null : subject.Length <= SubjectLengthMax ? subject : subject[..SubjectLengthMax] + "…";

    // As RFC 4514, 2.4 escapes what would end something else: it stays within our parentheses.
    private static string? Enclosed(string? subject) => subject?.Replace("(", "\\28", StringComparison.Ordinal).Replace(")", "\\29", StringComparison.Ordinal);

    // A subject may hold whatever its authority signed.
    private static string Visible(string text) => string.Concat(text.EnumerateRunes().Select(r =>
        Rune.GetUnicodeCategory(r) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            ? "\ufffd" : r.ToString()));
}
