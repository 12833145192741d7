using ActorLb.Engine.Listeners;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class KestrelDescriptorTests : IDisposable
{
    private readonly CertificateFiles _certificate = new();

    public void Dispose() => _certificate.Dispose();

    [Fact]
    public async Task One_connection_of_HTTP2_does_not_take_all_descriptors_by_its_many_requests()
    {
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await answers.Task;
            await connection.AnswerAsync("");
        });
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Sticky = false, Tls = _certificate.Pfx }, backend.Address);
        lane.Plane.Connections.Fit(new DescriptorShares(Clients: 2, Kept: 2, Reserve: 0));
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
        for (int i = 1; i <= 3; i++)
        {
            await AskAsync(client);
            await TestLane.UntilAsync(() => backend.Connections == i);
        }

        Http2Answer beyond = await client.ReadAnswerAsync(await AskAsync(client));

        Assert.Equal(503, beyond.Status);
        Assert.Contains("out-of-sockets", beyond.Head, StringComparison.Ordinal);
        Assert.Equal(3, backend.Connections);
        Assert.False(lane.Traffic(backend.Address).CircuitOpen);
        answers.SetResult();
    }

    private static Task<int> AskAsync(RawHttp2Client client) => client.SendHeadAsync(
        [(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/")], ends: true);
}
