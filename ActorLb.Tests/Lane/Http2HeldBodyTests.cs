using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>The same over HTTP/2, where bodies come without a length and in frames.</summary>
public sealed class Http2HeldBodyTests : IDisposable
{
    private readonly CertificateFiles _certificate = new();

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData("PUT", true, false)]
    [InlineData("PUT", false, false)]
    [InlineData("PUT", false, true)]
    [InlineData("POST", false, true)]
    public async Task A_body_that_the_first_backend_took_reaches_the_second_whole(string method, bool hasLength, bool hasTrailers)
    {
        string body = new('b', 10_000);
        await using RecordingBackends backends = RecordingBackends.SickFor(1);
        await using TestLane lane = await TestLane.StartAsync(
            new LaneOptions
            {
                Sticky = false,
                Tls = _certificate.Pfx,
                Retry = new RetrySettings(100, [new StatusRange(503, 503)]) { BodyBytes = 10_000 },
            },
            backends.Addresses);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
        List<(string, string)> head = [(":method", method), (":scheme", "https"), (":authority", "a"), (":path", "/")];
        if (hasLength)
        {
            head.Add(("content-length", "10000"));
        }

        Http2Answer answer = await client.ExchangeAsync(
            hasTrailers ? [.. head, ("trailer", "x-sum")] : head, body, hasTrailers ? [("x-sum", "1234")] : null);

        bool isSentAgain = method == "PUT";
        Assert.Equal(isSentAgain ? (200, "well") : (503, "sick"), (answer.Status, answer.Body));
        Assert.Equal(isSentAgain ? 2 : 1, backends.Seen.Count);
        Assert.All(backends.Seen, s => Assert.Equal((body, hasTrailers ? "x-sum: 1234\n" : ""), (s.Body, s.Trailers)));
    }
}
