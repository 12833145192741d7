using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using ActorLb.Node.Otlp;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Configuration;
using ActorLb.Tests.Lane;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using Collector = ActorLb.Tests.Lane.SampleBackend;

namespace ActorLb.Tests.Otlp;

public sealed class OtlpPushTests
{
    private const string Text = """
        # HELP actorlb_node_ready 1 while the node takes traffic.
        # TYPE actorlb_node_ready gauge
        actorlb_node_ready 1
        # HELP actorlb_pool_requests_total Requests that are over.
        # TYPE actorlb_pool_requests_total counter
        actorlb_pool_requests_total{pool="web",status="2xx"} 7
        actorlb_pool_requests_total{pool="a\"b\\c\nd",status="5xx"} 1
        # HELP http_server_request_duration_seconds How long.
        # TYPE http_server_request_duration_seconds histogram
        http_server_request_duration_seconds_bucket{route="*/",pool="web",le="0.0001"} 2
        http_server_request_duration_seconds_bucket{route="*/",pool="web",le="0.0002"} 5
        http_server_request_duration_seconds_bucket{route="*/",pool="web",le="+Inf"} 6
        http_server_request_duration_seconds_sum{route="*/",pool="web"} 1.5
        http_server_request_duration_seconds_count{route="*/",pool="web"} 6
        # HELP actorlb_nothing_total Without a series.
        # TYPE actorlb_nothing_total counter

        """;

