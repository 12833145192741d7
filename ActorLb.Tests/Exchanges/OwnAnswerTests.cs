using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActorLb.Tests.Exchanges;

/// <summary>What clients get where no backend answers, and what becomes of their connections.</summary>
public sealed class OwnAnswerTests : LifeTest
{
    public static TheoryData<FailureReason> Failures => [.. Enum.GetValues<FailureReason>().Where(f => f != FailureReason.None)];

    [Theory]
    [MemberData(nameof(Failures))]
    public void Every_failure_is_answered_by_the_table_and_keeps_a_connection_whose_request_was_read(FailureReason failure)
    {
        MemoryLane lane = Lane();
        FailureAnswer expected = FailureAnswer.Of(failure);
        foreach ((string request, bool leaving, bool closes) in ((string, bool, bool)[])
        [
            (Get, false, false),
            (Get, true, true),
            (Post, false, true),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", false, false),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", false, true),
            ("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false, true),
            ("GET / HTTP/1.0\r\nHost: x\r\n\r\n", false, true),
            ("GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", false, false),
            ("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", false, false),
        ])
        {
            MemoryExchange exchange = lane.Read(request, lane.Client with { IsLeaving = leaving });
            OwnAnswer answer = lane.Life.Answer(exchange, failure, MessageFault.None);
            Assert.Equal((expected.Status, closes), (answer.Status, answer.Closes));
            string text = Written(answer);
            bool isOld = request.Contains("HTTP/1.0", StringComparison.Ordinal);
            Assert.Equal(closes, text.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal));
            Assert.Equal(isOld && !closes, text.Contains("\r\nConnection: keep-alive\r\n", StringComparison.Ordinal));
            Assert.Equal(failure != FailureReason.AnsweredByRoute, text.Contains($"\r\nX-ActorLb-Reason: {expected.Name}\r\n", StringComparison.Ordinal));
            Assert.Equal(expected.Status == 503, text.Contains("\r\nRetry-After: 5\r\n", StringComparison.Ordinal));
            Assert.Equal(request.StartsWith("HEAD", StringComparison.Ordinal), text.EndsWith("\r\n\r\n", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", FailureReason.BadRequest)]
    [InlineData("GET / HTTP/2.0\r\nHost: x\r\n\r\n", FailureReason.HttpVersionUnsupported)]
    [InlineData("CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", FailureReason.MethodUnsupported)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", FailureReason.AmbiguousLength)]
    public async Task A_head_that_is_refused_ends_the_connection(string request, FailureReason failure)
    {
        MemoryAnswer answer = await Lane().SendAsync(request);
        answer.IsOwn(failure);
        Assert.True(answer.Closes);
    }

    [Fact]
    public async Task Without_a_backend_the_client_is_told_when_to_come_again_and_the_operator_why()
    {
        var lines = new Lines();
        var lane = new MemoryLane(TestPools.Node(Web with { RetryAfter = TimeSpan.FromSeconds(7.1) }), _time, lines);
        IsDown(lane, "s:1", "s:2", "s:3");
        MemoryAnswer answer = await lane.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: its-id\r\n\r\n");
        answer.IsOwn(FailureReason.NoBackend);
        Assert.Equal(("8", "its-id"), (answer.Field("Retry-After"), answer.Field("X-Request-Id")));
        Assert.Null(answer.Ticket);
        Assert.False(answer.Closes);
        string line = Assert.Single(lines.Written);
        Assert.Contains("s:1 is down", line, StringComparison.Ordinal);
        Assert.Contains("its-id", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_told_once_in_a_while_and_that_of_a_client_never()
    {
        var lines = new Lines();
        var lane = new MemoryLane(TestPools.Node(TestPools.Pool("web", "http://s:1")), _time, lines);
        await lane.SendAsync(Post, BackendTurn.Fails(FailureReason.ClientTimeout) with { IsBodyWhole = false });
        await lane.SendAsync(Get, new BackendTurn { ClientLeaves = true });
        Assert.Empty(lines.Written);
        for (int i = 0; i < 3; i++)
        {
            await lane.SendAsync(Get, BackendTurn.Fails(FailureReason.BackendReset));
        }

        Assert.Contains("web/s:1: backend-reset", Assert.Single(lines.Written), StringComparison.Ordinal);
        _time.Advance(FailureLog.Interval);
        await lane.SendAsync(Get, BackendTurn.Fails(FailureReason.BackendReset));
        Assert.StartsWith("3 request(s)", lines.Written[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Get, "Content-Length: 0\r\n", false)]
    [InlineData(Get, "", false)]
    [InlineData("GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", "", true)]
    [InlineData("GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", "Content-Length: 0\r\n", false)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "Content-Length: 0\r\n", true)]
    [InlineData(Post, "Content-Length: 0\r\n", false)]
    [InlineData(Post, "Content-Length: 0\r\nConnection: close\r\n", true)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n", "Content-Length: 0\r\n", true)]
    public async Task An_answer_before_its_request_was_read_ends_the_connection_unless_its_backend_reads_on(string request, string fields, bool closes)
    {
        var early = new BackendTurn { Head = $"HTTP/1.1 200 OK\r\n{fields}\r\n", TakesBody = false };
        Assert.Equal(closes, (await Lane().SendAsync(request, early)).Closes);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(0, true)]
    public async Task Who_finds_the_queue_full_or_waits_too_long_in_it_is_told_so(int length, bool isFull)
    {
        MemoryLane lane = Lane(TestPools.Pool("web", "http://s:1") with { MaxConnections = 1, Queue = new QueueSettings(length, TimeSpan.FromSeconds(1)) });
        BackendTraffic traffic = lane.Traffic("s:1");
        Assert.True(traffic.Gate.TryEnter(1));
        (await lane.SendAsync(Get)).IsOwn(isFull ? FailureReason.QueueFull : FailureReason.QueueTimeout);
        Assert.Equal(isFull ? (1L, 0L) : (0L, 1L), (traffic.QueueRefusals, traffic.QueueTimeouts));
        Assert.Equal((1, 0), (traffic.Gate.Inside, traffic.Gate.Waiting));
        Assert.Equal(0, traffic.Failures);
    }

    [Fact]
    public async Task Who_waits_in_a_queue_goes_on_with_its_place_or_where_its_backend_was_taken_away_to_another()
    {
        MemoryLane lane = Lane(Loose(TestPools.Pool("web", "http://s:1", "http://s:2")) with { MaxConnections = 1, Queue = new QueueSettings(1, TimeSpan.FromSeconds(1)) });
        AllWell(lane);
        Fill(lane);
        lane.WhileQueued = t => t.Gate.Leave();
        (await lane.SendAsync(Get)).IsFrom("s:1");

        Fill(lane);
        lane.WhileQueued = t =>
        {
            lane.Publish(id => (BackendHealth.Up, ReferenceEquals(lane.Traffic(id), t) ? OperatorState.Maintenance : OperatorState.Ready));
            t.Gate.Leave();
            lane.Traffic(ReferenceEquals(lane.Traffic("s:1"), t) ? "s:2" : "s:1").Gate.Leave();
        };
        MemoryAnswer moved = await lane.SendAsync(Get);
        Assert.Equal(MemoryEnd.Answered, moved.End);
        Assert.Equal(lane.Plane.Routing.Pools["web"].Backends.Single(b => b.TakesNewSessions).Id, Assert.Single(moved.Asked));
        Assert.All(lane.Plane.Traffic.Values, t => Assert.True(t.IsIdle));
    }

    [Fact]
    public async Task Who_leaves_a_queue_leaves_it_empty()
    {
        MemoryLane lane = Lane(TestPools.Pool("web", "http://s:1") with { MaxConnections = 1, Queue = new QueueSettings(1, TimeSpan.FromSeconds(1)) });
        Assert.True(lane.Traffic("s:1").Gate.TryEnter(1));
        lane.LeavesQueue = true;
        MemoryAnswer answer = await lane.SendAsync(Get);
        Assert.Equal((MemoryEnd.Left, 0), (answer.End, lane.Traffic("s:1").Gate.Waiting));
        Assert.Empty(answer.Asked);
    }

    private static void Fill(MemoryLane lane)
    {
        foreach (BackendTraffic traffic in lane.Plane.Traffic.Values)
        {
            while (traffic.Gate.TryEnter(1))
            {
            }
        }
    }

    private static string Written(in OwnAnswer answer)
    {
        var target = new HeadBuffer(new byte[4096]);
        answer.Write(ref target, "id"u8, "now"u8, default);
        Assert.True(target.Fits);
        return Encoding.Latin1.GetString(target.Written);
    }

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
