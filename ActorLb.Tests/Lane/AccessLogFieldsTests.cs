using System.Text.Json;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What was chosen for the access log is told alike by both lanes.</summary>
public abstract class AccessLogFieldsTests(ListenerEngine engine)
{
    private static LaneOptions Logging(params string[] fields) =>
        new() { AccessLog = AccessLogTests.Json with { Fields = [.. fields] }, Traces = new TraceSettings(1, 1000) };

    [Fact]
    public async Task A_line_has_what_was_chosen_in_its_order_and_nothing_else()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(async c =>
        {
            await c.Request.Body.CopyToAsync(Stream.Null);
            await c.Response.WriteAsync("hello");
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine,
            Logging("method", "path", "query", "host", "tls", "listener", "route", "pool", "attempts", "session", "bytesReceived", "bytes", "queueMicroseconds", "header:x-tenant", "header:cookie", "header:absent", "traceId"),
            backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(
            "POST /a/b?c=d&e HTTP/1.1\r\nHost: shop.example\r\nX-Tenant: one\r\nx-tenant: two\r\nCookie: a=1\r\nContent-Length: 3\r\n"
            + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\nabc");
        await client.ReadHeadAsync();
        Assert.Equal(
            "{\"method\":\"POST\",\"path\":\"/a/b\",\"query\":\"c=d&e\",\"host\":\"shop.example\",\"tls\":\"\",\"listener\":\"http\",\"route\":\"*/\",\"pool\":\"web\",\"attempts\":1,"
            + "\"session\":\"new\",\"bytesReceived\":3,\"bytes\":5,\"queueMicroseconds\":null,\"header:x-tenant\":\"two\",\"header:cookie\":\"a=1\",\"header:absent\":\"\","
            + "\"traceId\":\"0af7651916cd43dd8448eb211c80319c\"}",
            (await AccessLogTests.NextAsync(lane)).GetRawText());
    }

    [Fact]
    public async Task Each_phase_that_there_was_has_its_duration_within_the_whole()
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SampleBackend backend = await SampleBackend.StartAsync(async c =>
        {
            await released.Task;
            await c.Response.WriteAsync("x");
        });
        LaneOptions options = Logging("target", "microseconds", "queueMicroseconds", "connectMicroseconds", "firstByteMicroseconds") with { MaxConnections = 1, Loops = 1 };
        await using TestLane lane = await TestLane.StartAsync(engine, options, backend.Address);
        Task<string> first = lane.GetAsync("/first");
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).InFlight == 1);
        Task<string> second = lane.GetAsync("/second");
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).Gate.Waiting == 1);
        released.SetResult();
        await Task.WhenAll(first, second);

        List<JsonElement> lines = await AccessLogTests.NextAsync(lane, 2);
        JsonElement made = lines.Single(l => l.GetProperty("target").GetString() == "/first");
        Assert.Equal(JsonValueKind.Null, made.GetProperty("queueMicroseconds").ValueKind);
        Assert.InRange(made.GetProperty("connectMicroseconds").GetInt64(), 0, made.GetProperty("microseconds").GetInt64());
        Assert.InRange(made.GetProperty("firstByteMicroseconds").GetInt64(), 0, made.GetProperty("microseconds").GetInt64());
        JsonElement waited = lines.Single(l => l.GetProperty("target").GetString() == "/second");
        Assert.InRange(waited.GetProperty("queueMicroseconds").GetInt64(), 0, waited.GetProperty("microseconds").GetInt64());
        Assert.InRange(waited.GetProperty("firstByteMicroseconds").GetInt64(), 0, waited.GetProperty("microseconds").GetInt64());
    }

    [Fact]
    public async Task What_became_of_a_session_and_how_often_a_backend_was_asked_is_told()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Logging("session", "attempts", "backend"), a.Address, b.Address);
        using HttpResponseMessage begun = await lane.SendAsync(HttpMethod.Get, "/");
        string home = await begun.Content.ReadAsStringAsync();
        string ticket = TestLane.TicketOf(begun)!;
        Assert.Equal("new", await SessionAsync());
        await lane.SendAsync(HttpMethod.Get, "/", ticket);
        Assert.Equal("known", await SessionAsync());
        lane.Publish(home == "a" ? a.Address : b.Address, BackendHealth.Down);
        await lane.SendAsync(HttpMethod.Get, "/", ticket);
        Assert.Equal("moved", await SessionAsync());

        async Task<string?> SessionAsync() => (await AccessLogTests.NextAsync(lane)).GetProperty("session").GetString();
    }

    [Fact]
    public async Task A_request_that_is_refused_unread_has_its_listener_and_no_other_values()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine, Logging("listener", "status", "host", "session", "header:x-tenant", "traceId", "connectMicroseconds", "firstByteMicroseconds", "attempts"), backend.Address);
        await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nX-Tenant: one\r\nbad header\r\n\r\n");
        Assert.Equal(
            "{\"listener\":\"http\",\"status\":400,\"host\":\"\",\"session\":\"\",\"header:x-tenant\":\"\",\"traceId\":\"\",\"connectMicroseconds\":null,\"firstByteMicroseconds\":null,\"attempts\":0}",
            (await AccessLogTests.NextAsync(lane)).GetRawText());
    }

    [Fact]
    public async Task Without_traces_there_is_no_trace()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Logging("traceId") with { Traces = TraceSettings.Off }, backend.Address);
        await lane.GetAsync();
        Assert.Equal("{\"traceId\":\"\"}", (await AccessLogTests.NextAsync(lane)).GetRawText());
    }
}

public sealed class TlsAccessLogFieldsTests
{
    [Theory]
    [InlineData("1.1", "HTTP/1.1")]
    [InlineData("2.0", "HTTP/2")]
    public async Task The_version_of_TLS_and_the_protocol_are_told(string version, string told)
    {
        using var files = new CertificateFiles();
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            new LaneOptions { Tls = files.Pfx, AccessLog = AccessLogTests.Json with { Fields = ["tls", "version", "host"] } }, backend.Address);
        using HttpClient client = ProtocolTests.Trusting(version);
        await client.GetStringAsync($"https://{lane.Endpoint}/");
        Assert.Equal(
            $"{{\"tls\":\"TLSv1.3\",\"version\":\"{told}\",\"host\":\"{lane.Endpoint}\"}}", (await AccessLogTests.NextAsync(lane)).GetRawText());
    }
}
