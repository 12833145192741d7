using ActorLb.Engine.Certificates;
using ActorLb.Engine.Measurements;
using ActorLb.Node.Admin;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Dashboard;

public sealed class TroubleTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly GatheredFigures Nothing = new([], []);
    private static readonly Dictionary<FigureSubject, FigureReading> NoFigures = [];

    private readonly TroubleMemory _memory = new();

    [Fact]
    public void Where_all_is_well_there_is_nothing_to_say() => Assert.Empty(Look(Status(Backend("a"), Backend("b"))));

    [Fact]
    public void A_backend_that_is_down_is_told_with_since_when_why_and_what_was_done()
    {
        Trouble down = Assert.Single(Look(Status(
            Backend("a") with { State = "down", TakesNewSessions = false, SessionsToMove = 12, Since = Now - TimeSpan.FromSeconds(9), Verdicts = [Against("lb1", "connection refused"), Against("lb2", "connection refused"), For("lb3")] }, Backend("b"))));
        Assert.Equal(("error", "web/a is down", Now - TimeSpan.FromSeconds(9)), (down.Severity, down.Title, down.Since));
        Assert.Equal("lb1 and lb2: connection refused; lb3 can reach it.", down.Why);
        Assert.Equal("New sessions go to the one that is left; 12 sessions move as their clients come.", down.Done);
        Assert.Equal(("web", "a"), (down.Pool, down.Backend));
    }

    [Fact]
    public void A_pool_in_which_nothing_takes_new_sessions_is_worst()
    {
        IReadOnlyList<Trouble> all = Look(Status(Backend("a") with { State = "down", TakesNewSessions = false }, Backend("b") with { Operator = "draining", TakesNewSessions = false, Sessions = 3 }));
        Assert.Equal(["nobody:web", "down:web/a", "drain:web/b"], all.Select(t => t.Key));
        Assert.Equal(["error", "error", "warning"], all.Select(t => t.Severity));
        Assert.Contains("There is nobody to go to", all[1].Done, StringComparison.Ordinal);
        Assert.Contains("cannot finish", all[2].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_clients_feel_comes_before_a_node_that_is_gone_while_others_serve_and_behind_what_may_be_cut_off()
    {
        StatusDocument status = Status(Backend("a") with { State = "down", TakesNewSessions = false }, Backend("b")) with
        {
            Members = [Member("lb1"), Member("lb2") with { Reachable = false }],
            Lost = [new StatusDocument.LostMember("lb3", Now)],
        };
        Assert.Equal(["failing:web", "down:web/a", "unreachable:lb2", "gone:lb3"], _memory.Look(status, Nothing, Readings((100, 31))).Select(t => t.Key));

        StatusDocument alone = status with { Members = [Member("lb1")], Lost = [new StatusDocument.LostMember("lb2", Now), new StatusDocument.LostMember("lb3", Now)] };
        Assert.Equal(["gone:lb2", "gone:lb3", "failing:web", "down:web/a"], _memory.Look(alone, Nothing, Readings((100, 31))).Select(t => t.Key));
    }

    [Fact]
    public void No_words_of_it_are_of_one_place_alone_where_it_is_shown()
    {
        StatusDocument status = Status(Backend("a")) with { Members = [Member("lb1") with { Configuration = "00000002" }, Member("lb2") with { Configuration = "00000001" }] };
        Assert.Equal("Each node goes on by its own. actorlb diff --nodes and the dashboard's page Topology show what differs.", Assert.Single(Look(status)).Done);
        var silent = new GatheredFigures([], ["lb2"]);
        Assert.Equal("The figures of all nodes are without its own.", Look(Status(Backend("a")), silent)[0].Done);
    }

    [Fact]
    public void Many_backends_that_are_down_are_one_trouble()
    {
        IReadOnlyList<Trouble> all = Look(Status([.. Enumerable.Range(0, 900).Select(i => Backend($"b{i}") with { State = "down", TakesNewSessions = false }), Backend("up")]));
        Trouble only = Assert.Single(all);
        Assert.Equal("900 of 901 backends of web are down", only.Title);
        Assert.Contains("b0, b1, b2, b3 and 896 more", only.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_people_meant_is_no_alarm() =>
        Assert.All(Look(Status(Backend("a") with { Operator = "draining", TakesNewSessions = false }, Backend("b") with { Operator = "maintenance", State = "down", TakesNewSessions = false }, Backend("c"))), t => Assert.Equal("info", t.Severity));

    [Theory]
    [InlineData("ops (10.0.0.9)", false, "ops (10.0.0.9) asked for it, at lb2.")]
    [InlineData(null, false, "An operator asked for it, at lb2.")]
    [InlineData("ops (10.0.0.9)", true, "ops (10.0.0.9) removed it, at lb2.")]
    public void Who_asked_for_a_drain_is_told_with_since_when(string? who, bool removed, string why)
    {
        StatusDocument.Backend drains = Backend("a") with { Operator = "draining", TakesNewSessions = false, Decided = new StatusDocument.OperatorsWord("lb2", who, Now.AddSeconds(-9), removed) };
        Trouble trouble = Assert.Single(Look(Status(drains, Backend("b"))));
        Assert.Equal((why, Now.AddSeconds(-9)), (trouble.Why, trouble.Since));
        Trouble unasked = Assert.Single(Look(Status(drains with { Decided = null }, Backend("b"))));
        Assert.Equal("It is not written any more, or no name leads there.", unasked.Why);
    }

    [Fact]
    public void One_observer_alone_that_cannot_reach_a_backend_is_named()
    {
        Trouble dissent = Assert.Single(Look(Status(Backend("a") with { Verdicts = [For("lb1"), For("lb2"), Against("lb3", "timed out")] })));
        Assert.Equal(("warning", "lb3 cannot reach web/a"), (dissent.Severity, dissent.Title));
    }

    [Fact]
    public void An_open_circuit_is_told_with_its_node_and_a_queue_with_its_length()
    {
        var strained = new StrainedBackend(new BackendName("web", "a"), 7, 0, "connects timed out", true, Now - TimeSpan.FromSeconds(3));
        IReadOnlyList<Trouble> all = Look(Status(Backend("a"), Backend("b")), new GatheredFigures([Figures("lb2") with { Strained = [strained] }], []));
        Assert.Equal(["circuit:web/a", "queue:web/a"], all.Select(t => t.Key));
        Assert.Equal(("The circuit to web/a is open at lb2", Now - TimeSpan.FromSeconds(3)), (all[0].Title, all[0].Since));
        Assert.Equal("7 requests wait for web/a", all[1].Title);
    }

    [Theory]
    [InlineData(100, 4, false)]
    [InlineData(100, 5, true)]
    [InlineData(101, 5, false)]
    [InlineData(2, 2, false)]
    [InlineData(3, 3, true)]
    public void A_pool_of_which_a_twentieth_fails_is_told(long requests, long failures, bool isTold)
    {
        var figures = new Dictionary<FigureSubject, FigureReading>
        {
            [new FigureSubject(SubjectKind.Pool, "web")] = new(new FigureSubject(SubjectKind.Pool, "web"), 0, 0, requests, failures, []),
        };
        Assert.Equal(isTold ? ["failing:web"] : [], _memory.Look(Status(Backend("a")), Nothing, figures).Select(t => t.Key));
    }

    [Theory]
    [InlineData(30, 0, "50 % of what web/a is asked fails", "30 of 120 requests of web in the last ten seconds: 30 of 60 at a.", "a")]
    [InlineData(20, 10, "25 % of what is asked of web fails", "30 of 120 requests of web in the last ten seconds: 20 of 60 at a and 10 of 60 at b.", null)]
    [InlineData(0, 0, "25 % of what is asked of web fails", "30 of 120 requests of web in the last ten seconds.", null)]
    public void The_backend_that_fails_is_named(long ofA, long ofB, string title, string why, string? backend)
    {
        FigureReading[] readings =
        [
            new(new FigureSubject(SubjectKind.Pool, "web"), 0, 0, 120, 30, []),
            new(FigureSubject.Of(new BackendName("web", "a")), 0, 0, 60, ofA, []),
            new(FigureSubject.Of(new BackendName("web", "b")), 0, 0, 60, ofB, []),
        ];
        Trouble failing = Assert.Single(_memory.Look(Status(Backend("a"), Backend("b")), Nothing, readings.ToDictionary(r => r.Subject)));
        Assert.Equal(("failing:web", title, why, backend), (failing.Key, failing.Title, failing.Why, failing.Backend));
    }

    [Fact]
    public void Whom_a_full_queue_turned_away_is_told_with_its_backend_and_as_that()
    {
        FailureCount[] full = [new("queue-full", 48)];
        FigureReading[] readings =
        [
            new(new FigureSubject(SubjectKind.Pool, "web"), 0, 0, 81, 48, []) { Reasons = [.. full] },
            new(FigureSubject.Of(new BackendName("web", "a")), 0, 0, 81, 0, []) { Reasons = [.. full] },
        ];
        Trouble failing = Assert.Single(_memory.Look(Status(Backend("a"), Backend("b")), Nothing, readings.ToDictionary(r => r.Subject)));
        Assert.Equal("48 of 81 requests of web in the last ten seconds: 48 queue-full at a.", failing.Why);
        Assert.Equal("All places of max-connections are taken and queue.length is full: who comes then is answered with 503.", failing.Done);
    }

    [Fact]
    public void What_fails_is_told_by_kind()
    {
        FailureCount[] own = [new("", 49), new("backend-reset", 3)];
        FigureReading[] readings =
        [
            new(new FigureSubject(SubjectKind.Pool, "web"), 0, 0, 120, 54, []) { Reasons = [.. own, new FailureCount("queue-timeout", 2)] },
            new(FigureSubject.Of(new BackendName("web", "a")), 0, 0, 60, 52, []) { Reasons = [.. own, new FailureCount("queue-timeout", 2)] },
        ];
        Trouble failing = Assert.Single(_memory.Look(Status(Backend("a"), Backend("b")), Nothing, readings.ToDictionary(r => r.Subject)));
        Assert.Equal("54 of 120 requests of web in the last ten seconds: 52 of 60 at a. 49 answered with 5xx, 3 backend-reset and 2 queue-timeout at a.", failing.Why);
        Assert.StartsWith("Only what was not sent is tried at another backend;", failing.Done, StringComparison.Ordinal);
        Assert.EndsWith("who waited for queue.timeout is answered with 503.", failing.Done, StringComparison.Ordinal);

        readings[0] = readings[0] with { RecentRequests = 5000 };
        Trouble one = Assert.Single(_memory.Look(Status(Backend("a"), Backend("b")), Nothing, readings.ToDictionary(r => r.Subject)), t => t.Backend == "a");
        Assert.Equal("52 of 60 requests in the last ten seconds: 49 answered with 5xx and 3 backend-reset.", one.Why);
    }

    [Fact]
    public void One_of_many_backends_that_fails_is_told_although_its_pool_is_well()
    {
        Trouble trouble = Assert.Single(_memory.Look(Status(Backend("a"), Backend("b")), Nothing, Readings((1000, 10), (20, 10), (980, 0))));
        Assert.Equal(
            ("failing:web/a", "warning", "50 % of what web/a is asked fails", "10 of 20 requests in the last ten seconds.", "web", "a"),
            (trouble.Key, trouble.Severity, trouble.Title, trouble.Why, trouble.Pool, trouble.Backend));
    }

    [Fact]
    public void What_fails_is_told_until_it_is_well_and_not_at_each_swing_about_the_bound()
    {
        StatusDocument status = Status(Backend("a"));
        Assert.Empty(_memory.Look(status, Nothing, Readings((1000, 49))));
        Assert.Equal(Now, Assert.Single(_memory.Look(status, Nothing, Readings((1000, 50)))).Since);
        Assert.Equal(Now, Assert.Single(_memory.Look(status with { Time = Now.AddSeconds(9) }, Nothing, Readings((1000, 13)))).Since);
        Assert.Empty(_memory.Look(status, Nothing, Readings((1000, 12))));
        Assert.Empty(_memory.Look(status, Nothing, Readings((1000, 13))));
    }

    // Of the pool, and of its backends a, b, ...
    private static Dictionary<FigureSubject, FigureReading> Readings((long Requests, long Failures) pool, params (long Requests, long Failures)[] backends) => backends
        .Select((b, i) => new FigureReading(FigureSubject.Of(new BackendName("web", $"{(char)('a' + i)}")), 0, 0, b.Requests, b.Failures, []))
        .Append(new FigureReading(new FigureSubject(SubjectKind.Pool, "web"), 0, 0, pool.Requests, pool.Failures, []))
        .ToDictionary(r => r.Subject);

    [Fact]
    public void A_node_that_cannot_be_reached_is_told_and_then_that_it_is_gone()
    {
        StatusDocument.Member lb1 = Member("lb1"), lb2 = Member("lb2");
        StatusDocument both = Status(Backend("a")) with { Members = [lb1, lb2] };
        Assert.Empty(Look(both));
        Trouble lost = Assert.Single(Look(both with { Members = [lb1, lb2 with { Reachable = false }] }, new GatheredFigures([Figures("lb1") with { Sees = [new SeenMember("lb2", "up", false)] }], [])));
        Assert.Equal(("error", "lb2 cannot be reached", "lb1 does not hear it any more."), (lost.Severity, lost.Title, lost.Why));
        Trouble gone = Assert.Single(Look(both with { Members = [lb1], Lost = [new StatusDocument.LostMember("lb2", Now)] }));
        Assert.Equal(("gone:lb2", Now, "lb2"), (gone.Key, gone.Since, gone.Node));
    }

    [Fact]
    public void Two_nodes_that_do_not_hear_each_other_and_answer_both_are_told_once()
    {
        StatusDocument status = Status(Backend("a")) with { Members = [Member("lb1"), Member("lb2"), Member("lb3")] };
        var gathered = new GatheredFigures(
            [Figures("lb1"), Figures("lb2") with { Sees = [new SeenMember("lb3", "up", false)] }, Figures("lb3") with { Sees = [new SeenMember("lb2", "up", false)] }], []);
        Assert.Equal(["parted:lb2:lb3"], Look(status, gathered).Select(t => t.Key));
    }

    [Fact]
    public void Since_when_is_remembered_for_as_long_as_it_lasts()
    {
        StatusDocument status = Status(Backend("a")) with { Members = [Member("lb1") with { Configuration = "00000002" }, Member("lb2") with { Configuration = "00000001" }] };
        Assert.Equal(Now, Look(status)[0].Since);
        Assert.Equal(Now, Look(status with { Time = Now + TimeSpan.FromHours(1) })[0].Since);
        Look(Status(Backend("a")));
        Assert.Equal(Now + TimeSpan.FromHours(2), Look(status with { Time = Now + TimeSpan.FromHours(2) })[0].Since);
    }

    [Fact]
    public void A_backend_that_comes_to_be_its_pools_trouble_and_is_no_more_has_failed_since_before()
    {
        StatusDocument status = Status(Backend("a"), Backend("b"));
        Assert.Equal(("failing:web/a", Now), Told(0, (1000, 10), (20, 10)));
        Assert.Equal(("failing:web", Now), Told(5, (1000, 100), (120, 100)));
        Assert.Equal(("failing:web/a", Now), Told(9, (1000, 10), (20, 10)));

        (string, DateTimeOffset?) Told(int second, (long, long) pool, (long, long) backend)
        {
            Trouble one = Assert.Single(_memory.Look(status with { Time = Now.AddSeconds(second) }, Nothing, Readings(pool, backend)));
            return (one.Key, one.Since);
        }
    }

    [Fact]
    public void Since_when_is_what_the_log_of_events_says_at_each_node_and_after_each_start()
    {
        var time = new FakeTimeProvider(Now);
        var log = new EventLog("lb2", time.GetUtcNow, NullLogger.Instance, 100);
        DateTimeOffset told = Now - LastingFact.ToldAfter;
        StatusDocument status = Status(Backend("a") with { Verdicts = [For("lb1"), Against("lb3", "timed out")] }, Backend("b") with { Operator = "maintenance", State = "down" }, Backend("c")) with
        {
            Time = Now.AddHours(1),
            Members = [Member("lb1") with { Configuration = "00000001" }, Member("lb2") with { Configuration = "00000002" }, Member("lb3") with { Configuration = "00000001", Reachable = false }],
        };
        NodeEvent failing = log.Note(OfBackend(EventKind.BackendFailing, "a"));
        log.Note(OfBackend(EventKind.BackendDegraded, "a"));
        log.Note(OfBackend(EventKind.BackendSlow, "c"));
        log.Note(OfBackend(EventKind.OperatorMaintenance, "b"));
        log.Note(new EventNote(EventKind.TopologyDrift, "lb2 goes by another configuration"));
        log.Note(new EventNote(EventKind.NodeUnreachable, "lb3 does not answer"));
        Assert.Equal(
            new Dictionary<string, DateTimeOffset?>
            {
                ["failing:web"] = told, ["unreachable:lb3"] = Now, ["dissent:web/a"] = told, ["slow:web/c"] = told, ["differs:lb2"] = told, ["maintenance:web/b"] = Now,
            }.OrderBy(t => t.Key, StringComparer.Ordinal),
            Look().OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => KeyValuePair.Create(t.Key, t.Since)));

        // What is over and is so again is not that.
        log.Note(OfBackend(EventKind.BackendFailingOver, "a") with { Cause = failing.Id });
        Assert.Equal(status.Time, Look().Single(t => t.Key == "failing:web").Since);

        EventNote OfBackend(EventKind kind, string id) => new(kind, $"web/{id}") { Pool = "web", Backend = id };

        IReadOnlyList<Trouble> Look()
        {
            Dictionary<FigureSubject, FigureReading> figures = Latencies((0, 1), (20, 2), (20, 2000));
            FigureReading pool = new(new FigureSubject(SubjectKind.Pool, "web"), 0, 0, 60, 30, []), a = new(FigureSubject.Of(new BackendName("web", "a")), 0, 0, 60, 30, []);
            (figures[pool.Subject], figures[a.Subject]) = (pool, a);
            return new TroubleMemory(new TroubleBeginnings(log)).Look(status, Nothing, figures);
        }
    }

    [Fact]
    public void A_pool_whose_queues_are_full_is_in_trouble_since_the_first_was_and_what_is_told_by_an_event_swings_about_its_bound_no_more_than_before()
    {
        var time = new FakeTimeProvider(Now);
        var log = new EventLog("lb2", time.GetUtcNow, NullLogger.Instance, 100);
        log.Note(new EventNote(EventKind.LimitReached, "lb2: web/a has no free place") { Pool = "web", Backend = "a", Data = new { limit = "queue", of = "web/a" } });
        var memory = new TroubleMemory(new TroubleBeginnings(log));
        StatusDocument status = Status(Backend("a")) with { Time = Now.AddSeconds(9) };
        Assert.Equal(Now, Assert.Single(memory.Look(status, Nothing, Readings((1000, 50)))).Since);
        Assert.Equal(Now, Assert.Single(memory.Look(status, Nothing, Readings((1000, 13)))).Since);
        Assert.Empty(memory.Look(status, Nothing, Readings((1000, 12))));
    }

    [Fact]
    public void A_queue_and_a_revision_that_cannot_be_run_are_told_since_when_events_say_so()
    {
        var log = new EventLog("lb2", () => Now, NullLogger.Instance, 100);
        log.Note(new EventNote(EventKind.LimitReached, "lb2: web/b has no free place") { Pool = "web", Backend = "b", Data = new { limit = "queue", of = "web/b" } });
        log.Note(new EventNote(EventKind.TopologyRefused, "lb2 cannot run revision 5") { Data = new { revision = 5 } });
        StatusDocument status = Status(Backend("a"), Backend("b")) with { Node = "lb2", Time = Now.AddHours(1), Revision = new StatusDocument.GivenRevision(5, "lb1", Now.AddDays(-1), Release: false, "cannot listen") };
        var waiting = new GatheredFigures([Figures("lb1") with { Strained = [Waits("a"), Waits("b")] }], []);
        Assert.Equal(
            [("revision:lb2:5", Now), ("queue:web/a", status.Time), ("queue:web/b", Now)],
            new TroubleMemory(new TroubleBeginnings(log)).Look(status, waiting, NoFigures).OrderBy(t => t.Severity, StringComparer.Ordinal).Select(t => (t.Key, t.Since!.Value)));

        StrainedBackend Waits(string id) => new(new BackendName("web", id), 3, 0, "", false, DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public void Nothing_takes_new_sessions_since_the_last_backend_that_did_went_down_or_was_taken_out()
    {
        StatusDocument.OperatorsWord asked = new("lb1", null, Now.AddSeconds(-20), false);
        StatusDocument.Backend down = Backend("a") with { State = "down", TakesNewSessions = false, Since = Now.AddSeconds(-30) };
        StatusDocument.Backend drains = Backend("b") with { Operator = "draining", TakesNewSessions = false, Decided = asked, Since = Now.AddSeconds(-90) };
        StatusDocument.Backend diedThen = drains with { State = "down", Since = Now.AddSeconds(-5) };
        StatusDocument.Backend diedBefore = drains with { State = "down", Since = Now.AddSeconds(-25) };
        Assert.Equal(-20, Nobody(down, drains));
        Assert.Equal(-20, Nobody(down, diedThen));
        Assert.Equal(-25, Nobody(down, diedBefore));
        Assert.Equal(-30, Nobody(down, drains with { Decided = asked with { At = Now.AddSeconds(-60) } }));
        Assert.Equal(-30, Nobody(down, drains with { Decided = null }));

        static double Nobody(params StatusDocument.Backend[] backends) =>
            (new TroubleMemory().Look(Status(backends), Nothing, NoFigures).Single(t => t.Key == "nobody:web").Since!.Value - Now).TotalSeconds;
    }

    [Fact]
    public void What_is_wrong_with_files_is_told()
    {
        StatusDocument status = Status(Backend("a")) with
        {
            Storage = new StatusDocument.File("failing", "No space left on device", Now, 1, 3),
            Certificates = [new StatusDocument.UnusableCertificate("listeners.https.tls", "expired", Now)],
            Configuration = new StatusDocument.Files("00000001", Now, "refused", Now, ["pools.web: no backends"], []),
        };
        Assert.Equal(["storage:lb1", "certificate:lb1:listeners.https.tls", "refused:lb1"], Look(status).Select(t => t.Key));
    }

    [Fact]
    public void What_is_wrong_with_a_nodes_files_is_told_in_the_same_words_by_every_node()
    {
        var standing = new NodeStanding
        {
            Storage = new NodeStanding.UnwrittenFile("off", "a newer version's", Now),
            FilesAt = Now,
            Mistakes = ["pools.web: no backends"],
            NeedStart = ["cluster.port"],
            Certificates = [new NodeStanding.CertificateNotUsed("listeners.https.tls", "expired", Now)],
        };
        StatusDocument own = Status(Backend("a")) with
        {
            Node = "lb2",
            Storage = new StatusDocument.File("off", "a newer version's", Now, 1, 3),
            Certificates = [new StatusDocument.UnusableCertificate("listeners.https.tls", "expired", Now)],
            Configuration = new StatusDocument.Files("00000001", Now, "refused", Now, ["pools.web: no backends"], [new ReloadDocument.Difference("cluster.port", "1", "2")]),
        };
        IReadOnlyList<Trouble> there = Look(Status(Backend("a")), new GatheredFigures([Figures("lb1"), Figures("lb2") with { Standing = standing }], []));
        Assert.Equal(4, there.Count);
        Assert.Equal(Look(own, new GatheredFigures([Figures("lb2") with { Standing = standing }], [])), there);
    }

    [Theory]
    [InlineData("lb1")]
    [InlineData("lb2")]
    public void Nodes_that_cannot_run_the_revision_are_told_with_why_alone_whichever_node_is_asked(string asked)
    {
        const string Problem = "cannot listen on 127.0.0.1:9: another process listens there";
        StatusDocument status = Status(Backend("a")) with
        {
            Node = asked,
            Members = [Member("lb1") with { Configuration = "00000005" }, Member("lb2") with { Configuration = "00000001" }, Member("lb3") with { Configuration = "00000001" }],
            Revision = new StatusDocument.GivenRevision(5, "lb1", Now, Release: false, asked == "lb2" ? Problem : null),
        };
        NodeStanding not = new() { Revision = new NodeStanding.RevisionNotRun(5, Problem) };
        IReadOnlyList<Trouble> all = Look(status, new GatheredFigures([Figures("lb1"), Figures("lb2") with { Standing = not }, Figures("lb3") with { Standing = not }], []));
        Assert.Equal(["lb2 does not go by revision 5", "lb3 does not go by revision 5"], all.Select(t => t.Title).Order());
        Assert.All(all, t => Assert.Equal((Trouble.Error, Problem + ".", "It goes on by what was in force before."), (t.Severity, t.Why, t.Done)));
    }

    [Fact]
    public void A_node_of_which_no_reason_is_known_goes_by_another_configuration_than_the_most()
    {
        StatusDocument status = Status(Backend("a")) with
        {
            Members = [Member("lb1") with { Configuration = "00000001" }, Member("lb2") with { Configuration = "00000002" }, Member("lb3") with { Configuration = "00000002" }],
        };
        Trouble differs = Assert.Single(Look(status));
        Assert.Equal(("differs:lb1", "Its fingerprint is 00000001; that of lb2 and lb3 is 00000002."), (differs.Key, differs.Why));
    }

    [Fact]
    public void A_certificate_that_has_expired_is_wrong_and_one_that_expires_soon_is_to_be_looked_at()
    {
        CertificateInUse Of(string key, TimeSpan left) => new(key, "", $"CN={key}", Now + left);
        FiguresAtNode lb1 = Figures("lb1") with
        {
            Certificates =
            [
                Of("pools.web.tls", CertificateInUse.ExpiresSoon),
                Of("admin.tls", TimeSpan.FromHours(47)),
                Of("listeners.https.tls", TimeSpan.Zero),
                Of("listeners.late.tls", CertificateInUse.ExpiresSoon + TimeSpan.FromSeconds(1)),
                Of("listeners.new.tls", TimeSpan.FromDays(90)) with { Begins = Now + TimeSpan.FromHours(1) },
            ],
        };
        FiguresAtNode lb2 = Figures("lb2") with { Certificates = [Of("listeners.https.tls", TimeSpan.Zero)] };
        IReadOnlyList<Trouble> all = Look(Status(Backend("a")), new GatheredFigures([lb1, lb2], []));
        Assert.Equal(
            [
                ("error", "The certificate of listeners.https.tls has expired", Now, null),
                ("error", "The certificate of listeners.new.tls is not valid before 2027-01-15 09:00Z", Now, "lb1"),
                ("warning", "The certificate of admin.tls expires in 47 hours", Now + TimeSpan.FromHours(47) - CertificateInUse.ExpiresSoon, "lb1"),
                ("warning", "The certificate of pools.web.tls expires in 14 days", Now, "lb1"),
            ],
            all.Select(t => (t.Severity, t.Title, t.Since!.Value, t.Node)));
        Assert.Equal("lb1 and lb2 show it: CN=listeners.https.tls.", all[0].Why);
        Assert.StartsWith("It is shown all the same: clients refuse it.", all[0].Done, StringComparison.Ordinal);
        Assert.StartsWith("From then on backends that ask for one refuse it.", all[3].Done, StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_of_one_name_are_wrong_with_their_addresses_and_who_ends()
    {
        StatusDocument.Member one = Member("lb1");
        StatusDocument.Member two = one with { Address = "akka.tcp://actorlb@[::1]:8111" };
        StatusDocument.Member three = one with { Address = "akka.tcp://actorlb@c:8112" };
        Trouble twins = Assert.Single(Look(Status(Backend("a")) with { Members = [one, Member("lb2"), two] }));
        Assert.Equal(("twins:lb1", "error", "Two nodes are called lb1", "lb1"), (twins.Key, twins.Severity, twins.Title, twins.Node));
        Assert.Equal("They are at lb1:8110 and [::1]:8111. Each needs a name of its own (node.name): what is known of one is taken for the other's.", twins.Why);
        Assert.Equal("The younger one, at [::1]:8111, ends itself where this lasts for three times cluster.stable-after and five seconds; until then all of them serve.", twins.Done);

        Trouble many = Assert.Single(Look(Status(Backend("a")) with { Members = [one, two, three] }));
        Assert.Equal("3 nodes are called lb1", many.Title);
        Assert.StartsWith("The younger ones, at [::1]:8111 and c:8112, end themselves where", many.Done, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("joining", true)]
    [InlineData("leaving", true)]
    [InlineData("exiting", true)]
    [InlineData("down", true)]
    [InlineData("up", false)]
    public void A_node_that_comes_back_at_another_address_or_goes_is_no_second_one(string status, bool isReachable)
    {
        StatusDocument.Member other = Member("lb1") with { Address = "akka.tcp://actorlb@b:8110", Status = status, Reachable = isReachable };
        Assert.DoesNotContain(Look(Status(Backend("a")) with { Members = [other, Member("lb1")] }), t => t.Key.StartsWith("twins:", StringComparison.Ordinal));
    }

    [Fact]
    public void Certificates_that_look_alike_are_told_one_by_one_in_the_same_words_whoever_is_asked()
    {
        FiguresAtNode Shows(string node, string description, string fingerprint) => Figures(node) with
        {
            Certificates = [new CertificateInUse("listeners.https.tls", "", description, Now) { Fingerprint = fingerprint }],
        };
        FiguresAtNode[] nodes = [Shows("lb1", "CN=one", "aa"), Shows("lb2", "CN=one", "bb"), Shows("lb3", "O=other", "cc"), Shows("lb4", "CN=one", "aa"), Shows("lb5", "O=other", ""), Shows("lb6", "CN=old", "")];
        string[] said =
        [
            "lb6 shows it: CN=old.",
            "lb1 and lb4 show it: CN=one.",
            "lb2 shows it: CN=one.",
            "lb3 and lb5 show it: O=other.",
        ];
        for (int asked = 0; asked < nodes.Length; asked++)
        {
            var gathered = new GatheredFigures([nodes[asked], .. nodes.Where((_, i) => i != asked)], []);
            IReadOnlyList<Trouble> all = Look(Status(Backend("a")), gathered);
            Assert.Equal(said, all.Select(t => t.Why));
            Assert.Equal(said.Length, all.Select(t => t.Key).Distinct().Count());
        }
    }

    [Fact]
    public void The_alerts_begin_when_the_trouble_does()
    {
        string rules = File.ReadAllText(RepositoryFiles.PathOf("deploy", "alerts", "actorlb.rules.yml"));
        string bound = $"expiry_timestamp_seconds - time() < {CertificateInUse.ExpiresSoon.Days} * 86400";
        Assert.Equal(2, rules.Split(bound).Length - 1);
        Assert.Equal(2, rules.Split("expiry_timestamp_seconds - time()").Length - 1);
    }

    [Theory]
    [InlineData(10, 1500, 10, 1, true)]
    [InlineData(9, 1500, 10, 1, false)]
    [InlineData(10, 1500, 9, 1, false)]
    [InlineData(10, 90, 10, 1, false)]
    [InlineData(10, 150, 10, 1, true)]
    [InlineData(100, 4000, 100, 1000, false)]
    [InlineData(100, 9000, 100, 1000, true)]
    [InlineData(100, 30_000, 100, 30_000, false)]
    public void A_backend_is_slow_when_half_of_its_answers_begin_five_times_and_100_ms_later_than_the_others(int answers, int ms, int ofOthers, int msOfOthers, bool isSlow)
    {
        IReadOnlyList<Trouble> all = _memory.Look(Status(Backend("a"), Backend("b"), Backend("c")), Nothing, Latencies((answers, ms), (ofOthers - 1, msOfOthers), (1, msOfOthers)));
        Assert.Equal(isSlow ? ["slow:web/a"] : [], all.Select(t => t.Key));
    }

    [Fact]
    public void A_slow_backend_is_told_with_how_slow_until_it_is_half_as_slow()
    {
        StatusDocument status = Status(Backend("a"), Backend("b"));
        Trouble slow = Assert.Single(_memory.Look(status, Nothing, Latencies((20, 1500), (20, 1))));
        Assert.Equal(("warning", "web/a is slow", "web", "a", Now), (slow.Severity, slow.Title, slow.Pool, slow.Backend, slow.Since));
        Assert.Matches(@"^In the last ten seconds half of its answers began after 1\.\d s; at the other backends of web after (0\.9|1) ms\.$", slow.Why);
        Assert.Single(_memory.Look(status, Nothing, Latencies((2, 80), (2, 1))));
        Assert.Empty(_memory.Look(status, Nothing, Latencies((20, 40), (20, 1))));
        Assert.Empty(_memory.Look(status, Nothing, Latencies((20, 80), (20, 1))));
    }

    [Fact]
    public void Where_one_backend_alone_is_asked_it_is_not_slow_and_many_slow_ones_are_one_trouble()
    {
        Assert.Empty(_memory.Look(Status(Backend("a"), Backend("b")), Nothing, Latencies((100, 5000))));
        StatusDocument.Backend[] backends = [.. Enumerable.Range(0, 20).Select(i => Backend($"{(char)('a' + i)}"))];
        Trouble many = Assert.Single(_memory.Look(Status(backends), Nothing, Latencies([.. Enumerable.Range(0, 20).Select(i => i < 6 ? (20, 2000) : (20, 2))])));
        Assert.Equal(("slow-of:web", "6 of 20 backends of web are slow"), (many.Key, many.Title));
    }

    [Theory]
    [InlineData(1520, "1.5 s")]
    [InlineData(999.9, "1 s")]
    [InlineData(150.4, "150 ms")]
    [InlineData(0.72, "0.7 ms")]
    [InlineData(0.05, "0.05 ms")]
    public void A_latency_is_said_as_people_read_it(double milliseconds, string said) => Assert.Equal(said, SlowBackend.Said(milliseconds));

    // Of backends a, b, ...: so many answers, each of which began so late.
    private static Dictionary<FigureSubject, FigureReading> Latencies(params (int Answers, int Milliseconds)[] backends) => backends
        .Select((b, i) =>
        {
            long[] latencies = new long[LatencyBounds.Count];
            latencies[LatencyBuckets.IndexOf(b.Milliseconds * TimeSpan.TicksPerMillisecond)] = b.Answers;
            return new FigureReading(FigureSubject.Of(new BackendName("web", $"{(char)('a' + i)}")), 0, 0, b.Answers, 0, [.. latencies]);
        })
        .ToDictionary(r => r.Subject);

    [Fact]
    public void They_are_bounded() =>
        Assert.Equal(TroubleMemory.Max, Look(Status([.. Enumerable.Range(0, 2 * TroubleMemory.Max).Select(i => Backend($"b{i}") with { Operator = "maintenance" }), Backend("up")])).Count);

    private IReadOnlyList<Trouble> Look(StatusDocument status, GatheredFigures? gathered = null) => _memory.Look(status, gathered ?? Nothing, NoFigures);

    private static StatusDocument Status(params StatusDocument.Backend[] backends) => new(
        "lb1", "0.1.0", [], [new StatusDocument.Pool("web", backends)], new StatusDocument.SessionTotal(0), new StatusDocument.File("ok", null, Now, 0, 0)) { Time = Now };

    private static StatusDocument.Member Member(string name) => new($"akka.tcp://actorlb@{name}:8110", name, "up", true, true);

    private static StatusDocument.Backend Backend(string id) => new(id, $"http://{id}:80", 1, "up", "ready", Now, null, false, 0, 0, 0, 0, 0, []);

    private static StatusDocument.Opinion Against(string node, string why) => new(node, false, why, Now);

    private static StatusDocument.Opinion For(string node) => new(node, true, "200", Now);

    private static FiguresAtNode Figures(string node) => new(node, "0.1.0", "", Now, 0, 0, 0, [], [], []);
}
