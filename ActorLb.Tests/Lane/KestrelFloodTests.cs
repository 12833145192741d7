using ActorLb.Engine.Http2;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class KestrelFloodTests : IDisposable
{
    private static readonly (string Name, string Value)[] Get = [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/")];
    private static readonly (string Name, string Value)[] Post = [(":method", "POST"), (":scheme", "https"), (":authority", "a"), (":path", "/")];

    private readonly CertificateFiles _certificate = new();

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData(6, 0, 0, 8, FloodKind.Pings)]
    [InlineData(4, 0, 0, 0, FloodKind.Settings)]
    [InlineData(2, 0, 1, 5, FloodKind.Priorities)]
    [InlineData(0, 0, 1, 0, FloodKind.EmptyData)]
    [InlineData(0x42, 0, 0, 0, FloodKind.UnknownFrames)]
    [InlineData(9, 0, 3, 0, FloodKind.Continuations)]
    public async Task A_flood_of_frames_that_carry_nothing_ends_the_connection(byte type, byte flags, int stream, int length, FloodKind kind)
    {
        await using var backend = new RawBackend(c => c.UntilClosedAsync());
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = _certificate.Pfx }, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
        await client.AcknowledgeSettingsAsync();
        int upload = await client.SendHeadAsync(Post, ends: false);
        if (type == 9)
        {
            // A block of fields that does not end.
            await client.WriteFrameAsync(1, 0, stream, []);
        }

        Task<Http2Answer> answer = client.ReadAnswerAsync(upload);
        while (!answer.IsCompleted)
        {
            await client.WriteFrameAsync(type, flags, stream, new byte[length]);
        }

        Assert.True((await answer).HasEndedConnection);
        await TestLane.UntilAsync(() => lane.Plane.Floods[kind] == 1);
    }

    [Fact]
    public async Task Rapid_resets_end_the_connection()
    {
        await using var backend = new RawBackend(c => c.UntilClosedAsync());
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = _certificate.Pfx }, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
        Task<Http2Answer> answer = client.ReadAnswerAsync(0);
        while (!answer.IsCompleted)
        {
            await client.WriteFrameAsync(3, 0, await client.SendHeadAsync(Get, ends: true), [0, 0, 0, 8]);
        }

        Assert.True((await answer).HasEndedConnection);
    }

    [Fact]
    public async Task Others_are_served_meanwhile_and_many_requests_are_no_flood()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("one");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = _certificate.Pfx }, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
        for (int i = 0; i < 1000; i++)
        {
            Http2Answer answer = await client.ExchangeAsync(Get);
            Assert.Equal((200, "one"), (answer.Status, answer.Body));
            await client.WriteFrameAsync(8, 0, 0, [0, 0, 0, 3]);
        }

        Assert.All(FloodCounts.Kinds, k => Assert.Equal(0, lane.Plane.Floods[k.Kind]));
    }
}
