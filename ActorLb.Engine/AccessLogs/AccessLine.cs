using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.AccessLogs;

/// <summary>One request as one line of the access log. Pure; allocates nothing.</summary>
internal static class AccessLine
{
    /// <summary>No line is longer, the line feed included.</summary>
    public const int BytesMax = 8192;

    /// <summary>Of a target, a referer and a user agent each; three of them and all others stay below the line's.</summary>
    internal const int LongFieldBytesMax = 2000;

    internal const int ShortFieldBytesMax = 256;

    internal static readonly byte[][] Reasons =
        [.. Enum.GetValues<FailureReason>().Select(r => r == FailureReason.None ? [] : Encoding.ASCII.GetBytes(FailureAnswer.Of(r).Name))];

    /// <summary>Writes the line with its line feed; returns its length.</summary>
    /// <param name="line">At least <see cref="BytesMax"/> bytes.</param>
    /// <param name="fields">Of a line of JSON.</param>
    public static int Write(Span<byte> line, in AccessRecord record, AccessLogFormat format, AccessFields fields)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(line.Length, BytesMax);
        var text = new LineText(line, json: format == AccessLogFormat.Json);
        if (format == AccessLogFormat.Json)
        {
            AccessJson.Write(ref text, record, fields);
        }
        else
        {
            Combined(ref text, record);
        }

        text.Raw("\n"u8);
        return text.Length;
    }

    // Apache's combined, "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"", and behind it ours, which
    // readers of that format pass over: pool backend request-id microseconds failure.
    private static void Combined(ref LineText text, in AccessRecord record)
    {
        Word(ref text, record.Client);
        text.Raw(" - - ["u8);
        text.Time(record.UnixMilliseconds, "dd'/'MMM'/'yyyy':'HH':'mm':'ss '+0000'");
        text.Raw("] \""u8);
        if (record.Method.IsEmpty && record.Target.IsEmpty)
        {
            text.Raw("-"u8);
        }
        else
        {
            Word(ref text, record.Method);
            text.Raw(" "u8);
            text.Value(record.Target, blanks: false, LongFieldBytesMax, "-"u8);
            text.Raw(" "u8);
            Word(ref text, record.Version);
        }

        text.Raw("\" "u8);
        text.Number(record.Status);
        text.Raw(" "u8);
        text.Number(record.BytesSent);
        text.Raw(" \""u8);
        text.Value(record.Referer, blanks: true, LongFieldBytesMax, "-"u8);
        text.Raw("\" \""u8);
        text.Value(record.UserAgent, blanks: true, LongFieldBytesMax, "-"u8);
        text.Raw("\" "u8);
        Name(ref text, record.Pool, "-"u8);
        text.Raw(" "u8);
        Name(ref text, record.Backend, "-"u8);
        text.Raw(" "u8);
        Word(ref text, record.RequestId);
        text.Raw(" "u8);
        text.Number(record.Microseconds);
        text.Raw(" "u8);
        text.Value(Reasons[(int)record.Failure], blanks: false, ShortFieldBytesMax, "-"u8);
    }

    private static void Word(ref LineText text, ReadOnlySpan<byte> value) =>
        text.Value(value, blanks: false, ShortFieldBytesMax, "-"u8);

    internal static void Name(ref LineText text, string? name, ReadOnlySpan<byte> empty, int max = ShortFieldBytesMax)
    {
        Span<byte> bytes = stackalloc byte[ShortFieldBytesMax];
        ReadOnlySpan<char> chars = name;
        int length = Encoding.Latin1.GetBytes(chars[..Math.Min(chars.Length, bytes.Length)], bytes);
        text.Value(bytes[..length], blanks: false, max, empty);
    }
}
