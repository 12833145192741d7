using ActorLb.Engine.Failures;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Exchanges;

/// <summary>Where requests of sessions go, and which answers bring a ticket.</summary>
public sealed class SessionLifeTests : LifeTest
{
    [Fact]
    public async Task A_session_stays_where_its_ticket_says_and_needs_no_other_one()
    {
        MemoryLane lane = Lane();
        for (int i = 1; i <= 3; i++)
        {
            MemoryAnswer first = await lane.SendAsync(Get);
            first.IsFrom($"s:{i}");
            MemoryAnswer second = await lane.SendAsync(WithTicket(first.Ticket));
            second.IsFrom($"s:{i}");
            Assert.Null(second.Ticket);
        }
    }

    [Fact]
    public async Task The_ticket_of_a_session_that_failed_first_names_the_backend_that_answered()
    {
        MemoryLane lane = Lane();
        MemoryAnswer first = await lane.SendAsync(Get, Refuses);
        first.IsFrom("s:1", "s:2");
        (await lane.SendAsync(WithTicket(first.Ticket))).IsFrom("s:2");
    }

    [Theory]
    [InlineData(FailureReason.BackendReset)]
    [InlineData(FailureReason.BackendTimeout)]
    [InlineData(FailureReason.BackendBadResponse)]
    public async Task Nobody_is_bound_to_a_backend_that_failed_his_first_request(FailureReason failure)
    {
        MemoryAnswer answer = await Lane().SendAsync(Get, BackendTurn.Fails(failure));
        answer.IsOwn(failure, "s:1");
        Assert.Null(answer.Field("Set-Cookie"));
    }

    [Theory]
    [InlineData("Cache-Control: public, max-age=60\r\n", false)]
    [InlineData("Cache-Control: private\r\n", true)]
    public async Task An_answer_that_a_cache_may_give_to_others_brings_none(string fields, bool brings)
    {
        MemoryAnswer answer = await Lane().SendAsync(Get, BackendTurn.Answers(200, fields));
        Assert.Equal(brings, answer.Ticket is not null);
    }

    [Fact]
    public async Task A_pool_without_affinity_gives_none()
    {
        MemoryLane lane = Lane(Loose(Web));
        MemoryAnswer answer = await lane.SendAsync(Get);
        Assert.Null(answer.Field("Set-Cookie"));
        (await lane.SendAsync(WithTicket("ALB=" + new string('A', 80)))).IsFrom("s:2");
    }

    [Fact]
    public async Task A_session_whose_backend_is_down_moves_once_and_is_told_so()
    {
        MemoryLane lane = Lane();
        string? ticket = (await lane.SendAsync(Get)).Ticket;
        IsDown(lane, "s:1");

        MemoryAnswer moved = await lane.SendAsync(WithTicket(ticket));
        Assert.NotNull(moved.Ticket);
        string home = Assert.Single(moved.Asked);
        Assert.NotEqual("s:1", home);
        AllWell(lane);
        (await lane.SendAsync(WithTicket(moved.Ticket))).IsFrom(home);
        (await lane.SendAsync(WithTicket(ticket))).IsFrom(home);
    }

    [Fact]
    public async Task A_session_that_moved_is_told_so_by_an_answer_of_our_own_too()
    {
        MemoryLane lane = Lane();
        string? ticket = (await lane.SendAsync(Get)).Ticket;
        IsDown(lane, "s:1");
        MemoryAnswer moved = await lane.SendAsync(WithTicket(ticket), BackendTurn.Fails(FailureReason.BackendReset));
        moved.IsOwn(FailureReason.BackendReset, [.. moved.Asked]);
        string home = Assert.Single(moved.Asked);
        Assert.NotNull(moved.Ticket);
        AllWell(lane);
        (await lane.SendAsync(WithTicket(moved.Ticket))).IsFrom(home);
    }

