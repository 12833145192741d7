using System.Net;
using System.Text.RegularExpressions;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Lane;
using Xunit;
using Backend = ActorLb.Tests.Lane.SampleBackend;

namespace ActorLb.Tests.Traces;

/// <summary>What a backend gets of a request's trace, by each way in.</summary>
public abstract partial class TraceContextTests(ListenerEngine engine, bool http2 = false)
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Span = "b7ad6b7169203331";

    /// <summary>Takes none of those that begin here: 2^-56 is the least part.</summary>
    private static readonly TraceSettings Passing = new(double.Epsilon, 1000);

    [Theory]
    [InlineData("00", "00")]
    [InlineData("01", "01")]
    [InlineData("03", "03")]
    [InlineData("ff", "03")]
    public async Task A_trace_goes_on_with_its_flags_and_a_span_of_ours(string flags, string passedOn)
    {
        SeenRequest seen = await SeenAsync(Passing, ("traceparent", $"00-{Trace}-{Span}-{flags}"), ("tracestate", "a=1,b=2"));
        Match parent = Parent().Match(seen["traceparent"]!);
        Assert.True(parent.Success, seen["traceparent"]);
        Assert.Equal((Trace, passedOn), (parent.Groups["trace"].Value, parent.Groups["flags"].Value));
        Assert.NotEqual(Span, parent.Groups["span"].Value);
        Assert.Equal("a=1,b=2", seen["tracestate"]);
    }

    [Fact]
    public async Task Several_lines_of_tracestate_stay_in_their_order()
    {
        SeenRequest seen = await SeenAsync(Passing, ("traceparent", $"00-{Trace}-{Span}-00"), ("tracestate", "a=1"), ("tracestate", "b=2"));
        Assert.Equal("a=1,b=2", seen["tracestate"]?.Replace(", ", ",", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_trace_of_a_later_version_goes_on_in_ours()
    {
        SeenRequest seen = await SeenAsync(Passing, ("traceparent", $"cc-{Trace}-{Span}-00-more"));
        Assert.StartsWith($"00-{Trace}-", seen["traceparent"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_begins_here_where_the_client_has_none()
    {
        SeenRequest first = await SeenAsync(Passing);
        SeenRequest second = await SeenAsync(Passing);
        Match[] parents = [.. new[] { first, second }.Select(s => Parent().Match(s["traceparent"]!))];
        Assert.All(parents, p => Assert.Equal("00", p.Groups["flags"].Value));
        Assert.NotEqual(parents[0].Groups["trace"].Value, parents[1].Groups["trace"].Value);
    }

    [Theory]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")]
    [InlineData("garbage")]
    public async Task What_is_no_trace_is_replaced_and_its_state_dropped(string given)
    {
        SeenRequest seen = await SeenAsync(Passing, ("traceparent", given), ("tracestate", "a=1"));
        Match parent = Parent().Match(seen["traceparent"]!);
        Assert.True(parent.Success, seen["traceparent"]);
        Assert.NotEqual(Trace, parent.Groups["trace"].Value);
        Assert.Equal("00", parent.Groups["flags"].Value);
        Assert.Null(seen["tracestate"]);
    }

    [Fact]
    public async Task Two_traces_are_none()
    {
        SeenRequest seen = await SeenAsync(Passing, ("traceparent", $"00-{Trace}-{Span}-01"), ("TraceParent", $"00-{Trace}-{Span}-01"), ("tracestate", "a=1"));
        Match parent = Parent().Match(seen["traceparent"]!);
        Assert.True(parent.Success, seen["traceparent"]);
        Assert.NotEqual(Trace, parent.Groups["trace"].Value);
        Assert.Null(seen["tracestate"]);
    }

    [Fact]
    public async Task A_state_without_a_trace_is_dropped() => Assert.Null((await SeenAsync(Passing, ("tracestate", "a=1")))["tracestate"]);

    [Fact]
    public async Task While_traces_are_off_both_fields_are_as_any_other()
    {
        SeenRequest seen = await SeenAsync(TraceSettings.Off, ("traceparent", "whatever"), ("tracestate", "a=1"));
        Assert.Equal(("whatever", "a=1"), (seen["traceparent"], seen["tracestate"]));
        Assert.Null((await SeenAsync(TraceSettings.Off))["traceparent"]);
    }

    [Fact]
    public async Task What_is_beyond_the_bound_goes_on_as_not_sampled()
    {
        await using Backend backend = await Backend.NamedAsync("well");
        await using TestLane lane = await StartAsync(new TraceSettings(double.Epsilon, 1), backend);
        for (int i = 0; i < 3; i++)
        {
            await AskAsync(lane, ("traceparent", $"00-{Trace}-{Span}-01"));
        }

        Assert.StartsWith($"00-{Trace}-", backend.Seen.Last()["traceparent"], StringComparison.Ordinal);
        Assert.Contains(backend.Seen, s => s["traceparent"]!.EndsWith("-00", StringComparison.Ordinal));
        Assert.Equal(3, lane.Plane.Traces.Taken + lane.Plane.Traces.Refused);
        Assert.InRange(lane.Plane.Traces.Refused, 1, 2);
    }

    [Fact]
    public async Task A_route_that_names_traceparent_decides_what_backends_get_of_it()
    {
        await using Backend backend = await Backend.NamedAsync("well");
        await using TestLane lane = await TestLane.StartAsync(
            engine,
            Options(Passing) with { Conditions = r => r with { Filters = new RouteFilterSettings { RequestHeaders = new HeaderEditSettings([], [], ["traceparent"]) } } },
            backend.Address);
        await AskAsync(lane, ("traceparent", $"00-{Trace}-{Span}-01"));
        Assert.Null(Assert.Single(backend.Seen)["traceparent"]);
    }

    private async Task<SeenRequest> SeenAsync(TraceSettings traces, params (string Name, string Value)[] fields)
    {
        await using Backend backend = await Backend.NamedAsync("well");
        await using TestLane lane = await StartAsync(traces, backend);
        await AskAsync(lane, fields);
        return Assert.Single(backend.Seen);
    }

    private Task<TestLane> StartAsync(TraceSettings traces, Backend backend) => TestLane.StartAsync(engine, Options(traces), backend.Address);

    private LaneOptions Options(TraceSettings traces) => new() { Traces = traces, Http2 = http2 ? ListenerHttp2.Cleartext : ListenerHttp2.On };

    private async Task AskAsync(TestLane lane, params (string Name, string Value)[] fields)
    {
        if (!http2)
        {
            string lines = string.Concat(fields.Select(f => $"{f.Name}: {f.Value}\r\n"));
            Assert.StartsWith("HTTP/1.1 200", await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: shop.example\r\n{lines}Connection: close\r\n\r\n"), StringComparison.Ordinal);
            return;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        foreach ((string name, string value) in fields)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await lane.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [GeneratedRegex("^00-(?<trace>[0-9a-f]{32})-(?<span>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})$")]
    private static partial Regex Parent();
}

public sealed class KestrelTraceContextTests() : TraceContextTests(ListenerEngine.Kestrel);

public sealed class EpollTraceContextTests() : TraceContextTests(ListenerEngine.Epoll);

public sealed class Http2TraceContextTests() : TraceContextTests(ListenerEngine.Kestrel, http2: true);
