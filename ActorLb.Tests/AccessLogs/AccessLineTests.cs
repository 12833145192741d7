using System.Text;
using System.Text.Json;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.AccessLogs;

public sealed class AccessLineTests
{
    [Fact]
    public void The_combined_line_is_apaches_with_ours_behind_it() =>
        Assert.Equal(
            "10.1.2.3 - - [08/Nov/2026:09:05:03 +0000] \"GET /a?b=c HTTP/1.1\" 200 1234 \"http://x/\" \"Moz illa/5.0\" web web-1 0af3 1500 -\n",
            Line(Sample("/a?b=c"u8), AccessLogFormat.Combined));

    [Fact]
    public void The_json_line_has_the_same_values_by_name() =>
        Assert.Equal(
            "{\"time\":\"2026-11-08T09:05:03.007Z\",\"client\":\"10.1.2.3\",\"method\":\"GET\",\"target\":\"/a?b=c\",\"version\":\"HTTP/1.1\","
            + "\"status\":200,\"bytes\":1234,\"referer\":\"http://x/\",\"userAgent\":\"Moz illa/5.0\",\"pool\":\"web\",\"backend\":\"web-1\","
            + "\"requestId\":\"0af3\",\"microseconds\":1500,\"reason\":\"\"}\n",
            Line(Sample("/a?b=c"u8), AccessLogFormat.Json));

