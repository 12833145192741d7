using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>
/// Every octet in every place of a request of HTTP/1.1: what reaches a backend is nothing, or one well-formed request whose
/// octets are those that the client sent.
/// </summary>
public abstract class OctetTests(ListenerEngine engine)
{
    private static readonly string[] Ends = ["\r", "\n", "\r\n", "\n\r", "\r\n\r\n", "\0", " \r\n", "\r\n ", "\t\r\n", ":\r\n", "\r\nX-Own: 1\r\n"];

    /// <summary>One octet each, those that could end a line together, and many of one that is no ASCII.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        .. Enumerable.Range(0, 256).Select(o => ((char)o).ToString()),
        .. Ends,
        .. from before in "\0\t \u00c3:" from end in Ends select before + end,
        new string('\u00c3', 300),
        new string('a', 300),
    ];

    [Theory]
    [InlineData("A{0}B", "/t", "host.example", "X-Name", "v")]
    [InlineData("GET", "/a{0}b", "host.example", "X-Name", "v")]
    [InlineData("GET", "/t", "a{0}b", "X-Name", "v")]
    [InlineData("GET", "/t", "host.example", "X-A{0}B", "v")]
    [InlineData("GET", "/t", "host.example", "X-Name", "a{0}b")]
    public async Task Nothing_or_what_was_sent_reaches_a_backend(string method, string target, string host, string name, string value)
    {
        await using var backend = new OctetBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Sticky = false }, backend.Address);
        foreach (string text in Texts)
        {
            string Of(string form) => form.Replace("{0}", text, StringComparison.Ordinal);
            string answer = await RawClient.ExchangeAsync(
                lane.Endpoint, $"{Of(method)} {Of(target)} HTTP/1.1\r\nHost: {Of(host)}\r\n{Of(name)}: {Of(value)}\r\nConnection: close\r\n\r\n");

            foreach (string record in await backend.TakeAsync())
            {
                OctetRecord? seen = OctetRecord.Of(record);
                Assert.True(seen is not null, $"{Hex(text)} in {method} {target} {host} {name} {value} became: {record}");
                if (text.Contains('\r', StringComparison.Ordinal) && text.Contains('\n', StringComparison.Ordinal))
                {
                    // The client itself has sent a line more, or an end.
                    continue;
                }

                Assert.Equal((Of(method), Of(target), Of(host).Trim()), (seen.Method, seen.Target, seen["Host"].Single()));
                Assert.Contains(
                    (Of(name) + ":" + Of(value)).Replace(" ", "", StringComparison.Ordinal),
                    seen.Fields.Select(f => $"{f.Name}:{f.Value}".Replace(" ", "", StringComparison.Ordinal)));
                Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Trailers_reach_a_backend_as_they_were_sent_or_not_at_all()
    {
        await using var backend = new OctetBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Sticky = false }, backend.Address);
        foreach (string text in Texts)
        {
            await RawClient.ExchangeAsync(
                lane.Endpoint,
                $"POST /t HTTP/1.1\r\nHost: x\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n0\r\nX-Sum: a{text}b\r\n\r\n");
            foreach (OctetRecord seen in (await backend.TakeAsync()).Select(OctetRecord.Of).OfType<OctetRecord>())
            {
                // One that was cut off has no end; of one with a line more, what is behind it is none of the announced.
                int end = seen.Body.IndexOf("\r\n0\r\n", StringComparison.Ordinal);
                if (end >= 0 && !text.Contains('\n', StringComparison.Ordinal))
                {
                    Assert.Contains(seen.Body[(end + 5)..].Replace(" ", "", StringComparison.Ordinal), (string[])["\r\n", $"X-Sum:a{text}b\r\n\r\n".Replace(" ", "", StringComparison.Ordinal)]);
                }
            }
        }
    }

    [Theory]
    [InlineData("O{0}K", "X-Name", "v")]
    [InlineData("OK", "X-A{0}B", "v")]
    [InlineData("OK", "X-Name", "a{0}b")]
    public async Task What_a_backend_says_reaches_a_client_as_it_is_or_is_refused(string reason, string name, string value)
    {
        string next = "";
        await using var backend = new OctetBackend(() => next);
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Sticky = false }, backend.Address);
        foreach (string text in Texts.Where(t => !t.Contains("\r\n", StringComparison.Ordinal)))
        {
            string Of(string form) => form.Replace("{0}", text, StringComparison.Ordinal);
            next = $"HTTP/1.1 200 {Of(reason)}\r\n{Of(name)}: {Of(value)}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
            string answer = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            await backend.TakeAsync();
            if (answer.StartsWith("HTTP/1.1 502 ", StringComparison.Ordinal))
            {
                continue;
            }

            Assert.StartsWith($"HTTP/1.1 200 {Of(reason)}\r\n", answer, StringComparison.Ordinal);
            Assert.Contains($"{Of(name)}: {Of(value)}".Replace(" ", "", StringComparison.Ordinal), answer.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\nok", answer, StringComparison.Ordinal);
        }
    }

    private static string Hex(string text) => Convert.ToHexString(System.Text.Encoding.Latin1.GetBytes(text));
}

public sealed class EpollOctetTests() : OctetTests(ListenerEngine.Epoll);

public sealed class KestrelOctetTests() : OctetTests(ListenerEngine.Kestrel);
