using System.Text;
using ActorLb.Engine.Http1;
using Xunit;

namespace ActorLb.Tests.Http1;

/// <summary>Each limit one below, at, and one above what a message needs.</summary>
public sealed class LimitTests
{
    private const string Line = "GET /path HTTP/1.1\r\n";
    private const string Fields = "Host: x\r\nX-A: bcd\r\nX-E: \r\n\r\n";
    private const string StatusLine = "HTTP/1.1 200 OK\r\n";
    private static readonly MessageLimits Roomy = new(1000, 1000, 50, 100);

    [Theory]
    [InlineData(-1, "RequestLineTooLong")]
    [InlineData(0, null)]
    [InlineData(1, null)]
    public void A_request_line_may_be_as_long_as_the_limit(int more, string? fault) =>
        Check(fault, Line + Fields, Roomy with { LineBytesMax = Line.Length + more });

    [Theory]
    [InlineData(-1, "StatusLineTooLong")]
    [InlineData(0, null)]
    [InlineData(1, null)]
    public void A_status_line_may_be_as_long_as_the_limit(int more, string? fault)
    {
        ParseResult result = ResponseParser.Parse(
            Encoding.ASCII.GetBytes(StatusLine + Fields), RequestMethod.Get, false, Roomy with { LineBytesMax = StatusLine.Length + more }, new HeaderField[50], out _);

        Assert.Equal(fault ?? "None", result.Fault.ToString());
    }

    [Theory]
    [InlineData(-1, "FieldsTooLarge")]
    [InlineData(0, null)]
    [InlineData(1, null)]
    public void Fields_may_have_as_many_bytes_as_the_limit(int more, string? fault) =>
        Check(fault, Line + Fields, Roomy with { FieldBytesMax = Fields.Length + more });

    [Theory]
    [InlineData(-1, "FieldsTooMany")]
    [InlineData(0, null)]
    [InlineData(1, null)]
    public void There_may_be_as_many_fields_as_the_limit(int more, string? fault) =>
        Check(fault, Line + Fields, Roomy with { FieldCountMax = 3 + more });

    [Theory]
    [InlineData(-1, "FieldsTooMany")]
    [InlineData(0, null)]
    [InlineData(1, null)]
    public void There_may_be_as_many_fields_as_the_caller_has_room_for(int more, string? fault)
    {
        ParseResult result = RequestParser.Parse(Encoding.ASCII.GetBytes(Line + Fields), Roomy, new HeaderField[3 + more], out _);

        Assert.Equal(fault ?? "None", result.Fault.ToString());
    }

    [Fact]
    public void The_empty_line_before_a_request_does_not_count() =>
        Check(null, "\r\n" + Line + Fields, Roomy with { LineBytesMax = Line.Length, FieldBytesMax = Fields.Length });

    [Theory]
    [InlineData("GET /path HTTP/1.1\rX")]
    [InlineData("GET /path HTTP/1.1\r")]
    [InlineData("GET /path HTTP/1.1")]
    [InlineData("GET /path HTTP/1.1X\r\n")]
    public void Nothing_beyond_the_line_limit_is_looked_at(string line) =>
        Check(line.Length < Line.Length - 1 ? "NeedMore" : "RequestLineTooLong", line, Roomy with { LineBytesMax = Line.Length - 1 });

    [Theory]
    [InlineData(19, "NeedMore")]
    [InlineData(20, "FieldsTooLarge")]
    [InlineData(21, "FieldsTooLarge")]
    [InlineData(900, "FieldsTooLarge")]
    public void Fields_that_do_not_end_within_their_limit_are_refused_as_soon_as_it_is_full(int length, string fault) =>
        Check(fault, Line + new string('x', length), Roomy with { FieldBytesMax = 20 });

    [Theory]
    [InlineData("Host: x\r\nX-A: b\0", 18, "ValueHasControl")]
    [InlineData("Host: x\r\nX-A: bcdefg\0", 18, "FieldsTooLarge")]
    [InlineData("Host: x\r\nX-A: bcde\r\n\r\n", 22, null)]
    [InlineData("Host: x\r\nX-A: bcde\r\n\r\n", 21, "FieldsTooLarge")]
    [InlineData("Host: x\r\nX-A: bcde\r\n\rX", 21, "FieldsTooLarge")]
    [InlineData("Host: x\r\nX-A: bcde\r\n\rX", 22, "BareCarriageReturn")]
    public void A_fault_within_the_limit_comes_before_it_and_one_beyond_is_not_seen(string fields, int limit, string? fault) =>
        Check(fault, Line + fields, Roomy with { FieldBytesMax = limit });

