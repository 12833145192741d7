using System.Globalization;
using System.Text;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>
/// Answers of backends that are unusual or wrong, and what a client gets in their place: status and body, or the name of the
/// failure; "cut" where it sees that something is missing. The same on both lanes.
/// </summary>
public abstract class OddAnswerTests(ListenerEngine engine)
{
    private const string Bad = "502 backend-bad-response";

    private const string Reset = "502 backend-reset";

    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    public static TheoryData<string, string> Answers() => new()
    {
        // Where the body ends.
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world", "200 hello" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "200 hel cut" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "200  cut" },
        { "HTTP/1.1 200 OK\r\n\r\nhello", "200 hello" },
        { "HTTP/1.0 200 OK\r\n\r\nhello", "200 hello" },
        { "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
        { "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhello", "200 hello" },
        { "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", "204 " },
        { "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "204 " },
        { "HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nhello", "205 " },
        { "HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "205 " },
        { "HTTP/1.1 205 Reset Content\r\n\r\nhello", "205 " },
        { "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 " },
        { "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", "304 " },
        { "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "304 " },

        // What comes before it.
        { Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 200) + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
        { "HTTP/1.1 199 Odd\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
        { "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
        { "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Bad },
        { "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello", Bad },
        { "HTTP/1.1 100 Continue\r\n\r\n", Reset },

        // Two ways to say where it ends.
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", Bad },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nContent-Length: -0\r\n\r\n", Bad },
        { "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", Bad },
        { "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", Bad },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", Bad },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", Bad },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: \r\n\r\nhello", Bad },

        // Chunks.
        { Chunked + "5\r\nhello\r\n0\r\n\r\n", "200 hello" },
        { Chunked + "005\r\nhello\r\n000\r\n\r\n", "200 hello" },
        { Chunked + "5;a=b\r\nhello\r\n0;c\r\n\r\n", "200 hello" },
        { Chunked + "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", "200 hello" },
        { Chunked + "5\r\nhello\r\n", "200 hello cut" },
        { Chunked + "5\r\nhel", "200 hel cut" },
        { Chunked, "200  cut" },
        { Chunked + "5 \r\nhello\r\n0\r\n\r\n", Bad },
        { Chunked + "-5\r\nhello\r\n0\r\n\r\n", Bad },
        { Chunked + "0x5\r\nhello\r\n0\r\n\r\n", Bad },
        { Chunked + "z\r\nhello\r\n0\r\n\r\n", Bad },
        { Chunked + "00000000000000005\r\nhello\r\n0\r\n\r\n", Bad },
        { Chunked + "5\nhello\r\n0\r\n\r\n", Bad },
        { Chunked + "5\r\nhello0\r\n\r\n", Bad },
        { Chunked + "5;" + new string('a', 300) + "\r\nhello\r\n0\r\n\r\n", Bad },
        { Chunked + "5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n", Bad },
        { Chunked + "5\r\nhello\r\n0\r\nX : 1\r\n\r\n", Bad },

        // The status line.
        { "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
        { "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
        { "HTTP/1.1 200 Na\u00efve\r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
        { "HTTP/1.1 600 Odd\r\nContent-Length: 5\r\n\r\nhello", "600 hello" },
        { "HTTP/1.1 999 Odd\r\nContent-Length: 5\r\n\r\nhello", "999 hello" },
        { "HTTP/1.1 099 Odd\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 000 Odd\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 1000 Odd\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 20 Odd\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1  200 OK\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "http/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "<html>hello</html>\r\n", Bad },
        { "HTTP/1.1 200 " + new string('x', 9000) + "\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "hello", Reset },
        { "HTTP/1.1 200 O", Reset },
        { "", Reset },

        // Field lines.
        { "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nX\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nX\u00e9: a\r\nContent-Length: 5\r\n\r\nhello", Bad },
        { "HTTP/1.1 200 OK\r\nX:\r\nX: \u00e9\r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
        { "HTTP/1.1 200 OK\r\nX: " + new string('x', 40_000) + "\r\nContent-Length: 5\r\n\r\nhello", Bad + " larger than allowed" },
        { "HTTP/1.1 200 OK\r\n" + Repeat("X: y\r\n", 101) + "Content-Length: 5\r\n\r\nhello", Bad + " more fields than allowed" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", Reset },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_odd_answer_is_understood_in_one_way_or_refused(string answer, string expected)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(answer);

            // Closing at once is a reset where the system is short of memory.
            connection.Client.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        string got = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.Equal(expected, Summary(got, expected));
    }

    /// <summary>Read in the plainest way.</summary>
    private static string Summary(string got, string expected)
    {
        int end = 0;
        string[] head;
        do
        {
            int start = end;
            end = got.IndexOf("\r\n\r\n", start, StringComparison.Ordinal) + 4;
            Assert.True(end >= 4, $"no whole head: '{got}'");
            head = got[start..(end - 4)].Split("\r\n");
        }
        while (head[0].StartsWith("HTTP/1.1 1", StringComparison.Ordinal));
        string body = got[end..];
        string status = head[0].Split(' ')[1];
        if (Value(head, "X-ActorLb-Reason") is { } reason)
        {
            string more = expected.Length > Bad.Length && expected.StartsWith(Bad, StringComparison.Ordinal) ? expected[Bad.Length..] : "";
            return $"{status} {reason}{(body.Contains(more, StringComparison.Ordinal) ? more : body)}";
        }

        if (Value(head, "Transfer-Encoding") is "chunked")
        {
            return $"{status} {Unchunked(body)}";
        }

        bool hasBody = status is not ("204" or "205" or "304");
        int length = int.Parse(Value(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture);
        return $"{status} {body}{(hasBody && body.Length < length ? " cut" : "")}";
    }

    private static string? Value(string[] head, string name) => head
        .FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private static string Unchunked(string text)
    {
        var body = new StringBuilder();
        int at = 0;
        while (text.IndexOf("\r\n", at, StringComparison.Ordinal) is var end and >= 0)
        {
            int size = int.Parse(text.AsSpan(at, end - at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                return body.ToString();
            }

            body.Append(text.AsSpan(end + 2, Math.Min(size, text.Length - end - 2)));
            at = Math.Min(text.Length, end + 2 + size + 2);
        }

        return $"{body} cut";
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
