using System.Net.Sockets;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Requests that come back to the balancer that sent them.</summary>
public abstract class LoopTests(ListenerEngine engine)
{
    private const int PassesMax = 8;

    [Theory]
    [InlineData("")]
    [InlineData("CDN-Loop: other\r\n")]
    public async Task A_backend_that_leads_back_to_the_listener_costs_eight_passes_and_an_answer(string field)
    {
        TestLane lane = null!;
        await using var relay = new RawBackend(async connection =>
        {
            using var back = new TcpClient();
            await back.ConnectAsync(lane.Endpoint);
            await Task.WhenAny(connection.Stream.CopyToAsync(back.GetStream()), back.GetStream().CopyToAsync(connection.Stream));
        });
        await using TestLane own = await TestLane.StartAsync(engine, relay.Address);
        lane = own;

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\n{field}Connection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 508 Loop Detected\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("508 loop-detected", answer, StringComparison.Ordinal);
        Assert.Equal(PassesMax, relay.Connections);
        Assert.False(lane.Traffic(relay.Address).CircuitOpen);
    }

    [Theory]
    [InlineData("", "actorlb")]
    [InlineData("CDN-Loop: fastly;a=\"b\"\r\ncdn-loop: other.example\r\n", "fastly;a=\"b\", other.example, actorlb")]
    [InlineData("CDN-Loop: actorlb, ActorLb;v=1\r\n", "actorlb, ActorLb;v=1, actorlb")]
    [InlineData("CDN-Loop: actorlbs, xactorlb, a, b, c, d, e, f, g, h\r\n", "actorlbs, xactorlb, a, b, c, d, e, f, g, h, actorlb")]
    public async Task A_request_that_passed_others_goes_on_with_our_mark_at_the_end(string fields, string expected)
    {
        await using var backend = new RawBackend(EchoMarkAsync);
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\n{fields}Connection: close\r\n\r\n");

        Assert.EndsWith($"\r\n\r\n{expected}", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_balancers_one_behind_the_other_are_no_loop()
    {
        await using var backend = new RawBackend(EchoMarkAsync);
        await using TestLane behind = await TestLane.StartAsync(engine, backend.Address);
        await using TestLane before = await TestLane.StartAsync(engine, new Uri($"http://{behind.Endpoint}"));

        Assert.Equal("actorlb, actorlb", await before.GetAsync());
    }

    [Theory]
    [InlineData("CDN-Loop: actorlb, actorlb, actorlb, actorlb, actorlb, actorlb, actorlb, actorlb\r\n")]
    [InlineData("CDN-Loop: actorlb ;a=1,actorlb,ACTORLB, actorlb\r\nCDN-Loop: x\r\nCDN-Loop: actorlb,,actorlb, actorlb;x, actorlb\r\n")]
    public async Task A_mark_that_a_client_forged_costs_its_own_request_alone(string fields)
    {
        await using var backend = new RawBackend(EchoMarkAsync);
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        string forged = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\n{fields}Connection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 508 ", forged, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: loop-detected\r\n", forged, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, backend.Connections);
        Assert.Equal("actorlb", await lane.GetAsync());
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    // Answers with the value of the request's only CDN-Loop line.
    private static async Task EchoMarkAsync(RawConnection connection)
    {
        while (await connection.ReadHeadAsync() is { } head)
        {
            const string Name = "CDN-Loop: ";
            await connection.AnswerAsync(head.Split("\r\n").Single(l => l.StartsWith(Name, StringComparison.OrdinalIgnoreCase))[Name.Length..]);
        }
    }
}
