using ActorLb.Engine;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class FailureLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Lines _lines = new();
    private readonly FailureLog _log;

    private readonly TrafficTable _traffic = new();

    public FailureLogTests() => _log = new FailureLog(_lines, _time);

    [Fact]
    public void The_first_failure_is_told_at_once_with_what_the_network_said()
    {
        _log.Tell("web", Backend("web", "web-1"), FailureReason.BackendConnectFailed, new HttpRequestException("outer", new IOException("refused")));

        Assert.Equal("1 request(s) failed at web/web-1: backend-connect-failed (refused)", Assert.Single(_lines.All));
    }

    [Fact]
    public void A_storm_is_one_line_per_interval_and_no_failure_is_left_out_of_the_count()
    {
        for (int i = 0; i < 1000; i++)
        {
            _log.Tell("web", Backend("web", "web-1"), FailureReason.BackendReset, null);
        }

        Assert.Single(_lines.All);

        _time.Advance(FailureLog.Interval - TimeSpan.FromTicks(1));
        _log.Tell("web", Backend("web", "web-1"), FailureReason.BackendReset, null);
        Assert.Single(_lines.All);

        _time.Advance(TimeSpan.FromTicks(1));
        _log.Tell("web", Backend("web", "web-1"), FailureReason.BackendReset, null);
        Assert.Equal(
            ["1 request(s) failed at web/web-1: backend-reset", "1001 request(s) failed at web/web-1: backend-reset"], _lines.All);
    }

    [Fact]
    public void Requests_that_nobody_can_take_are_told_once_with_what_the_probes_say_and_what_to_change()
    {
        var plane = new DataPlane(TestPools.Node(TestPools.Pool("web", "http://10.0.0.1", "http://10.0.0.2", "http://10.0.0.3", "http://10.0.0.4")), _time);
        PoolSnapshot pool = RoutingSnapshots.Pool(
            plane.Topology.Pools["web"],
            id => id switch
            {
                "10.0.0.1" => new BackendCondition(BackendHealth.Down, default, OperatorState.Ready, null, false, 1) { WhyDown = "GET /healthz: 404, expected 200-299" },
                "10.0.0.2" => new BackendCondition(BackendHealth.Up, default, OperatorState.Maintenance, null, false, 1),
                _ => new BackendCondition(BackendHealth.Up, default, OperatorState.Draining, null, false, 1),
            },
            id => plane.Traffic[new BackendName("web", id)],
            plane.Cursors["web"]);
        for (int i = 0; i < 100; i++)
        {
            _log.TellUnserved(pool, System.Text.Encoding.ASCII.GetBytes($"request-{i}"));
        }

        Assert.Equal(
            "1 request(s) of pool web were answered 503, because no backend takes them: 10.0.0.1 is down (GET /healthz: 404, expected 200-299), "
            + "10.0.0.2 is in maintenance, 10.0.0.3 is draining and 1 more; actorlb.pools.web.health.path names what is asked, actorlb.pools.web.health.expect which statuses are well (X-Request-Id of one: request-0)",
            Assert.Single(_lines.All));
    }

    [Fact]
    public void Each_backend_and_each_reason_is_told_by_itself()
    {
        _log.Tell("web", Backend("web", "web-1"), FailureReason.BackendReset, null);
        _log.Tell("web", Backend("web", "web-1"), FailureReason.BackendTimeout, null);
        _log.Tell("web", Backend("web", "web-2"), FailureReason.BackendReset, null);
        _log.Tell("api", Backend("api", "web-1"), FailureReason.BackendReset, null);

        Assert.Equal(4, _lines.All.Count);
    }

    private BackendSnapshot Backend(string pool, string id) => new(
        id, BackendKey.Of(id), new Uri("http://10.0.0.1"), 1, 1, BackendHealth.Up, OperatorState.Ready, null, default, true, true, _traffic[new BackendName(pool, id)]);

    [Fact]
    public async Task Many_threads_at_once_tell_one_line()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                _log.Tell("web", Backend("web", "web-1"), FailureReason.BackendReset, null);
            }
        })));

        Assert.Single(_lines.All);
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (All)
            {
                All.Add(formatter(state, exception));
            }
        }
    }
}
