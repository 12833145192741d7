using ActorLb.Engine.Failures;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Exchanges;

/// <summary>Which requests are tried again, where, and how often.</summary>
public sealed class RepeatedRequestTests : LifeTest
{
    private static readonly RetrySettings On503 = new(100, [new StatusRange(503, 503)]);

    [Theory]
    [InlineData(FailureReason.BackendConnectFailed, "GET", true)]
    [InlineData(FailureReason.BackendConnectFailed, "POST", true)]
    [InlineData(FailureReason.ConnectTimeout, "GET", true)]
    [InlineData(FailureReason.ConnectTimeout, "BREW", true)]
    [InlineData(FailureReason.BackendReset, "GET", false)]
    [InlineData(FailureReason.BackendTimeout, "GET", false)]
    [InlineData(FailureReason.BackendBadResponse, "GET", false)]
    [InlineData(FailureReason.OutOfSockets, "GET", false)]
    [InlineData(FailureReason.BackendInMaintenance, "GET", true)]
    [InlineData(FailureReason.BackendInMaintenance, "POST", false)]
    [InlineData(FailureReason.BackendDrained, "PUT", true)]
    [InlineData(FailureReason.NodeStopping, "GET", false)]
    public async Task What_no_backend_can_have_acted_on_goes_to_the_next_one(FailureReason failure, string method, bool again)
    {
        MemoryLane lane = Lane();
        MemoryAnswer answer = await lane.SendAsync($"{method} / HTTP/1.1\r\nHost: x\r\n\r\n", BackendTurn.Fails(failure));
        if (again)
        {
            answer.IsFrom("s:1", "s:2");
        }
        else
        {
            answer.IsOwn(failure, "s:1");
        }

        bool isBlamed = FailureAnswer.Of(failure).Outcome is not (null or RequestOutcome.Answered or RequestOutcome.ClientGone);
        Assert.Equal(isBlamed ? 1 : 0, lane.Traffic("s:1").Failures);
    }

    [Theory]
    [InlineData(FailureReason.BackendConnectFailed, 1, 10)]
    [InlineData(FailureReason.BackendConnectFailed, 2, 11)]
    [InlineData(FailureReason.BackendConnectFailed, 0, 1)]
    [InlineData(FailureReason.ConnectTimeout, 0, 1)]
    [InlineData(FailureReason.ConnectTimeout, 1, 2)]
    [InlineData(FailureReason.ConnectTimeout, 3, 4)]
    public async Task A_request_is_tried_so_often_and_eight_refused_connections_are_not_counted(FailureReason failure, int attempts, int asked)
    {
        PoolSettings many = TestPools.Pool("web", [.. Enumerable.Range(1, 20).Select(i => $"http://s:{i}")]);
        MemoryLane lane = Lane(many with { RetryAttempts = attempts });
        MemoryAnswer answer = await lane.SendAsync(Get, lane.Client, _ => BackendTurn.Fails(failure));
        answer.IsOwn(failure, [.. Enumerable.Range(1, asked).Select(i => $"s:{i}")]);
    }

    [Fact]
    public async Task The_only_backend_is_tried_once()
    {
        MemoryLane lane = Lane(TestPools.Pool("web", "http://s:1"));
        MemoryAnswer answer = await lane.SendAsync(Get, lane.Client, _ => Refuses);
        answer.IsOwn(FailureReason.BackendConnectFailed, "s:1");
    }

