using System.Text.Json;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What the access log says of answers that no backend gave: the status that was sent.</summary>
public abstract class OwnAnswerLogTests(ListenerEngine engine)
{
    private static readonly LaneOptions Logged = new() { AccessLog = AccessLogTests.Json };

    private static readonly (string Name, string Value)[] Get = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/")];

    [Theory]
    [InlineData(301, "")]
    [InlineData(308, "")]
    [InlineData(410, "gone")]
    [InlineData(204, "")]
    public async Task An_answer_of_a_route_has_its_own_status(int status, string body)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        RouteFilterSettings filters = status is 301 or 308
            ? RouteFilterSettings.None with { Redirect = new RedirectSettings("/x", status) }
            : RouteFilterSettings.None with { Respond = new RespondSettings(status, body, "") };

        await SaysAsync(Logged with { Conditions = r => r with { Filters = filters } }, backend.Address, status, "answered-by-route", body.Length);
    }

    [Fact]
    public async Task So_has_the_way_to_https()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await SaysAsync(Logged with { Listener = l => l with { RedirectToHttps = 443 } }, backend.Address, 308, "answered-by-route", 0);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(403)]
    public async Task So_has_what_a_server_says_that_is_asked_who_may_come(int status)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using SampleBackend asked = await SampleBackend.StartAsync(c =>
        {
            c.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        RouteFilterSettings filters = RouteFilterSettings.None with { ForwardAuth = new ForwardAuthSettings(asked.Address, [], TimeSpan.FromSeconds(20), false) };

        await SaysAsync(Logged with { Conditions = r => r with { Filters = filters } }, backend.Address, status, "not-authorized", 0);
    }

    private async Task SaysAsync(LaneOptions options, Uri backend, int status, string reason, int bytes)
    {
        await using (TestLane lane = await TestLane.StartAsync(engine, options, backend))
        {
            string answer = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
            await LogsAsync(lane, "HTTP/1.1", status, reason, bytes);
        }

        if (engine == ListenerEngine.Kestrel)
        {
            await using TestLane lane = await TestLane.StartAsync(options with { Http2 = ListenerHttp2.Cleartext, AskedEngine = ListenerEngine.Auto }, backend);
            using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint, tls: false);
            Assert.Equal(status, (await client.ExchangeAsync(Get)).Status);
            await LogsAsync(lane, "HTTP/2", status, reason, bytes);
        }
    }

    private static async Task LogsAsync(TestLane lane, string version, int status, string reason, int bytes)
    {
        JsonElement line = await AccessLogTests.NextAsync(lane);
        Assert.Equal(
            (version, status, reason, bytes),
            (line.GetProperty("version").GetString(), line.GetProperty("status").GetInt32(), line.GetProperty("reason").GetString(), line.GetProperty("bytes").GetInt32()));
    }
}
