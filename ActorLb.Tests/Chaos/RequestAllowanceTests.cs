using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>What each rule lets requests lose, and that nothing beside it is let pass.</summary>
public sealed class RequestAllowanceTests
{
    /// <summary>Of a session at x through a, in the middle of the fault of each rule.</summary>
    private static readonly Attempt Lost = new()
    {
        Number = 0, Client = ClientKind.Browser, Browser = 1, Node = "a", Sent = 1.9, Ended = 4, End = AttemptEnd.Broken, SessionSent = "s",
    };

    public static TheoryData<RequestUse, int> WrongStatuses => new()
    {
        { RequestUse.Login, 200 }, { RequestUse.Tunnel, 200 }, { RequestUse.Events, 204 }, { RequestUse.Upload, 413 }, { RequestUse.RefusedUpload, 200 },
        { RequestUse.RefusedUpload, 408 }, { RequestUse.Download, 206 }, { RequestUse.Http10, 400 }, { RequestUse.Pipelined, 404 },
    };

    [Theory]
    [MemberData(nameof(WrongStatuses))]
    public void An_answer_that_is_not_the_one_for_its_request_is_found(RequestUse use, int status) =>
        Assert.Equal([5], new WrittenHistory().Add(Lost with { Use = use, End = AttemptEnd.Answered, Status = status }).Broken());

    [Fact]
    public void An_upload_that_its_server_refuses_early_gets_its_413() =>
        Assert.Empty(new WrittenHistory().Add(Lost with { Use = RequestUse.RefusedUpload, Method = "POST", End = AttemptEnd.Answered, Status = 413, Backend = "x" }).Broken());

    [Theory]
    [InlineData(RequestUse.RefusedUpload)]
    [InlineData(RequestUse.Upload)]
    [InlineData(RequestUse.Download)]
    [InlineData(RequestUse.Pipelined)]
    [InlineData(RequestUse.Http10)]
    [InlineData(RequestUse.Events)]
    public void What_breaks_off_while_nothing_happens_is_found(RequestUse use) => Assert.Equal([5], new WrittenHistory().Add(Lost with { Use = use }).Broken());

    [Theory]
    [InlineData(RequestUse.Upload)]
    [InlineData(RequestUse.Download)]
    public void What_a_leaving_server_or_a_stopping_node_has_begun_it_must_finish(RequestUse use)
    {
        Attempt long_ = Lost with { Use = use };
        Assert.Equal([11], AtX().Fault(FaultKind.DrainMove, 2, 8, "x").Add(long_).Broken());
        Assert.Equal([11], AtX().Fault(FaultKind.AddRemove, 2, 8, "x").Add(long_).Broken());
        Assert.Equal([5], AtX().Fault(FaultKind.ScaleBackends, 2, 8, "x").Add(long_).Broken());
        Assert.Equal([5], AtX().Fault(FaultKind.SickBackend, 2, 8, "x").Add(long_).Broken());
        Assert.Equal([5], AtX().Away(FaultKind.RollingRestart, 2, 8, "a", gracefully: true).Add(long_).Broken());
    }

    [Fact]
    public void A_refused_upload_costs_nobody_elses_session_its_server() => Assert.Equal(
        [2],
        AtX().Add(Lost with { Use = RequestUse.RefusedUpload, End = AttemptEnd.Answered, Status = 413, Backend = "x" }).Visit(5, "b", "s", "y").Broken());

    [Fact]
    public void Bytes_that_are_not_its_own_are_found_in_an_answer_that_is_else_good() => Assert.Equal(
        [9], new WrittenHistory().Add(Lost with { Use = RequestUse.Download, End = AttemptEnd.Answered, Status = 200, Backend = "x", Foreign = true }).Broken());

    [Fact]
    public void Each_rule_says_which_it_is()
    {
        Assert.Equal("node-away", NameOf(new WrittenHistory().Away(FaultKind.KillNode, 2, 8, "a"), Lost));
        Assert.Equal("node-stops", NameOf(new WrittenHistory().Away(FaultKind.StopAll, 2, 8, "a", gracefully: true), Lost with { End = AttemptEnd.Refused }));
        Assert.Equal("backend-killed", NameOf(AtX().Fault(FaultKind.KillBackend, 2, 8, "x"), Lost));
        Assert.Equal("unread-end", NameOf(AtX().Fault(FaultKind.KillBackend, 2, 8, "x"), Lost with { Method = "POST", Sent = 2.3 }));
        Assert.Equal("backend-hangs", NameOf(AtX().Fault(FaultKind.PauseBackend, 2, 8, "x"), Lost));
        Assert.Null(NameOf(AtX(), Lost));
    }

    [Fact]
    public void A_killed_or_hanging_server_excuses_nothing_of_a_session_that_lives_elsewhere()
    {
        foreach (FaultKind kind in (FaultKind[])[FaultKind.KillBackend, FaultKind.PauseBackend, FaultKind.LoseBackend, FaultKind.SilentBackend])
        {
            Assert.Equal([5], AtX().Fault(kind, 2, 8, "y").Add(Lost with { Use = RequestUse.Upload, Method = "POST" }).Broken());
        }
    }

    [Fact]
    public void Of_two_tickets_either_may_count_and_no_third_session_may_begin()
    {
        Attempt two = Lost with { Sent = 3, Ended = 3.1, End = AttemptEnd.Answered, Status = 200, Also = "o", Backend = "x" };
        WrittenHistory History() => AtX().Visit(1, "b", "o", "y");

        Assert.Empty(History().Add(two).Broken());
        Assert.Empty(History().Add(two with { SessionGiven = "s" }).Broken());
        Assert.Empty(History().Add(two with { SessionGiven = "o", Backend = "y" }).Broken());
        Assert.Equal([4], History().Add(two with { SessionGiven = "third" }).Broken());
        Assert.Equal([2], History().Add(two with { Backend = "y" }).Broken());
        Assert.Equal([2], History().Add(two with { SessionGiven = "o" }).Broken());
        Assert.Equal([2], History().Add(two with { Backend = "z" }).Broken());
    }

    [Fact]
    public void Each_pool_has_turns_of_its_own()
    {
        WrittenHistory Turns(params (string Pool, string Backend)[] turns) => turns.Index().Aggregate(new WrittenHistory(), (h, t) => h.Add(
            Lost with { Client = ClientKind.Crawler, Pool = t.Item.Pool, Sent = 3 + t.Index, Ended = 3.1 + t.Index, End = AttemptEnd.Answered, Status = 200, Backend = t.Item.Backend, SessionSent = null }));

        Assert.Empty(Turns(("web", "x"), ("learn", "x"), ("web", "y"), ("learn", "y"), ("web", "z"), ("learn", "z")).Broken());
        Assert.Equal([1], Turns(("web", "x"), ("learn", "y"), ("web", "x"), ("learn", "z"), ("web", "y"), ("learn", "x")).Broken());
    }

    private static WrittenHistory AtX() => new WrittenHistory().Visit(1, "a", "s", "x");

    private static string? NameOf(WrittenHistory history, Attempt attempt)
    {
        RunHistory whole = history.Add(attempt).ToHistory();
        return RequestAllowances.NameOf(attempt, whole, new SessionWalks(whole));
    }
}