    [Theory]
    [InlineData(Get, true)]
    [InlineData("PUT / HTTP/1.1\r\nHost: x\r\n\r\n", true)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\n\r\n", false)]
    [InlineData(Put, false)]
    public async Task A_connection_that_was_closed_as_idle_is_replaced_at_the_same_backend_where_that_is_safe(string request, bool again)
    {
        MemoryLane lane = Lane();
        MemoryAnswer answer = await lane.SendAsync(request, BackendTurn.Fails(FailureReason.BackendStale));
        if (again)
        {
            answer.IsFrom("s:1", "s:1");
            Assert.Equal(0, lane.Traffic("s:1").Failures);
        }
        else
        {
            answer.IsOwn(FailureReason.BackendStale, "s:1");
            Assert.Equal(1, lane.Traffic("s:1").Failures);
        }
    }

    [Theory]
    [InlineData(2, 9)]
    [InlineData(0, 1)]
    public async Task Eight_closed_connections_are_replaced_and_none_where_there_are_no_retries(int attempts, int asked)
    {
        MemoryLane lane = Lane(Web with { RetryAttempts = attempts });
        MemoryAnswer answer = await lane.SendAsync(Get, lane.Client, _ => BackendTurn.Fails(FailureReason.BackendStale));
        answer.IsOwn(FailureReason.BackendStale, [.. Enumerable.Repeat("s:1", asked)]);
    }

    [Theory]
    [InlineData(Get)]
    [InlineData(Post)]
    public async Task A_backend_that_says_it_did_nothing_is_asked_once_more_and_then_another(string request)
    {
        MemoryLane lane = Lane(Web with { Protocol = BackendProtocol.Http2 });
        BackendTurn refuses = BackendTurn.Fails(FailureReason.BackendRefused);
        (await lane.SendAsync(request, refuses)).IsFrom("s:1", "s:1");
        (await lane.SendAsync(request, refuses, refuses)).IsFrom("s:2", "s:2", "s:3");
        MemoryAnswer all = await lane.SendAsync(request, lane.Client, _ => refuses);
        all.IsOwn(FailureReason.BackendRefused, [.. all.Asked]);
        Assert.Equal(Attempts.QuickTriesMax + 2, all.Asked.Count);
    }

    [Fact]
    public async Task What_has_begun_to_answer_has_acted_on_the_request()
    {
        var begins = new BackendTurn { Failure = FailureReason.BackendConnectFailed, Begins = true };
        (await Lane().SendAsync(Get, begins)).IsOwn(FailureReason.BackendConnectFailed, "s:1");
        (await Lane().SendAsync(Get, begins with { Failure = FailureReason.BackendStale })).IsOwn(FailureReason.BackendStale, "s:1");
        (await Lane().SendAsync(Get, new BackendTurn { Head = "HTTP/1.1 200 OK\r\nContent-" })).IsOwn(FailureReason.BackendReset, "s:1");
        (await Lane().SendAsync(Get, new BackendTurn { Head = "HTTP/1.1 200 OK\r\nA B: c\r\n\r\n" })).IsOwn(FailureReason.BackendBadResponse, "s:1");
    }

    [Theory]
    [InlineData(FailureReason.BackendReset)]
    [InlineData(FailureReason.BackendTimeout)]
    [InlineData(FailureReason.BackendConnectFailed)]
    public async Task An_answer_that_breaks_is_no_other_one(FailureReason failure)
    {
        MemoryLane lane = Lane();
        MemoryAnswer answer = await lane.SendAsync(Get, BackendTurn.BreaksAfterHead(failure));
        Assert.Equal((MemoryEnd.CutOff, failure, 200), (answer.End, answer.Failure, answer.Status));
        Assert.Equal(["s:1"], answer.Asked);
        Assert.Equal(1, lane.Traffic("s:1").Failures);
    }

    [Theory]
    [InlineData(FailureReason.ClientTimeout)]
    [InlineData(FailureReason.BodyTooSlow)]
    public async Task A_client_that_does_not_go_on_is_told_so_and_no_backend_is_blamed(FailureReason failure)
    {
        MemoryLane lane = Lane();
        MemoryAnswer answer = await lane.SendAsync(Post, BackendTurn.Fails(failure) with { IsBodyWhole = false });
        answer.IsOwn(failure, "s:1");
        Assert.True(answer.Closes);
        Assert.Equal(0, lane.Traffic("s:1").Failures);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_its_request()
    {
        MemoryLane lane = Lane();
        MemoryAnswer answer = await lane.SendAsync(Get, new BackendTurn { ClientLeaves = true });
        Assert.Equal((MemoryEnd.Left, 1, ""), (answer.End, answer.Ends, answer.Text));
        Assert.Equal(0, lane.Traffic("s:1").Failures);
        Assert.Equal(0, lane.Traffic("s:1").InFlight);
    }

    [Fact]
    public async Task Failed_connects_open_the_circuit_and_keep_new_sessions_away()
    {
        MemoryLane lane = Lane();
        for (int i = 0; i < 3; i++)
        {
            await lane.SendAsync(Get, lane.Client, id => id == "s:1" ? Refuses : BackendTurn.Answers());
            await lane.SendAsync(Get);
        }

        Assert.True(lane.Traffic("s:1").CircuitOpen);
        for (int i = 0; i < 6; i++)
        {
            Assert.DoesNotContain("s:1", (await lane.SendAsync(Get)).Asked);
        }
    }

    [Theory]
    [InlineData("GET", 0, true)]
    [InlineData("DELETE", 0, true)]
    [InlineData("POST", 0, false)]
    [InlineData("PUT", 4, false)]
    public async Task A_status_for_which_another_one_is_asked_is_an_answer_where_the_request_cannot_be_sent_again(string method, int body, bool again)
    {
        MemoryLane lane = Lane(Web with { Retry = On503 });
        MemoryAnswer answer = await lane.SendAsync(
            $"{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: {body}\r\n\r\n{new string('b', body)}", BackendTurn.Answers(503));
        answer.IsFrom(again ? ["s:1", "s:2"] : ["s:1"]);
        Assert.Equal(again ? 200 : 503, answer.Status);
        Assert.Equal(again ? 1 : 0, lane.Plane.Routing.Pools["web"].Retries.Retries);
        Assert.Equal(0, lane.Traffic("s:1").Failures);
    }

    [Theory]
    [InlineData(3, "PUT", false)]
    [InlineData(4, "PUT", true)]
    [InlineData(5, "PUT", true)]
    [InlineData(5, "POST", false)]
    public async Task A_body_that_is_held_can_be_sent_again(int held, string method, bool again)
    {
        MemoryLane lane = Lane(Web with { Retry = On503 with { BodyBytes = held } });
        MemoryAnswer answer = await lane.SendAsync($"{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", BackendTurn.Answers(503));
        Assert.Equal(again ? 200 : 503, answer.Status);
        answer.IsFrom(again ? ["s:1", "s:2"] : ["s:1"]);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(9, 10)]
    public async Task Where_all_answer_so_the_client_gets_the_last_of_so_many_answers(int attempts, int asked)
    {
        MemoryLane lane = Lane(Loose(Web) with { Retry = On503, RetryAttempts = attempts });
        MemoryAnswer answer = await lane.SendAsync(Get, lane.Client, _ => BackendTurn.Answers(503));
        Assert.Equal((MemoryEnd.Answered, 503, asked), (answer.End, answer.Status, answer.Asked.Count));
    }

    [Fact]
    public async Task A_session_and_the_only_backend_have_the_answer_that_there_is()
    {
        MemoryLane lane = Lane(Web with { Retry = On503 });
        string? ticket = (await lane.SendAsync(Get)).Ticket;
        (await lane.SendAsync(WithTicket(ticket), BackendTurn.Answers(503))).IsFrom("s:1");
        MemoryLane alone = Lane(TestPools.Pool("web", "http://s:1") with { Retry = On503 });
        (await alone.SendAsync(Get, BackendTurn.Answers(503))).IsFrom("s:1");
    }

    [Fact]
    public async Task A_backend_that_answered_so_is_asked_again_where_the_others_refuse()
    {
        MemoryLane lane = Lane(TestPools.Pool("web", "http://s:1", "http://s:2") with { Retry = On503 });
        MemoryAnswer answer = await lane.SendAsync(Get, BackendTurn.Answers(503), Refuses);
        Assert.Equal(["s:1", "s:2", "s:1"], answer.Asked);
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Beyond_the_budget_the_client_gets_what_went_wrong()
    {
        MemoryLane lane = Lane(Loose(Web) with { Retry = On503 with { BudgetPercent = 0 } });
        (await lane.SendAsync(Get, BackendTurn.Answers(503))).IsFrom("s:1");
        (await lane.SendAsync(Get, BackendTurn.Fails(FailureReason.ConnectTimeout))).IsOwn(FailureReason.ConnectTimeout, "s:2");
        (await lane.SendAsync(Get, Refuses)).IsFrom("s:3", "s:1");
        Assert.Equal((0L, 2L), (lane.Plane.Routing.Pools["web"].Retries.Retries, lane.Plane.Routing.Pools["web"].Retries.Refused));
    }

    [Fact]
    public async Task Ten_retries_a_second_need_no_budget_and_the_eleventh_does()
    {
        MemoryLane lane = Lane(Loose(Web) with { Retry = On503 with { BudgetPercent = 1 } });
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(200, (await lane.SendAsync(Get, BackendTurn.Answers(503))).Status);
        }

        Assert.Equal(503, (await lane.SendAsync(Get, BackendTurn.Answers(503))).Status);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await lane.SendAsync(Get, BackendTurn.Answers(503))).Status);
    }

    [Fact]
    public async Task A_retry_that_is_not_made_because_the_body_went_on_is_left_for_others()
    {
        MemoryLane lane = Lane(Loose(Web) with { Retry = On503 with { BudgetPercent = 1 } });
        BackendTurn loses = BackendTurn.Answers(503) with { TakesBody = false, LosesBody = true };
        for (int i = 0; i < 20; i++)
        {
            MemoryAnswer answer = await lane.SendAsync(Put, loses);
            Assert.Equal((MemoryEnd.Answered, 503, 1), (answer.End, answer.Status, answer.Asked.Count));
        }

        RetryBudget budget = lane.Plane.Routing.Pools["web"].Retries;
        Assert.Equal((0L, 0L), (budget.Retries, budget.Refused));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(200, (await lane.SendAsync(Get, BackendTurn.Answers(503))).Status);
        }

        Assert.Equal(503, (await lane.SendAsync(Get, BackendTurn.Answers(503))).Status);
        Assert.Equal((10L, 1L), (budget.Retries, budget.Refused));
    }
}
