using System.Diagnostics;
using System.Net.WebSockets;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Lane;
using Microsoft.AspNetCore.Http;
using Xunit;
using Backend = ActorLb.Tests.Lane.SampleBackend;

namespace ActorLb.Tests.Traces;

/// <summary>What spans say of requests, on both lanes alike.</summary>
public abstract class SpanTests(ListenerEngine engine)
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Span = "b7ad6b7169203331";
    private const string Sampled = $"traceparent: 00-{Trace}-{Span}-01\r\n";

    private static readonly TraceSettings All = new(1, 1000);
    private static readonly TraceSettings Passing = new(double.Epsilon, 1000);

    [Fact]
    public async Task A_request_is_a_span_and_its_attempt_another_whose_id_the_backend_gets()
    {
        await using Backend backend = await Backend.NamedAsync("well");
        await using TestLane lane = await StartAsync(Passing, backend.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        await AskAsync(lane, "GET /a%20b?secret=1 HTTP/1.1\r\nHost: shop.example:8443\r\n" + Sampled + "tracestate: a=1\r\n");

        Activity request = Assert.Single(await recorder.RequestsAsync(1));
        Activity attempt = Assert.Single(recorder.Of(ActivityKind.Client));
        Assert.Equal((Trace, Span, "a=1"), (request.TraceId.ToHexString(), request.ParentSpanId.ToHexString(), request.TraceStateString));
        Assert.Equal((Trace, request.SpanId), (attempt.TraceId.ToHexString(), attempt.ParentSpanId));
        Assert.Equal($"00-{Trace}-{attempt.SpanId.ToHexString()}-01", Assert.Single(backend.Seen)["traceparent"]);
        Assert.Equal("GET */", request.DisplayName);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["http.request.method"] = "GET",
                ["url.path"] = "/a%20b",
                ["url.scheme"] = "http",
                ["server.address"] = "shop.example",
                ["server.port"] = 8443,
                ["client.address"] = "127.0.0.1",
                ["network.protocol.version"] = "1.1",
                ["http.route"] = "*/",
                ["actorlb.attempts"] = 1,
                ["actorlb.pool"] = "web",
                ["actorlb.session"] = "new",
                ["actorlb.backend"] = backend.Address.Authority,
                ["http.response.status_code"] = 200,
            },
            Tags(request));
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["http.request.method"] = "GET",
                ["server.address"] = "127.0.0.1",
                ["server.port"] = backend.Address.Port,
                ["actorlb.pool"] = "web",
                ["actorlb.backend"] = backend.Address.Authority,
                ["http.response.status_code"] = 200,
            },
            Tags(attempt));
        Assert.True(request.Duration >= attempt.Duration);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task A_recorded_request_is_the_exemplar_of_the_bucket_that_counts_it()
    {
        await using Backend backend = await Backend.NamedAsync("well");
        await using TestLane lane = await StartAsync(Passing, backend.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        await AskAsync(lane, "GET / HTTP/1.1\r\nHost: shop.example\r\n");
        await AskAsync(lane, "GET / HTTP/1.1\r\nHost: shop.example\r\n" + Sampled);
        Activity request = Assert.Single(await recorder.RequestsAsync(1));

        RouteFigures route = Assert.Single(lane.Plane.Measurements.Read().Routes, r => r.Requests.CountOf(2) > 0);
        Exemplar exemplar = Assert.Single(route.Exemplars.Of(2).ToArray().OfType<Exemplar>());
        Assert.Equal((Trace, request.SpanId.ToHexString()), (exemplar.Trace, exemplar.Span));
        Assert.True(exemplar.Time > TimeSpan.Zero);
        Assert.Empty(route.Exemplars.Of(5).ToArray().OfType<Exemplar>());
    }

    [Fact]
    public async Task A_trace_that_begins_here_has_no_parent_and_its_id_is_the_backends()
    {
        await using Backend backend = await Backend.NamedAsync("well");
        await using TestLane lane = await StartAsync(All, backend.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        await AskAsync(lane, "GET / HTTP/1.1\r\nHost: shop.example\r\n");

        Activity request = Assert.Single(await recorder.RequestsAsync(1));
        Assert.Equal(default, request.ParentSpanId);
        Assert.Null(request.ParentId);
        Assert.StartsWith($"00-{request.TraceId.ToHexString()}-", Assert.Single(backend.Seen)["traceparent"], StringComparison.Ordinal);
        Assert.EndsWith("-01", backend.Seen.Single()["traceparent"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData($"traceparent: 00-{Trace}-{Span}-00\r\n")]
    public async Task What_is_not_sampled_has_no_span(string fields)
    {
        await using Backend backend = await Backend.NamedAsync("well");
        await using TestLane lane = await StartAsync(Passing, backend.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        await AskAsync(lane, "GET / HTTP/1.1\r\nHost: shop.example\r\n" + fields);
        await AskAsync(lane, "GET / HTTP/1.1\r\nHost: shop.example\r\n" + Sampled);
        Assert.Equal(Trace, Assert.Single(await recorder.RequestsAsync(1)).TraceId.ToHexString());
    }

    [Fact]
    public async Task An_attempt_that_failed_and_the_one_after_it_are_two_spans()
    {
        (Uri refusing, IDisposable owner) = NoBackend.Refusing();
        using IDisposable _ = owner;
        await using Backend backend = await Backend.NamedAsync("well");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Traces = All, Sticky = false }, refusing, backend.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        await AskAsync(lane, "GET / HTTP/1.1\r\nHost: shop.example\r\n");

        Activity request = Assert.Single(await recorder.RequestsAsync(1));
        Assert.Equal(2, request.GetTagItem("actorlb.attempts"));
        Activity[] attempts = [.. recorder.Of(ActivityKind.Client).Where(a => a.ParentSpanId == request.SpanId)];
        Assert.Equal([refusing.Authority, backend.Address.Authority], attempts.Select(a => a.GetTagItem("actorlb.backend")));
        Assert.Equal(["backend-connect-failed", null], attempts.Select(a => a.GetTagItem("error.type")));
        Assert.Equal([null, 200], attempts.Select(a => a.GetTagItem("http.response.status_code")));
        Assert.Equal([null, 1], attempts.Select(a => a.GetTagItem("http.request.resend_count")));
        Assert.Equal(ActivityStatusCode.Error, attempts[0].Status);
        Assert.Equal((ActivityStatusCode.Unset, null), (request.Status, request.GetTagItem("actorlb.reason")));
        Assert.Contains(backend.Seen, s => s["traceparent"] == $"00-{request.TraceId.ToHexString()}-{attempts[1].SpanId.ToHexString()}-01");
    }

    [Fact]
    public async Task A_failure_has_its_reason()
    {
        (Uri refusing, IDisposable owner) = NoBackend.Refusing();
        using IDisposable _ = owner;
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Traces = All, Host = "shop.example", Sticky = false }, refusing);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        await AskAsync(lane, "GET / HTTP/1.1\r\nHost: shop.example\r\n", "HTTP/1.1 502");
        await AskAsync(lane, "GET / HTTP/1.1\r\nHost: elsewhere.example\r\n", "HTTP/1.1 404");

        Activity[] requests = await recorder.RequestsAsync(2);
        Assert.Equal(["backend-connect-failed", "no-route"], requests.Select(r => r.GetTagItem("actorlb.reason")));
        Assert.Equal(["backend-connect-failed", null], requests.Select(r => r.GetTagItem("error.type")));
        Assert.Equal([502, 404], requests.Select(r => r.GetTagItem("http.response.status_code")));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], requests.Select(r => r.Status));
        Assert.Equal(["GET shop.example/", "GET"], requests.Select(r => r.DisplayName));
        Assert.Equal(0, requests[1].GetTagItem("actorlb.attempts"));
    }

    [Fact]
    public async Task A_backends_own_failure_is_one_of_both_spans_and_what_it_refuses_of_the_attempt_alone()
    {
        await using Backend backend = await Backend.StartAsync(c =>
        {
            c.Response.StatusCode = int.Parse(c.Request.Path.Value![1..], System.Globalization.CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        await using TestLane lane = await StartAsync(All, backend.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        await AskAsync(lane, "GET /500 HTTP/1.1\r\nHost: shop.example\r\n", "HTTP/1.1 500");
        await AskAsync(lane, "GET /404 HTTP/1.1\r\nHost: shop.example\r\n", "HTTP/1.1 404");

        Assert.Equal(["500", null], (await recorder.RequestsAsync(2)).Select(r => r.GetTagItem("error.type")));
        Assert.Equal(["500", "404"], recorder.Of(ActivityKind.Client).Select(r => r.GetTagItem("error.type")));
    }

    [Fact]
    public async Task A_tunnel_is_one_span_until_it_ends()
    {
        await using Backend backend = await WebSocketTests.EchoAsync("a");
        await using TestLane lane = await StartAsync(All, backend.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        using (var socket = new ClientWebSocket())
        {
            await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);
            Assert.Equal("a:x", await WebSocketTests.EchoAsync(socket, "x"));
            Assert.Empty(recorder.Spans);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }

        Activity request = Assert.Single(await recorder.RequestsAsync(1));
        Activity attempt = Assert.Single(recorder.Of(ActivityKind.Client));
        Assert.Equal((101, 101), (request.GetTagItem("http.response.status_code"), attempt.GetTagItem("http.response.status_code")));
        Assert.Equal(ActivityStatusCode.Unset, request.Status);
    }

    [Fact]
    public async Task A_session_that_moves_is_a_part_of_the_request_that_moved_it()
    {
        await using Backend a = await Backend.NamedAsync("a");
        await using Backend b = await Backend.NamedAsync("b");
        await using TestLane lane = await StartAsync(All, a.Address, b.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        (Uri home, Uri other) = await first.Content.ReadAsStringAsync() == "a" ? (a.Address, b.Address) : (b.Address, a.Address);
        string ticket = TestLane.TicketOf(first)!;
        await lane.GetAsync("/", ticket);
        var verdict = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        lane.Plane.Traces.CauseOfMove = (pool, left, why) => (pool, left, why) == ("web", BackendKey.Of(home.Authority), MoveReason.Down) ? verdict : default;
        lane.Publish(home, BackendHealth.Down);
        await lane.GetAsync("/", ticket);

        Activity[] requests = await recorder.RequestsAsync(3);
        Activity rebind = Assert.Single(recorder.Of(ActivityKind.Internal));
        Assert.Equal(["new", "adopted", "moved"], requests.Select(r => r.GetTagItem("actorlb.session")));
        Assert.Equal(("session.rebind", requests[2].SpanId, requests[2].TraceId), (rebind.OperationName, rebind.ParentSpanId, rebind.TraceId));
        Assert.Equal(("web", other.Authority, "down"), (rebind.GetTagItem("actorlb.pool"), rebind.GetTagItem("actorlb.backend"), rebind.GetTagItem("actorlb.reason")));
        Assert.Equal(verdict, Assert.Single(rebind.Links).Context);
    }

    [Fact]
    public async Task What_waited_for_its_place_says_how_long()
    {
        var held = new TaskCompletionSource();
        await using Backend backend = await Backend.StartAsync(c => c.Request.Path == "/hold" ? held.Task : c.Response.WriteAsync("well"));
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Traces = All, MaxConnections = 1, Sticky = false }, backend.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        Task first = AskAsync(lane, "GET /hold HTTP/1.1\r\nHost: shop.example\r\n");
        await TestLane.UntilAsync(() => backend.Seen.Count == 1);
        Task second = AskAsync(lane, "GET / HTTP/1.1\r\nHost: shop.example\r\n");
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).Gate.Waiting == 1);
        held.SetResult();
        await Task.WhenAll(first, second);
        Activity[] requests = await recorder.RequestsAsync(2);
        Assert.Single(requests, r => r.GetTagItem("actorlb.queue.seconds") is double and > 0);
    }

    [Fact]
    public async Task Long_and_odd_texts_are_cut_and_kept_as_they_are()
    {
        await using Backend backend = await Backend.NamedAsync("well");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Traces = All, RequestLineBytesMax = 128 * 1024, Sticky = false }, backend.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        _ = await RawClient.ExchangeAsync(lane.Endpoint, $"BREW /{new string('a', 100_000)} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
        Activity request = Assert.Single(await recorder.RequestsAsync(1));
        Assert.Equal(1024, ((string)request.GetTagItem("url.path")!).Length);
        Assert.Equal(("_OTHER", "BREW"), (request.GetTagItem("http.request.method"), request.GetTagItem("http.request.method_original")));
        Assert.StartsWith("HTTP", request.DisplayName, StringComparison.Ordinal);
    }

    private static Dictionary<string, object?> Tags(Activity span) => span.TagObjects.ToDictionary(t => t.Key, t => t.Value);

    private static async Task AskAsync(TestLane lane, string head, string answer = "HTTP/1.1 200") =>
        Assert.StartsWith(answer, await RawClient.ExchangeAsync(lane.Endpoint, head + "Connection: close\r\n\r\n"), StringComparison.Ordinal);

    private Task<TestLane> StartAsync(TraceSettings traces, params Uri[] backends) => TestLane.StartAsync(engine, new LaneOptions { Traces = traces }, backends);
}

public sealed class KestrelSpanTests() : SpanTests(ListenerEngine.Kestrel);

public sealed class EpollSpanTests() : SpanTests(ListenerEngine.Epoll);