    [Fact]
    public void What_is_not_known_is_a_dash_or_empty_and_a_failure_has_its_name()
    {
        var record = new AccessRecord { Status = 400, Failure = FailureReason.BadRequest };
        Assert.Equal("- - - [01/Jan/1970:00:00:00 +0000] \"-\" 400 0 \"-\" \"-\" - - - 0 bad-request\n", Line(record, AccessLogFormat.Combined));
        Assert.EndsWith("\"requestId\":\"\",\"microseconds\":0,\"reason\":\"bad-request\"}\n", Line(record, AccessLogFormat.Json), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\"b", "a\\\"b", "a\\\"b")]
    [InlineData("a\\b", "a\\\\b", "a\\\\b")]
    [InlineData("a\r\nb", "a\\x0d\\x0ab", "a\\u000d\\u000ab")]
    [InlineData("a\0\u001f\u007fb", "a\\x00\\x1f\\x7fb", "a\\u0000\\u001f\\u007fb")]
    [InlineData("a\u00e9b", "a\\xe9b", "a\\u00e9b")]
    [InlineData("a b", "a b", "a b")]
    public void What_a_client_chose_cannot_end_its_field(string agent, string combined, string json)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(agent);
        Assert.Contains($" \"{combined}\" - - - 0 -", Line(new AccessRecord { UserAgent = bytes }, AccessLogFormat.Combined), StringComparison.Ordinal);
        Assert.Contains($"\"userAgent\":\"{json}\",", Line(new AccessRecord { UserAgent = bytes }, AccessLogFormat.Json), StringComparison.Ordinal);
    }

    [Fact]
    public void A_blank_in_a_field_without_quotes_is_escaped_too() =>
        Assert.Contains("] \"G\\x20ET /a\\x20b -\" 0 0 ", Line(new AccessRecord { Method = "G ET"u8, Target = "/a b"u8 }, AccessLogFormat.Combined), StringComparison.Ordinal);

    [Theory]
    [InlineData(AccessLogFormat.Combined)]
    [InlineData(AccessLogFormat.Json)]
    public void A_field_keeps_its_length_and_what_is_longer_shows_that_it_was_cut(AccessLogFormat format)
    {
        string fits = new('a', AccessLine.LongFieldBytesMax);
        string line = Line(Sample(Encoding.ASCII.GetBytes(fits)), format);
        Assert.Contains(fits, line, StringComparison.Ordinal);
        Assert.DoesNotContain("...", line, StringComparison.Ordinal);

        string cut = Line(Sample(Encoding.ASCII.GetBytes(fits + "a")), format);
        Assert.DoesNotContain(fits, cut, StringComparison.Ordinal);
        Assert.Contains("aaa...", cut, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AccessLogFormat.Combined)]
    [InlineData(AccessLogFormat.Json)]
    public void Whatever_bytes_come_it_is_one_line_within_its_bounds(AccessLogFormat format)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var longest = new byte[20_000];
        for (int i = 0; i < 300; i++)
        {
            random.NextBytes(longest);
            if (i % 3 == 0)
            {
                Array.Fill(longest, (byte)random.Next(256));
            }

            byte[] Any() => longest[..random.Next(i == 0 ? longest.Length : 300)];
            byte[] all = i % 2 == 0 ? longest : Any();
            string name = new((char)random.Next(1, 0x1000), i == 1 ? 1000 : 10);
            string line = Line(
                new AccessRecord
                {
                    UnixMilliseconds = random.NextInt64(253_000_000_000_000),
                    Client = all,
                    Method = all,
                    Target = all,
                    Version = Any(),
                    Status = int.MinValue,
                    BytesSent = long.MinValue,
                    Referer = all,
                    UserAgent = all,
                    RequestId = all,
                    Pool = name,
                    Backend = name,
                    Microseconds = long.MinValue,
                    Failure = FailureReason.TransferCodingUnsupported,
                },
                format);
            Assert.True(line.IndexOf('\n', StringComparison.Ordinal) == line.Length - 1, $"seed {seed}");
            Assert.True(line[..^1].All(c => c is >= ' ' and <= '~'), $"seed {seed}");
            if (format == AccessLogFormat.Json)
            {
                using JsonDocument parsed = JsonDocument.Parse(line);
                Assert.Equal(14, parsed.RootElement.EnumerateObject().Count());
            }
            else
            {
                Assert.Equal(6, line.Replace("\\\\", "").Replace("\\\"", "").Count(c => c == '"'));
            }
        }
    }

    [Fact]
    public void All_fields_with_the_longest_values_are_one_object_within_the_bounds_of_a_line()
    {
        byte[] longest = new byte[20_000];
        foreach (byte fill in (byte[])[(byte)'a', (byte)'"', 0xff, (byte)'?', (byte)'/'])
        {
            Array.Fill(longest, fill);
            ByteRange[] headers = [.. Enumerable.Repeat(new ByteRange(0, longest.Length), All.Headers.Length)];
            var record = new AccessRecord
            {
                UnixMilliseconds = 253_000_000_000_000,
                Client = longest,
                Method = longest,
                Target = longest,
                Version = longest,
                Host = longest,
                Tls = longest,
                Session = longest,
                Referer = longest,
                UserAgent = longest,
                RequestId = longest,
                Listener = new string((char)fill, 1000),
                Route = new string((char)fill, 1000),
                Pool = new string((char)fill, 1000),
                Backend = new string((char)fill, 1000),
                Status = int.MinValue,
                Attempts = int.MinValue,
                BytesSent = long.MinValue,
                BytesReceived = long.MinValue,
                Microseconds = long.MinValue,
                QueueMicroseconds = long.MinValue,
                ConnectMicroseconds = long.MinValue,
                FirstByteMicroseconds = long.MinValue,
                Trace = new TraceId(ulong.MaxValue, ulong.MaxValue),
                Headers = headers,
                HeaderSource = longest,
            };
            Span<byte> line = new byte[AccessLine.BytesMax];
            int length = AccessLine.Write(line, record, AccessLogFormat.Json, All);
            using JsonDocument parsed = JsonDocument.Parse(line[..length].ToArray());
            Assert.Equal(AccessLogFields.CountMax, parsed.RootElement.EnumerateObject().Count());
            Assert.Equal(new string('f', 32), parsed.RootElement.GetProperty("traceId").GetString());
        }
    }

    [Theory]
    [InlineData("/a/b?c=d?e", "/a/b", "c=d?e")]
    [InlineData("/a", "/a", "")]
    [InlineData("/?", "/", "")]
    [InlineData("/a://b/c", "/a://b/c", "")]
    [InlineData("http://x/a/b?c", "/a/b", "c")]
    [InlineData("http://x?c=http://y/z", "/", "c=http://y/z")]
    [InlineData("http://x", "/", "")]
    [InlineData("*", "*", "")]
    [InlineData("x:443", "x:443", "")]
    [InlineData("", "", "")]
    public void A_path_is_a_target_without_its_query_and_its_authority(string target, string path, string query)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(target);
        Assert.Equal((path, query), (Encoding.ASCII.GetString(AccessJson.PathOf(bytes)), Encoding.ASCII.GetString(AccessJson.QueryOf(bytes))));
    }

    [Fact]
    public void A_line_costs_no_allocation()
    {
        byte[] line = new byte[AccessLine.BytesMax];
        Write();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Write();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Write()
        {
            AccessLine.Write(line, Sample("/a\"b"u8), AccessLogFormat.Combined, AccessFields.Default);
            AccessLine.Write(line, Sample("/a\"b"u8), AccessLogFormat.Json, AccessFields.Default);
            AccessLine.Write(line, Sample("/a\"b"u8), AccessLogFormat.Json, All);
        }
    }

    private static readonly AccessFields All = new(
        AccessLogFields.Names.Concat(Enumerable.Range(0, AccessLogFields.CountMax)
            .Select(i => AccessLogFields.HeaderPrefix + i.ToString("d2", System.Globalization.CultureInfo.InvariantCulture).PadRight(AccessLogFields.HeaderNameCharsMax, 'x')))
            .Take(AccessLogFields.CountMax));

    private static AccessRecord Sample(ReadOnlySpan<byte> target) => new()
    {
        UnixMilliseconds = 1_794_128_703_007,
        Client = "10.1.2.3"u8,
        Method = "GET"u8,
        Target = target,
        Version = "HTTP/1.1"u8,
        Status = 200,
        BytesSent = 1234,
        Referer = "http://x/"u8,
        UserAgent = "Moz illa/5.0"u8,
        RequestId = "0af3"u8,
        Pool = "web",
        Backend = "web-1",
        Microseconds = 1500,
    };

    private static string Line(AccessRecord record, AccessLogFormat format)
    {
        Span<byte> line = stackalloc byte[AccessLine.BytesMax];
        return Encoding.Latin1.GetString(line[..AccessLine.Write(line, record, format, AccessFields.Default)]);
    }
}
