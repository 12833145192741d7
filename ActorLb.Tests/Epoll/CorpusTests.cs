using System.Text;
using System.Text.RegularExpressions;
using ActorLb.Bench.Http1.Corpus;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Lane;
using Xunit;

namespace ActorLb.Tests.Epoll;

/// <summary>
/// The corpora through a whole lane: for each request the backend sees nothing, or exactly the requests that were meant,
/// written anew; of each answer that can be read in two ways the client sees nothing.
/// </summary>
public sealed partial class CorpusTests
{
    private static readonly LaneOptions Options = new() { Engine = ListenerEngine.Epoll };

    public static IEnumerable<object[]> Files(bool requests) =>
        CorpusReader.All.Where(c => c.IsRequest == requests).Select(c => c.File).Distinct().Select(f => new object[] { f });

    [Theory]
    [MemberData(nameof(Files), true)]
    public async Task A_backend_sees_nothing_or_what_was_meant(string file)
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        foreach (CorpusCase c in CorpusReader.All.Where(c => c.File == file))
        {
            MessageReading[] meant = Meant(c.Bytes, out bool isRefused);

            string answer = await ExchangeAsync(lane, c.Bytes);

            RecordedRequest[] seen = backend.Take();
            Assert.True(meant.Length == seen.Length, $"{c}: {seen.Length} requests instead of {meant.Length}: {string.Join("\n", seen.Select(s => s.Head))}\n{answer}");
            foreach ((MessageReading reading, RecordedRequest request) in meant.Zip(seen))
            {
                Check(c, reading, request, backend.Address.Authority);
            }

            Assert.True(!isRefused || Refusal().IsMatch(answer), $"{c}: {answer}");
            Assert.Equal(meant.Length, Regex.Count(answer, "HTTP/1.1 200 OK\r\n"));
        }
    }

    [Theory]
    [MemberData(nameof(Files), false)]
    public async Task A_client_sees_what_was_meant_or_that_the_backend_failed(string file)
    {
        byte[] bytes = [];
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Client.GetStream().WriteAsync(bytes);
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        foreach (CorpusCase c in CorpusReader.All.Where(c => c.File == file))
        {
            bytes = c.Bytes;
            string method = c["to"] == "HEAD" ? "HEAD" : "GET";
            string upgrade = c.Says("asked") ? "Connection: Upgrade\r\nUpgrade: websocket\r\n" : "Connection: close\r\n";

            string answer = await ExchangeAsync(lane, Encoding.ASCII.GetBytes($"{method} / HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n"));

            MessageReading reading = Final(c);
            if (reading.Facts.ContainsKey("final") && reading.Status == ParseStatus.Complete)
            {
                Assert.True(Regex.IsMatch(answer, $"^(HTTP/1.1 1[^\r]*\r\n([^\r]+\r\n)*\r\n)*HTTP/1.1 {reading.Start[0]} "), $"{c}: {answer}");
            }
            else if (!answer.StartsWith("HTTP/1.1 502 ", StringComparison.Ordinal) && !answer.Contains("\r\n\r\nHTTP/1.1 502 ", StringComparison.Ordinal))
            {
                // The head was well: then the body must not look whole.
                Assert.True(reading.Status != ParseStatus.Complete && !answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal), $"{c}: {answer}");
            }
        }
    }

    /// <summary>What the answer says behind those that only tell of it.</summary>
    private static MessageReading Final(CorpusCase c)
    {
        byte[] rest = c.Bytes;
        MessageReading reading = MessageReading.Of(c);
        while (reading.Status == ParseStatus.Complete && reading.Facts.ContainsKey("interim"))
        {
            rest = rest[reading.Consumed..];
            reading = MessageReading.OfResponse(rest, c["to"] == "HEAD" ? RequestMethod.Head : RequestMethod.Get, c.Says("asked"));
        }

        return reading;
    }

    private static async Task<string> ExchangeAsync(TestLane lane, byte[] bytes)
    {
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        try
        {
            await client.SendAsync(Encoding.Latin1.GetString(bytes));
            client.Finish();
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            // Refused before all of it was sent.
        }

        return await client.ReadToEndAsync();
    }

    /// <summary>The requests that stand in the bytes one after the other, until one is refused, cut off, or the last.</summary>
    private static MessageReading[] Meant(ReadOnlySpan<byte> bytes, out bool isRefused)
    {
        var meant = new List<MessageReading>();
        isRefused = false;
        while (!bytes.IsEmpty)
        {
            MessageReading reading = MessageReading.OfRequest(bytes);
            isRefused = reading.Status == ParseStatus.Rejected;
            if (reading.Status != ParseStatus.Complete)
            {
                break;
            }

            meant.Add(reading);
            if (reading.Start[4] == "close")
            {
                break;
            }

            bytes = bytes[reading.Consumed..];
        }

        return [.. meant];
    }

    private static void Check(CorpusCase c, MessageReading meant, RecordedRequest seen, string backend)
    {
        string path = meant.Facts["path"];
        string host = meant.Facts["host"];
        string target = path.StartsWith('/') ? path : path.Length == 0 && meant.Start[0] == "OPTIONS" ? "*" : path == "*" ? "*" : "/" + path;
        Assert.Equal($"{meant.Start[0]} {target} HTTP/1.1", seen.Lines[0]);
        Assert.Equal(host.Length > 0 ? host : meant.Start[2] == "1.0" ? backend : "", seen["Host"]);
        Assert.Equal(meant.Facts["body"], seen.Body);
        Assert.Single(seen.Values("Host"));
        Assert.InRange(seen.Values("Content-Length").Length + seen.Values("Transfer-Encoding").Length, 0, 1);
        Assert.All(seen.Lines[1..], line => Assert.True(Field().IsMatch(line), $"{c}: {line}"));
        Assert.DoesNotContain(seen.Values("Connection"), v => !v.Equals("Upgrade", StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex("""^[!#$%&'*+\-.^_`|~0-9A-Za-z]+: ?([^\x00-\x08\x0a-\x20\x7f]([^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?)?$""")]
    private static partial Regex Field();

    [GeneratedRegex("""HTTP/1\.1 [45]\d\d [^\r]*\r\n(?:[^\r]+\r\n)*X-ActorLb-Reason: [a-z-]+\r\n""")]
    private static partial Regex Refusal();
}
