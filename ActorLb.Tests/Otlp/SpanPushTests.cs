using System.Collections.Concurrent;
using System.Diagnostics;
using ActorLb.Engine.Traces;
using ActorLb.Node.Otlp;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Lane;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using Collector = ActorLb.Tests.Lane.SampleBackend;

namespace ActorLb.Tests.Otlp;

public sealed class SpanPushTests
{
    private static readonly TraceSettings All = new(1, 1000);

    // By this clock no time passes: what is pushed last is not given up where the machine is busy.
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_collector_gets_spans_with_their_ids_names_attributes_and_node()
    {
        var got = new ConcurrentQueue<ReceivedSpans>();
        await using Collector collector = await CollectAsync(got);
        var traces = new RequestTraces(All, TimeProvider.System);
        using var push = new SpanPush(
            new OtlpSettings(new Uri(collector.Address, "/otlp/"), [new OtlpHeader("Authorization", "Bearer x")], TimeSpan.FromSeconds(15)),
            traces, "lb1", "0.1", NullLogger.Instance, _time);
        push.Start();
        Activity cause = traces.Spans.BeginAlone("cause")!;
        traces.Spans.End(cause);
        Activity request = traces.Spans.Begin("GET", ActivityKind.Server, SpanSource.ContextOf(new TraceContext(1, 2, 0, TraceFlags.Sampled), 0, null))!;
        Activity attempt = traces.Spans.Begin("GET", ActivityKind.Client, request.Context, links: [new ActivityLink(cause.Context)])!;
        attempt.SetTag("http.response.status_code", 200);
        attempt.SetStatus(ActivityStatusCode.Error, "why");
        traces.Spans.End(attempt);
        traces.Spans.End(request);
        await push.StopAsync();

        Assert.All(got, g => Assert.Equal(("/otlp/v1/traces", "application/x-protobuf", "Bearer x"), (g.Path, g.Type, g.Token)));
        Assert.All(got, g => Assert.Equal(["service.instance.id=lb1", "service.name=actorlb", "service.version=0.1"], g.Resource.Order(StringComparer.Ordinal)));
        ReceivedSpan[] spans = [.. got.SelectMany(g => g.Spans)];
        Assert.Equal(3, spans.Length);
        Assert.Equal((3, 0, 0), (push.Pushed, push.Failed, push.Dropped));
        ReceivedSpan root = Assert.Single(spans, s => s.Kind == 2);
        Assert.Equal(("00000000000000010000000000000002", ""), (root.Trace, root.Parent));
        ReceivedSpan child = Assert.Single(spans, s => s.Kind == 3);
        Assert.Equal((root.Trace, root.Span, "GET", 2), (child.Trace, child.Parent, child.Name, child.Status));
        Assert.Equal(["http.response.status_code=200"], child.Attributes);
        Assert.Equal([cause.SpanId.ToHexString()], child.Links);
    }

    [Fact]
    public async Task Texts_that_are_no_text_arrive()
    {
        var got = new ConcurrentQueue<ReceivedSpans>();
        await using Collector collector = await CollectAsync(got);
        var traces = new RequestTraces(All, TimeProvider.System);
        using var push = new SpanPush(new OtlpSettings(collector.Address, [], TimeSpan.FromSeconds(15)), traces, "lb1", "0.1", NullLogger.Instance, _time);
        push.Start();
        string[] odd = ["a\ud800b", "\udc00", "\0\u0001\r\n\u007f", new string('\u00e4', 100_000), "", "\ufffe\uffff"];
        Activity span = traces.Spans.BeginAlone("odd \ud800")!;
        for (int i = 0; i < odd.Length; i++)
        {
            span.SetTag($"k{i}", odd[i]);
        }

        traces.Spans.End(span);
        await push.StopAsync();
        Assert.Equal((1, 0), (push.Pushed, push.Failed));
        ReceivedSpan read = Assert.Single(got.SelectMany(g => g.Spans));
        Assert.Equal("odd \ufffd", read.Name);
        Assert.Equal(["k0=a\ufffdb", "k1=\ufffd", "k2=" + odd[2], "k3=" + odd[3], "k4=", "k5=" + odd[5]], read.Attributes);
    }

    [Fact]
    public async Task A_collector_that_refuses_or_is_not_there_costs_its_spans_and_nothing_else()
    {
        await using Collector collector = await Collector.StartAsync(c =>
        {
            c.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        var traces = new RequestTraces(All, TimeProvider.System);
        using var push = new SpanPush(new OtlpSettings(collector.Address, [], TimeSpan.FromSeconds(15)), traces, "lb1", "0.1", NullLogger.Instance, _time);
        push.Start();
        traces.Spans.End(traces.Spans.BeginAlone("a")!);
        await TestLane.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return push.Failed == 1;
        });
        await collector.StopAsync();
        traces.Spans.End(traces.Spans.BeginAlone("b")!);
        await push.StopAsync();
        Assert.Equal((0, 2, 0), (push.Pushed, push.Failed, push.Dropped));
    }

    [Fact]
    public async Task A_queue_that_is_full_drops_and_counts()
    {
        var answer = new TaskCompletionSource();
        await using Collector collector = await Collector.StartAsync(_ => answer.Task);
        var traces = new RequestTraces(All, TimeProvider.System);
        using var push = new SpanPush(new OtlpSettings(collector.Address, [], TimeSpan.FromSeconds(15)), traces, "lb1", "0.1", NullLogger.Instance, TimeProvider.System);
        push.Start();
        traces.Spans.End(traces.Spans.BeginAlone("first")!);
        await TestLane.UntilAsync(() => collector.Seen.Count == 1);
        for (int i = 0; i < SpanPush.QueueMax + 3; i++)
        {
            traces.Spans.End(traces.Spans.BeginAlone("more")!);
        }

        Assert.Equal(3, push.Dropped);
        answer.SetResult();
        await push.StopAsync();
    }

    [Fact]
    public async Task While_traces_are_off_nothing_is_heard()
    {
        var traces = new RequestTraces(TraceSettings.Off, TimeProvider.System);
        using var push = new SpanPush(new OtlpSettings(new Uri("http://127.0.0.1:9"), [], TimeSpan.FromSeconds(15)), traces, "lb1", "0.1", NullLogger.Instance, TimeProvider.System);
        push.Start();
        Assert.False(push.IsOn);
        Assert.Null(traces.Spans.BeginAlone("a"));
        await push.StopAsync();
    }

    private static Task<Collector> CollectAsync(ConcurrentQueue<ReceivedSpans> got) => Collector.StartAsync(async c =>
    {
        using var body = new MemoryStream();
        await c.Request.Body.CopyToAsync(body);
        got.Enqueue(ReceivedSpans.Read(body.ToArray()) with { Path = c.Request.Path.Value!, Type = c.Request.ContentType!, Token = c.Request.Headers.Authorization.ToString() });
    });
}