    [Fact]
    public async Task A_session_whose_backend_refuses_connections_tries_it_again_until_the_time_is_over_and_moves_then()
    {
        MemoryLane lane = Lane();
        AllWell(lane);
        string? ticket = (await lane.SendAsync(Get)).Ticket;
        long began = _time.GetTimestamp();

        MemoryAnswer moved = await lane.SendAsync(WithTicket(ticket), lane.Client, id => id == "s:1" ? Refuses : BackendTurn.Answers());

        Assert.Equal(MemoryEnd.Answered, moved.End);
        Assert.Equal(moved.Asked.Count - 1, moved.Asked.Count(a => a == "s:1"));
        Assert.NotEqual("s:1", moved.Asked[^1]);
        Assert.True(moved.Asked.Count > 3, string.Join(' ', moved.Asked));
        Assert.Equal(lane.Plane.Topology.Limits.ConnectTimeout, _time.GetElapsedTime(began));
        Assert.NotNull(moved.Ticket);
        (await lane.SendAsync(WithTicket(moved.Ticket))).IsFrom(moved.Asked[^1]);
    }

    [Fact]
    public async Task Its_backend_goes_down_while_it_tries_and_it_moves_at_once()
    {
        MemoryLane lane = Lane();
        AllWell(lane);
        string? ticket = (await lane.SendAsync(Get)).Ticket;
        MemoryAnswer moved = await lane.SendAsync(WithTicket(ticket), lane.Client, id =>
        {
            if (id == "s:1")
            {
                IsDown(lane, "s:1");
                return Refuses;
            }

            return BackendTurn.Answers();
        });
        Assert.Equal((2, MemoryEnd.Answered), (moved.Asked.Count, moved.End));
        Assert.Equal("s:1", moved.Asked[0]);
    }

    [Fact]
    public async Task A_session_that_nobody_takes_keeps_its_ticket_and_is_answered_without_a_backend()
    {
        MemoryLane lane = Lane();
        string? ticket = (await lane.SendAsync(Get)).Ticket;
        IsDown(lane, "s:1", "s:2", "s:3");
        MemoryAnswer answer = await lane.SendAsync(WithTicket(ticket));
        answer.IsOwn(FailureReason.NoBackend);
        Assert.Null(answer.Field("Set-Cookie"));
        AllWell(lane);
        (await lane.SendAsync(WithTicket(ticket))).IsFrom("s:1");
    }

    [Fact]
    public async Task A_session_waits_for_its_own_backend_where_others_have_places()
    {
        MemoryLane lane = Lane(Web with { MaxConnections = 1, Queue = new QueueSettings(1, TimeSpan.FromSeconds(1)) });
        string? ticket = (await lane.SendAsync(Get)).Ticket;
        Assert.True(lane.Traffic("s:1").Gate.TryEnter(1));
        (await lane.SendAsync(WithTicket(ticket))).IsOwn(FailureReason.QueueTimeout);
        lane.WhileQueued = t => t.Gate.Leave();
        (await lane.SendAsync(WithTicket(ticket))).IsFrom("s:1");
    }

    [Fact]
    public async Task A_ticket_that_no_key_of_ours_signed_is_none()
    {
        MemoryLane lane = Lane();
        string? strange = (await Lane(Web with { Affinity = Web.Affinity with { Keys = [TicketKey.FromText("another key, as long as it is")] } }).SendAsync(Get)).Ticket;
        Assert.NotNull(strange);
        (await lane.SendAsync(Get)).IsFrom("s:1");
        MemoryAnswer answer = await lane.SendAsync(WithTicket(strange));
        answer.IsFrom("s:2");
        Assert.NotNull(answer.Ticket);
    }

    [Fact]
    public async Task A_draining_backend_keeps_its_sessions_and_an_answer_that_it_cannot_give_any_more_is_asked_for_where_they_live_now()
    {
        MemoryLane lane = Lane();
        AllWell(lane);
        string? ticket = (await lane.SendAsync(Get)).Ticket;
        lane.Publish(id => (BackendHealth.Up, id == "s:1" ? OperatorState.Draining : OperatorState.Ready));
        (await lane.SendAsync(WithTicket(ticket))).IsFrom("s:1");
        Assert.DoesNotContain("s:1", (await lane.SendAsync(Get)).Asked);

        MemoryAnswer cut = await lane.SendAsync(WithTicket(ticket), lane.Client, id =>
        {
            if (id != "s:1")
            {
                return BackendTurn.Answers();
            }

            lane.Publish(b => (BackendHealth.Up, b == "s:1" ? OperatorState.Maintenance : OperatorState.Ready));
            return BackendTurn.Fails(FailureReason.BackendInMaintenance);
        });
        Assert.Equal((2, MemoryEnd.Answered), (cut.Asked.Count, cut.End));
        Assert.NotNull(cut.Ticket);
    }
}
