using System.Net;
using System.Text.RegularExpressions;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed partial class NodeMetricsTests
{
    [Fact]
    public async Task Collecting_twice_counts_nothing_twice()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        BackendTraffic traffic = node.Plane.Traffic[new BackendName("web", "a")];
        traffic.Began();
        traffic.Began();
        traffic.Gate.TryEnter(0);
        traffic.Failed();
        traffic.QueueWasFull();
        traffic.QueueTookTooLong();
        traffic.QueueTookTooLong();
        node.Plane.SessionCounters.TicketIssued();
        node.Plane.SessionCounters.TicketsRefused(1);
        using HttpClient client = node.Client();

        await client.GetStringAsync("/metrics");
        string text = await client.GetStringAsync("/metrics");

        Assert.Equal("2", Value(text, "actorlb_backend_requests_total{pool=\"web\",backend=\"a\"}"));
        Assert.Equal("1", Value(text, "actorlb_backend_failures_total{pool=\"web\",backend=\"a\"}"));
        Assert.Equal("1", Value(text, "actorlb_backend_requests_in_flight{pool=\"web\",backend=\"a\"}"));
        Assert.Equal("0", Value(text, "actorlb_backend_requests_waiting{pool=\"web\",backend=\"a\"}"));
        Assert.Equal("1", Value(text, "actorlb_backend_queue_refused_total{pool=\"web\",backend=\"a\"}"));
        Assert.Equal("2", Value(text, "actorlb_backend_queue_timeouts_total{pool=\"web\",backend=\"a\"}"));
        Assert.Equal("0", Value(text, "actorlb_backend_requests_total{pool=\"web\",backend=\"b\"}"));
        Assert.Equal("1", Value(text, "actorlb_tickets_issued_total"));
        Assert.Equal("1", Value(text, "actorlb_tickets_refused_total"));
        Assert.Equal("0", Value(text, "actorlb_tickets_expired_total"));
        Assert.Equal("0", Value(text, "actorlb_sessions_adopted_total"));
        foreach (string reason in new[] { "down", "maintenance", "drained", "removed", "unreachable" })
        {
            Assert.Equal("0", Value(text, $"actorlb_sessions_rebound_total{{reason=\"{reason}\"}}"));
        }

        Assert.Equal("0", Value(text, "actorlb_backend_requests_held{pool=\"web\",backend=\"a\"}"));
        Assert.Equal("0", Value(text, "actorlb_backend_holds_refused_total{pool=\"web\",backend=\"a\"}"));
        Assert.Equal("0", Value(text, "actorlb_sessions_rebound_alone_total"));
        Assert.Equal("0", Value(text, "actorlb_session_feed_dropped_total"));
        Assert.Equal("0", Value(text, "actorlb_session_table_refused_total{pool=\"web\"}"));
    }

    [Fact]
    public async Task Connections_are_told_by_listener_and_refusals_by_reason()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var listener = new ListenerSettings(
            "http", new IPEndPoint(IPAddress.Loopback, 0), ListenerEngine.Auto, 0, ListenerHttp2.On, null, [], false);
        int max = node.Plane.Topology.Limits.ConnectionsMax;
        for (int i = 0; i <= max; i++)
        {
            Assert.Equal(i < max, node.Plane.Connections.TryAdmit(node.Plane.Connections.Of(listener.Name), listener, IPAddress.Loopback));
        }

        using HttpClient client = node.Client();
        string text = await client.GetStringAsync("/metrics");

        Assert.Equal($"{max}", Value(text, "actorlb_connections{listener=\"http\"}"));
        Assert.Equal("1", Value(text, "actorlb_connections_refused_total{listener=\"http\",reason=\"listener-full\"}"));
        Assert.Equal("0", Value(text, "actorlb_connections_refused_total{listener=\"http\",reason=\"address-full\"}"));
    }

    [Fact]
    public async Task A_backend_is_in_one_state_at_a_time()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        string before = await client.GetStringAsync("/metrics");
        Assert.Equal("1", Value(before, "actorlb_backend_health{pool=\"web\",backend=\"a\",state=\"unknown\"}"));

        node.Publish(_ => new BackendCondition(BackendHealth.Down, FakeDesk.Now, OperatorState.Maintenance, null, false, 1));
        string after = await client.GetStringAsync("/metrics");

        Assert.Equal("0", Value(after, "actorlb_backend_health{pool=\"web\",backend=\"a\",state=\"unknown\"}"));
        Assert.Equal("1", Value(after, "actorlb_backend_health{pool=\"web\",backend=\"a\",state=\"down\"}"));
        Assert.Equal("1", Value(after, "actorlb_backend_operator{pool=\"web\",backend=\"a\",state=\"maintenance\"}"));
        Assert.Equal("0", Value(after, "actorlb_backend_operator{pool=\"web\",backend=\"a\",state=\"ready\"}"));
    }

    [Fact]
    public async Task Members_that_left_a_status_are_no_longer_counted_there()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        node.View.Members = [new NodeMember("a", "akka.tcp://x", "up", true), new NodeMember("b", "akka.tcp://y", "up", true)];
        Assert.Equal("2", Value(await client.GetStringAsync("/metrics"), "actorlb_cluster_members{status=\"up\",reachable=\"true\"}"));

        node.View.Members = [new NodeMember("a", "akka.tcp://x", "up", false)];
        string after = await client.GetStringAsync("/metrics");
        Assert.Equal("0", Value(after, "actorlb_cluster_members{status=\"up\",reachable=\"true\"}"));
        Assert.Equal("1", Value(after, "actorlb_cluster_members{status=\"up\",reachable=\"false\"}"));
    }

    [Fact]
    public async Task Two_nodes_in_one_process_keep_their_numbers_apart()
    {
        await using AdminFixture one = await AdminFixture.StartAsync();
        await using AdminFixture two = await AdminFixture.StartAsync();
        one.Plane.SessionCounters.TicketIssued();
        using HttpClient first = one.Client();
        using HttpClient second = two.Client();

        Assert.Equal("1", Value(await first.GetStringAsync("/metrics"), "actorlb_tickets_issued_total"));
        Assert.Equal("0", Value(await second.GetStringAsync("/metrics"), "actorlb_tickets_issued_total"));
    }

    [Fact]
    public async Task The_format_is_prometheus_text_and_our_names_have_our_prefix()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        HttpResponseMessage response = await client.GetAsync("/metrics");

        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("version=0.0.4", response.Content.Headers.ContentType?.ToString(), StringComparison.Ordinal);
        string text = await response.Content.ReadAsStringAsync();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Matches(Line(), line);
        }
    }

    // What Prometheus 2 and 3 ask for, and others.
    [Theory]
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", true)]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,*/*;q=0.1", true)]
    [InlineData("Application/OpenMetrics-Text", true)]
    [InlineData("text/plain;version=0.0.4, application/openmetrics-text;q=0.9", false)]
    [InlineData("application/openmetrics-text;q=0", false)]
    [InlineData("text/html,*/*;q=0.8", false)]
    [InlineData("*/*", false)]
    [InlineData(";;;=,q=\"", false)]
    [InlineData(null, false)]
    public async Task OpenMetrics_is_for_who_asks_for_it(string? accept, bool isOpen)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(isOpen ? "application/openmetrics-text" : "text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(isOpen, (await response.Content.ReadAsStringAsync()).EndsWith("\n# EOF\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Buckets_of_OpenMetrics_have_the_last_recorded_request_and_plain_text_has_none()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        Record(200, 3, null);
        Record(200, 3, new Exemplar(new string('a', 32), new string('b', 16), TimeSpan.FromMilliseconds(3), DateTimeOffset.UnixEpoch.AddSeconds(1.5)));
        Record(503, 200_000, new Exemplar(new string('c', 32), new string('d', 16), TimeSpan.FromSeconds(200), DateTimeOffset.UnixEpoch.AddSeconds(2)));
        using HttpClient client = node.Client();
        string plain = await client.GetStringAsync("/metrics");
        client.DefaultRequestHeaders.Add("Accept", "application/openmetrics-text");
        string open = await client.GetStringAsync("/metrics");

        const string Ok = "http_server_request_duration_seconds_bucket{route=\"\",pool=\"\",status=\"2xx\",le=";
        Assert.Equal("2", Value(plain, Ok + "\"0.0032\"}"));
        Assert.DoesNotContain("trace_id", plain, StringComparison.Ordinal);
        Assert.Equal(
            $"2 # {{trace_id=\"{new string('a', 32)}\",span_id=\"{new string('b', 16)}\"}} 0.003 1.500", Value(open, Ok + "\"0.0032\"}"));
        Assert.Equal("2", Value(open, Ok + "\"0.0064\"}"));
        Assert.Equal("0", Value(open, Ok + "\"0.0016\"}"));
        Assert.Equal(
            $"1 # {{trace_id=\"{new string('c', 32)}\",span_id=\"{new string('d', 16)}\"}} 200 2.000",
            Value(open, Ok.Replace("2xx", "5xx", StringComparison.Ordinal) + "\"+Inf\"}"));
        Assert.Contains("# TYPE actorlb_tickets_issued counter\n", open, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(open, "# EOF"));
        Assert.DoesNotMatch("# TYPE [a-z_]*_total ", open);

        void Record(int status, int milliseconds, Exemplar? exemplar) => node.Plane.Measurements.Record(
            MeasuringSlot.Here,
            route: null,
            pool: null,
            backend: null,
            new FinishedRequest
            {
                Status = status,
                Failure = FailureReason.None,
                Ticks = milliseconds * TimeSpan.TicksPerMillisecond,
                FirstByteTicks = -1,
                BytesReceived = 0,
                BytesSent = 0,
                Retries = 0,
                Exemplar = exemplar,
            });
    }

    private static string? Value(string text, string series) =>
        text.Split('\n').FirstOrDefault(l => l.StartsWith(series + " ", StringComparison.Ordinal))?[(series.Length + 1)..];

    [GeneratedRegex("^(# (HELP|TYPE) |actorlb_|http_server_|process_|dotnet_)")]
    private static partial Regex Line();
}