    private static readonly DateTimeOffset Now = new(2026, 11, 30, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Text_is_read_as_it_was_written()
    {
        IReadOnlyList<MetricFamily> families = MetricTextReader.Read(Text);
        Assert.Equal(
            ["actorlb_node_ready gauge", "actorlb_pool_requests_total counter", "http_server_request_duration_seconds histogram", "actorlb_nothing_total counter"],
            families.Select(f => $"{f.Name} {f.Type}"));
        Assert.Equal([("pool", "a\"b\\c\nd"), ("status", "5xx")], families[1].Samples[1].Labels.Select(l => (l.Key, l.Value)));
        Assert.Equal([2, 5, 6, 1.5, 6], families[2].Samples.Select(s => s.Value));
        Assert.Empty(families[3].Samples);
    }

    [Fact]
    public void Counters_gauges_and_histograms_are_what_OTLP_has_for_them()
    {
        JsonElement[] metrics = MetricsOf(new OtlpDocument("lb1", "0.1", Now.AddMinutes(-1), Now).Write(MetricTextReader.Read(Text)));
        Assert.Equal(["actorlb.node_ready", "actorlb.pool_requests", "http.server.request.duration"], metrics.Select(m => m.GetProperty("name").GetString()));
        Assert.Equal(1, metrics[0].GetProperty("gauge").GetProperty("dataPoints")[0].GetProperty("asDouble").GetDouble());

        JsonElement sum = metrics[1].GetProperty("sum");
        Assert.Equal((2, true), (sum.GetProperty("aggregationTemporality").GetInt32(), sum.GetProperty("isMonotonic").GetBoolean()));
        Assert.Equal(7, sum.GetProperty("dataPoints")[0].GetProperty("asDouble").GetDouble());

        JsonElement histogram = metrics[2].GetProperty("histogram");
        JsonElement point = Assert.Single(histogram.GetProperty("dataPoints").EnumerateArray());
        Assert.Equal(("s", 2), (metrics[2].GetProperty("unit").GetString(), histogram.GetProperty("aggregationTemporality").GetInt32()));
        Assert.Equal(("6", 1.5), (point.GetProperty("count").GetString(), point.GetProperty("sum").GetDouble()));
        Assert.Equal([0.0001, 0.0002], point.GetProperty("explicitBounds").EnumerateArray().Select(b => b.GetDouble()));
        Assert.Equal(["2", "3", "1"], point.GetProperty("bucketCounts").EnumerateArray().Select(b => b.GetString()));
        Assert.Equal("http.route", point.GetProperty("attributes")[0].GetProperty("key").GetString());
        Assert.Equal("1795996800000000000", point.GetProperty("timeUnixNano").GetString());
    }

    [Theory]
    [InlineData("actorlb_backend_first_byte_seconds", "histogram", "actorlb.backend_first_byte", "s")]
    [InlineData("actorlb_response_body_bytes_total", "counter", "actorlb.response_body", "By")]
    [InlineData("actorlb_certificate_expiry_timestamp_seconds", "gauge", "actorlb.certificate_expiry_timestamp", "s")]
    [InlineData("actorlb_in_total", "gauge", "actorlb.in_total", "")]
    [InlineData("process_cpu_seconds_total", "counter", "process.cpu.time", "s")]
    [InlineData("dotnet_collection_count_total", "counter", "dotnet_collection_count_total", "")]
    public void Names_are_conventional_or_in_a_namespace_of_their_own(string name, string type, string pushed, string unit) =>
        Assert.Equal((pushed, unit), OtlpNames.Of(new MetricFamily(name, type, "", [])));

    [Fact]
    public async Task What_a_node_pushes_has_as_many_names_as_what_it_shows()
    {
        await using Admin.AdminFixture fixture = await Admin.AdminFixture.StartAsync();
        IReadOnlyList<MetricFamily> shown = MetricTextReader.Read(Encoding.UTF8.GetString(await fixture.Server.Metrics.ReadAsync()));
        Assert.Contains(shown, f => f.Name == "actorlb_backend_requests_total");
        Assert.Equal(shown.Count, shown.Select(f => OtlpNames.Of(f).Name).Distinct().Count());
        Assert.All(shown, f => Assert.Matches("^(actorlb\\.[a-z0-9_]+|http\\.|process|dotnet)", OtlpNames.Of(f).Name));
    }

    [Fact]
    public async Task A_collector_gets_a_document_each_interval_and_a_last_one()
    {
        var got = new ConcurrentQueue<(string Path, string Type, string Token, JsonElement[] Metrics)>();
        await using Collector collector = await Collector.StartAsync(async c =>
        {
            using var body = new MemoryStream();
            await c.Request.Body.CopyToAsync(body);
            got.Enqueue((c.Request.Path.Value!, c.Request.ContentType!, c.Request.Headers.Authorization.ToString(), MetricsOf(body.ToArray())));
        });
        var time = new FakeTimeProvider(Now);
        using var push = new OtlpPush(
            new OtlpSettings(new Uri(collector.Address, "/otlp/"), [new OtlpHeader("Authorization", "Bearer x")], TimeSpan.FromSeconds(15)),
            "lb1", "0.1", () => Task.FromResult(Encoding.UTF8.GetBytes(Text)), NullLogger.Instance, time);
        push.Start();
        await TestLane.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(15));
            return got.Count >= 2;
        });
        int before = got.Count;
        await push.StopAsync();

        // One that was on its way when the stop came is not counted: the last one is pushed in its place.
        Assert.InRange(got.Count, before + 1, before + 3);
        Assert.InRange(push.Pushed, before, got.Count);
        Assert.Equal(0, push.Failed);
        Assert.All(got, g => Assert.Equal(("/otlp/v1/metrics", "application/json", "Bearer x", 3), (g.Path, g.Type, g.Token, g.Metrics.Length)));
        await push.StopAsync();
    }

    [Fact]
    public async Task A_collector_that_refuses_or_is_not_there_ends_nothing()
    {
        int asked = 0;
        await using Collector collector = await Collector.StartAsync(c =>
        {
            c.Response.StatusCode = Interlocked.Increment(ref asked) == 1 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            return Task.CompletedTask;
        });
        var time = new FakeTimeProvider(Now);
        using var push = new OtlpPush(
            new OtlpSettings(collector.Address, [], TimeSpan.FromSeconds(15)), "lb1", "0.1", () => Task.FromResult(Encoding.UTF8.GetBytes(Text)), NullLogger.Instance, time);
        push.Start();
        await TestLane.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(15));
            return push is { Failed: 1, Pushed: > 0 };
        });
        await collector.StopAsync();
        await push.StopAsync();

        // The last one, and those that were on their way.
        Assert.InRange(push.Failed, 2, 4);
    }

    [Fact]
    public async Task Of_an_answer_that_does_not_end_the_status_is_enough()
    {
        await using Collector collector = await Collector.StartAsync(async c =>
        {
            await c.Response.Body.WriteAsync(new byte[1 << 20], c.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, c.RequestAborted);
        });
        var time = new FakeTimeProvider(Now);
        using var push = new OtlpPush(
            new OtlpSettings(collector.Address, [], TimeSpan.FromSeconds(15)), "lb1", "0.1", () => Task.FromResult(Encoding.UTF8.GetBytes(Text)), NullLogger.Instance, time);
        push.Start();
        await TestLane.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(15));
            return push.Pushed >= 3;
        });
        await push.StopAsync();
        Assert.Equal(0, push.Failed);
    }

    [Fact]
    public async Task Without_an_endpoint_nothing_is_read()
    {
        using var push = new OtlpPush(OtlpSettings.Off, "lb1", "0.1", () => throw new InvalidOperationException("nobody asks"), NullLogger.Instance, TimeProvider.System);
        push.Start();
        await push.StopAsync();
        Assert.Equal((0, 0), (push.Pushed, push.Failed));
    }

    [Fact]
    public void What_is_written_is_read_and_values_of_headers_are_secrets()
    {
        NodeSettings settings = Reading.ReadWithPool(
            "observability.otlp { endpoint = \"https://collector.test/otlp\", interval = 1m, headers { Authorization = ${TOKEN}, X-Scope = a } }", ("TOKEN", "Bearer secret")).Settings!;
        Assert.Equal(
            new OtlpSettings(new Uri("https://collector.test/otlp"), [new OtlpHeader("Authorization", "Bearer secret"), new OtlpHeader("X-Scope", "a")], TimeSpan.FromMinutes(1)),
            settings.Otlp);
        Assert.False(Reading.ReadWithPool("").Settings!.Otlp.IsOn);
        SettingLine line = Assert.Single(StaticTree.Of(settings).Lines, l => l.Key.EndsWith("Authorization", StringComparison.Ordinal));
        Assert.Equal(("observability.otlp.headers.Authorization", SettingTreeBuilder.SecretText), (line.Key, line.Text));
    }

    private static JsonElement[] MetricsOf(byte[] document)
    {
        JsonElement resource = JsonDocument.Parse(document).RootElement.GetProperty("resourceMetrics")[0];
        Assert.Contains("lb1", resource.GetProperty("resource").ToString(), StringComparison.Ordinal);
        return [.. resource.GetProperty("scopeMetrics")[0].GetProperty("metrics").EnumerateArray()];
    }
}
