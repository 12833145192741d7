using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ActorLb.Engine.Http1;

/// <summary>Reads dates as fields say them (RFC 9110, 5.6.7): the usual form, and obsolete ones, which are dates to many. Pure.</summary>
internal static class HttpDate
{
    private const int CharsMax = 64;

    /// <summary>The obsolete form without its day of the week.</summary>
    private const string AscTime = "MMM d HH:mm:ss yyyy";

    /// <param name="seconds">Unix seconds.</param>
    public static bool TryRead(ReadOnlySpan<byte> value, out long seconds)
    {
        if (Utf8Parser.TryParse(value, out DateTimeOffset date, out int read, 'R') && read == value.Length)
        {
            seconds = date.ToUnixTimeSeconds();
            return true;
        }

        seconds = 0;
        Span<char> text = stackalloc char[CharsMax];
        if (value.Length > CharsMax || Ascii.ToUtf16(value, text, out int length) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        // Caches and browsers do not look at the day of the week, and a wrong one would hide a date that they read. Cookies
        // have dates with '-' (RFC 6265, 5.1.1).
        ReadOnlySpan<char> day = text[..length].TrimStart();
        int word = day.IndexOfAny(", ");
        ReadOnlySpan<char> rest = word > 0 && char.IsAsciiLetter(day[0]) ? day[(word + 1)..].Trim() : day;
        bool isDate = DateTimeOffset.TryParse(rest, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date)
            || DateTimeOffset.TryParseExact(
                rest, AscTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out date);
        seconds = isDate ? date.ToUnixTimeSeconds() : 0;
        return isDate;
    }
}
