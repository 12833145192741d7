using System.Buffers.Text;

namespace ActorLb.Chaos.Browsers;

/// <summary>
/// What an outsider can tell of a ticket: after a byte for the format and one for the key come
/// the sixteen bytes of the session's id.
/// </summary>
internal static class Tickets
{
    public const string Cookie = "ALB";

    public const string CookiePrefix = $"{Cookie}=";

    private const int IdAt = 2;
    private const int IdBytes = 16;

    /// <returns>As the admin API writes ids; "unreadable" where this is no ticket.</returns>
    public static string SessionOf(string ticket)
    {
        Span<byte> bytes = stackalloc byte[256];
        return ticket.Length <= 300 && Base64Url.IsValid(ticket) && Base64Url.TryDecodeFromChars(ticket, bytes, out int length) && length >= IdAt + IdBytes
            ? Convert.ToHexStringLower(bytes.Slice(IdAt, IdBytes))
            : "unreadable";
    }
}
