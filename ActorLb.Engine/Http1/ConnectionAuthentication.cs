using System.Text;

namespace ActorLb.Engine.Http1;

/// <summary>
/// Finds the schemes that authenticate a connection instead of a request: NTLM, Negotiate and their kind (RFC 4559, 6;
/// MS-NTHT; MS-N2HT). The backend takes all that comes over such a connection for the same person's, so that from the
/// first word of them on it may carry one client's requests only. Pure.
/// </summary>
/// <remarks>
/// A member in quotes that looks like such a scheme counts as one: that costs a connection, and the other mistake would
/// give somebody away. Persistent-Auth, which may take the word back, is not looked at for the same reason.
/// </remarks>
internal static class ConnectionAuthentication
{
    private static readonly KnownFieldSet Credentials = KnownFieldSet.Of(KnownField.Authorization, KnownField.ProxyAuthorization);

    private static readonly KnownFieldSet Challenges = KnownFieldSet.Of(KnownField.WwwAuthenticate, KnownField.ProxyAuthenticate);

    /// <summary>Whether a request carries credentials of such a scheme.</summary>
    public static bool IsClaimed(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, in FieldSummary summary) =>
        summary.Seen.Overlaps(Credentials) && IsNamedIn(source, fields, Credentials);

    /// <summary>Whether an answer offers such a scheme, or goes on with one: its status does not matter.</summary>
    public static bool IsOffered(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, in FieldSummary summary) =>
        summary.Seen.Overlaps(Challenges) && IsNamedIn(source, fields, Challenges);

    /// <summary>Whether a list of challenges or credentials has one of such a scheme (RFC 9110, 11.6).</summary>
    public static bool IsNamedIn(ReadOnlySpan<byte> value)
    {
        foreach (ReadOnlySpan<byte> member in new ListMembers(value))
        {
            int end = member.IndexOfAny(" \t=\""u8);
            if (IsOfConnections(end < 0 ? member : member[..end]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNamedIn(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, KnownFieldSet among)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (among.Contains(field.Known) && IsNamedIn(field.Value(source)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOfConnections(ReadOnlySpan<byte> scheme) =>
        Ascii.EqualsIgnoreCase(scheme, "NTLM"u8)
        || Ascii.EqualsIgnoreCase(scheme, "Negotiate"u8)
        || Ascii.EqualsIgnoreCase(scheme, "Nego2"u8)
        || Ascii.EqualsIgnoreCase(scheme, "Kerberos"u8);
}