    [Theory]
    [InlineData(65534, null)]
    [InlineData(65535, null)]
    [InlineData(65536, "FieldNameTooLong")]
    public void A_name_may_have_65535_bytes(int length, string? fault) =>
        Check(fault, Line + "Host: x\r\n" + new string('n', length) + ": v\r\n\r\n", Roomy with { FieldBytesMax = 100_000 });

    [Theory]
    [InlineData(31, null)]
    [InlineData(32, null)]
    [InlineData(33, "ConnectionOptionsTooMany")]
    public void Connection_may_nominate_32_fields(int count, string? fault)
    {
        Assert.Equal(32, MessageLimits.NominationsMax);
        Check(fault, Line + "Host: x\r\nConnection: " + string.Join(',', Enumerable.Repeat("a", count)) + ",close\r\n\r\n", Roomy);
    }

    [Theory]
    [InlineData(-1, "ChunkLineTooLong")]
    [InlineData(0, null)]
    [InlineData(1, null)]
    public void A_chunk_line_may_be_as_long_as_the_limit(int more, string? fault)
    {
        const string ChunkLine = "5;name=value\r\n";
        CheckChunks(fault, ChunkLine + "hello\r\n0\r\n\r\n", Roomy with { ChunkLineBytesMax = ChunkLine.Length + more });
    }

    [Theory]
    [InlineData(-1, "FieldsTooLarge")]
    [InlineData(0, null)]
    [InlineData(1, null)]
    public void Trailers_may_have_as_many_bytes_as_the_limit(int more, string? fault)
    {
        const string Trailers = "X-A: b\r\nX-C: d\r\n\r\n";
        CheckChunks(fault, "0\r\n" + Trailers, Roomy with { FieldBytesMax = Trailers.Length + more });
    }

    [Theory]
    [InlineData(-1, "FieldsTooMany")]
    [InlineData(0, null)]
    [InlineData(1, null)]
    public void There_may_be_as_many_trailers_as_the_limit(int more, string? fault) =>
        CheckChunks(fault, "0\r\nX-A: b\r\nX-C: d\r\n\r\n", Roomy with { FieldCountMax = 2 + more });

    [Theory]
    [InlineData(-1, null)]
    [InlineData(0, null)]
    [InlineData(1, "ChunkOverheadTooLarge")]
    public void A_chunked_body_may_have_16_KiB_of_framing_that_its_data_does_not_justify(int more, string? fault)
    {
        // Each line of 82 bytes with one byte of data is 82 - 16 - 2 = 64 too many.
        Assert.Equal(16 * 1024, MessageLimits.ChunkOverheadBytesMax);
        string full = string.Concat(Enumerable.Repeat("1;" + new string('e', 78) + "\r\nx\r\n", 255));
        string last = "1;" + new string('e', 78 + more) + "\r\nx\r\n";
        CheckChunks(fault, full + last + "0\r\n\r\n", Roomy);
    }

    [Theory]
    [InlineData("7ffffffffffffffe", "NeedMore")]
    [InlineData("7fffffffffffffff", "NeedMore")]
    [InlineData("8000000000000000", "ChunkSizeTooLarge")]
    public void A_chunk_may_have_63_bits_of_size(string size, string fault) => CheckChunks(fault, size + "\r\nx", Roomy);

    [Theory]
    [InlineData("9223372036854775806", null)]
    [InlineData("9223372036854775807", null)]
    [InlineData("9223372036854775808", "ContentLengthTooLarge")]
    public void A_content_length_may_have_63_bits(string length, string? fault) =>
        Check(fault, $"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n", Roomy);

    private static void Check(string? expected, string text, MessageLimits limits)
    {
        ParseResult result = RequestParser.Parse(Encoding.Latin1.GetBytes(text), limits, new HeaderField[100], out _);

        Assert.Equal(expected ?? "Complete", result.Status == ParseStatus.Rejected ? result.Fault.ToString() : result.Status.ToString());
    }

    private static void CheckChunks(string? expected, string text, MessageLimits limits)
    {
        var decoder = default(ChunkedDecoder);
        ReadOnlySpan<byte> rest = Encoding.Latin1.GetBytes(text);
        ChunkResult result;
        do
        {
            result = decoder.Next(rest, limits, new HeaderField[100]);
            rest = rest[result.Consumed..];
        }
        while (result.Status == ChunkStatus.Data);

        Assert.Equal(expected ?? "End", result.Status == ChunkStatus.Rejected ? result.Fault.ToString() : result.Status.ToString());
    }
}
