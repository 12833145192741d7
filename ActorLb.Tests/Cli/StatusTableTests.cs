using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using Xunit;

namespace ActorLb.Tests.Cli;

/// <summary>What operators see at the widths of terminals, to the letter.</summary>
public sealed class StatusTableTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private static readonly StatusDocument Busy = new(
        "node-1",
        "0.5.0",
        [
            new("akka.tcp://actorlb@10.0.0.1:8110", "node-1", "up", Reachable: true, Counted: true),
            new("akka.tcp://actorlb@10.0.0.2:8110", "node-2", "up", Reachable: true, Counted: true) { ConfigurationDiffers = true },
            new("akka.tcp://actorlb@10.0.0.3:8110", "node-3", "up", Reachable: false, Counted: false) { ClockIsWrong = true, ClockAheadSeconds = 3600 },
        ],
        [
            new("web",
            [
                Backend("web-1", "http://10.0.1.1:9001", "up", "ready", "200"),
                Backend("web-2", "http://10.0.1.2:9001", "up", "draining", "200") with { DrainDeadline = Now.AddSeconds(299), Sessions = 12 },
                Backend("web-3", "http://10.0.1.3:9001", "down", "draining", "GET /healthz: 503, expected 200-299")
                    with { DrainDeadline = Now.AddSeconds(-125), DrainOver = true, Sessions = 0, SessionsToMove = 7 },
            ]),
        ],
        new StatusDocument.SessionTotal(1),
        new StatusDocument.File("ok", null, Now, 4096, 0)) { Time = Now };

    [Fact]
    public void A_certificate_that_cannot_be_used_is_told()
    {
        using var output = new StringWriter();
        StatusTables.Print(Busy with { Certificates = [new("listeners.https.tls", "no such file", Now)] }, output, int.MaxValue, inColour: false);
        Assert.Contains("listeners.https.tls: its files cannot be used since 2027-01-15T08:00:00Z, and what was loaded before is: no such file\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_was_lost_is_named() => Assert.Contains(
        "lb3 is gone for 2m5s: it fell silent without leaving, and is not back\n",
        Printed(Busy with { Lost = [new StatusDocument.LostMember("lb3", Now.AddSeconds(-125))] }, int.MaxValue).ReplaceLineEndings("\n"),
        StringComparison.Ordinal);

    [Fact]
    public void At_80_columns_state_comes_first_and_what_has_no_room_is_below_or_named() => Assert.Equal(
        """
        node-1 (actorlb 0.5.0) of the cluster actorlb, 1 session

        Status           Node    Address
        up               node-1  akka.tcp://actorlb@10.0.0.1:8110
        up               node-2  akka.tcp://actorlb@10.0.0.2:8110
            its configuration differs from this node's
        up, unreachable  node-3  akka.tcp://actorlb@10.0.0.3:8110
            its clock is 3600 s ahead; not in the counts of requests in flight and
              tunnels

        pool web
        State  Backend  Operator                 Sessions  To move  In flight  Tunnels
        up     web-1    ready                           4                   2        1
            http://10.0.1.1:9001
            node-1, node-2: up (200)
        up     web-2    draining, 4m59s left           12                   2        1
            http://10.0.1.2:9001
            node-1, node-2: up (200)
        down   web-3    draining, over for 2m5s         0        7          2        1
            http://10.0.1.3:9001
            node-1, node-2: down (GET /healthz: 503, expected 200-299)

        of all nodes: sessions, to move, in flight, tunnels; of node-1 alone, since its
          start: failures, requests
        left out: since, failures, requests, weight (-o wide)

        actorlb.pools.web.health.path names what is asked,
          actorlb.pools.web.health.expect which statuses are well

        """.ReplaceLineEndings(),
        Printed(Busy, 80));

    [Fact]
    public void At_120_columns_all_numbers_are_there() => Assert.Equal(
        """
        node-1 (actorlb 0.5.0) of the cluster actorlb, 1 session

        Status           Node    Address                           Note
        up               node-1  akka.tcp://actorlb@10.0.0.1:8110
        up               node-2  akka.tcp://actorlb@10.0.0.2:8110  its configuration differs from this node's
        up, unreachable  node-3  akka.tcp://actorlb@10.0.0.3:8110  its clock is 3600 s ahead

        pool web
        State  Backend  Operator                 Sessions  To move  In flight  Tunnels  Since  Failures  Requests  Weight
        up     web-1    ready                           4                   2        1   1h1m         3       100       1
            http://10.0.1.1:9001
            node-1, node-2: up (200)
        up     web-2    draining, 4m59s left           12                   2        1   1h1m         3       100       1
            http://10.0.1.2:9001
            node-1, node-2: up (200)
        down   web-3    draining, over for 2m5s         0        7          2        1   1h1m         3       100       1
            http://10.0.1.3:9001
            node-1, node-2: down (GET /healthz: 503, expected 200-299)

        of all nodes: sessions, to move, in flight, tunnels; of node-1 alone, since its start: failures, requests

        actorlb.pools.web.health.path names what is asked, actorlb.pools.web.health.expect which statuses are well

        """.ReplaceLineEndings(),
        Printed(Busy with { Members = [.. Busy.Members.Select(m => m with { Counted = true })] }, 120));

    [Fact]
    public void At_200_columns_each_backend_is_one_row() => Assert.Equal(
        """
        node-1 (actorlb 0.5.0) of the cluster actorlb, 2 sessions

        Status  Node    Address
        up      node-1  akka.tcp://actorlb@10.0.0.1:8110

        pool web
        State  Backend  Operator                 Sessions  To move  In flight  Tunnels  Since  Failures  Requests  Weight  Address               Verdicts
        up     web-1    ready                           4                   2        1   1h1m         3       100       1  http://10.0.1.1:9001  node-1, node-2: up (200)
        up     web-2    draining, 4m59s left           12                   2        1   1h1m         3       100       1  http://10.0.1.2:9001  node-1, node-2: up (200)
        down   web-3    draining, over for 2m5s         0        7          2        1   1h1m         3       100       1  http://10.0.1.3:9001  node-1, node-2: down (timed out)

        of all nodes: sessions, to move, in flight, tunnels; of node-1 alone, since its start: failures, requests

        actorlb.pools.web.health.timeout says how long an answer may take

        """.ReplaceLineEndings(),
        Printed(
            Busy with
            {
                Members = [Busy.Members[0]],
                Sessions = new StatusDocument.SessionTotal(2),
                Pools = [Busy.Pools[0] with { Backends = [.. Busy.Pools[0].Backends.Select(b => b.State == "up" ? b : b with { Verdicts = Verdicts("down", "timed out") })] }],
            },
            200));

    [Fact]
    public void What_is_wrong_is_said_at_the_head_in_the_words_of_top_and_what_people_meant_apart()
    {
        Trouble fails = new("failing:web", Trouble.Error, Now.AddSeconds(-23), "33.1 % of what web/web-1 is asked fails", "41 of 124 requests of web in the last ten seconds.", "Only what was not sent is tried again.");
        StatusDocument status = Busy with
        {
            Lost = [new StatusDocument.LostMember("lb3", Now.AddSeconds(-125))],
            Troubles = [fails, new("gone:lb3", Trouble.Error, Now, "lb3 is gone", "It fell silent.", ""), new("clock", Trouble.Warning, null, "The clock of lb2 is wrong", "It is 9 s behind.", "Deadlines go by the agreed time."), new("drain", Trouble.Info, Now, "web/web-2 drains", "", "")],
        };
        string[] lines = Printed(status, int.MaxValue).Split(Environment.NewLine);
        Assert.Equal(
            [
                "WRONG: 33.1 % of what web/web-1 is asked fails, for 23s, since 2027-01-15T07:59:37Z. 41 of 124 requests of web in the last ten seconds. Only what was not sent is tried again.",
                "WRONG: lb3 is gone, for 0s, since 2027-01-15T08:00:00Z. It fell silent.",
                "LOOK: The clock of lb2 is wrong. It is 9 s behind. Deadlines go by the agreed time.",
                "1 thing is meant so: web/web-2 drains",
                "",
            ],
            lines[1..6]);
    }

    [Fact]
    public void That_nothing_is_wrong_is_said_by_a_node_that_knows_and_not_in_place_of_one_of_an_earlier_version()
    {
        Assert.Contains("WELL: nothing is wrong" + Environment.NewLine, Printed(Busy with { Troubles = [] }, 80), StringComparison.Ordinal);
        Assert.DoesNotContain("WELL", Printed(Busy, 80), StringComparison.Ordinal);
    }

    [Fact]
    public void A_coloured_word_takes_no_more_room_than_another()
    {
        using var text = new StringWriter();
        StatusTables.Print(Busy with { Troubles = [new("k", Trouble.Error, null, new string('a', 20), new string('b', 19), new string('c', 19))] }, new VisibleWriter(text), 80, inColour: true);
        Assert.Contains($"\u001b[31mWRONG\u001b[0m: {new string('a', 20)}. {new string('b', 19)}. {new string('c', 19)}.{Environment.NewLine}", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Wide_leaves_nothing_out_and_breaks_no_row()
    {
        string[] lines = Printed(Busy, int.MaxValue).Split(Environment.NewLine);
        Assert.Contains(lines, l => l.StartsWith("down   web-3", StringComparison.Ordinal) && l.EndsWith("node-1, node-2: down (GET /healthz: 503, expected 200-299)", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.StartsWith("left out", StringComparison.Ordinal));
    }

    [Fact]
    public void A_node_that_starts_says_so() => Assert.StartsWith(
        "node-1 (actorlb 0.5.0) of the cluster actorlb, 1 session; starting, no members yet" + Environment.NewLine + Environment.NewLine + "pool web",
        Printed(Busy with { Members = [] }, 80),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(120)]
    public void No_line_is_wider_than_the_terminal_whatever_a_backend_is_called(int width)
    {
        StatusDocument named = Busy with
        {
            Pools = [Busy.Pools[0] with { Backends = [.. Busy.Pools[0].Backends.Select((b, i) => b with { Id = $"[2001:db8:85a3:8d3:1319:8a2e:370:{7340 + i}]:65535" })] }],
        };
        string[] lines = Printed(named, width).Split(Environment.NewLine);
        Assert.All(lines, l => Assert.InRange(l.Length, 0, width));
        Assert.Contains(lines, l => l.Contains("7341]:65535", StringComparison.Ordinal));
    }

    [Fact]
    public void States_are_coloured_where_that_is_wanted()
    {
        using var text = new StringWriter();
        StatusTables.Print(Busy, new VisibleWriter(text), 80, inColour: true);
        Assert.Contains("\u001b[31mdown \u001b[0m", text.ToString(), StringComparison.Ordinal);
    }

    private static StatusDocument.Backend Backend(string id, string address, string state, string decided, string detail) => new(
        id, address, 1, state, decided, Now.AddSeconds(-3660), null, false, 2, 1, 100, 3, 4, Verdicts(state, detail));

    private static StatusDocument.Opinion[] Verdicts(string state, string detail) =>
        [.. new[] { "node-1", "node-2" }.Select(n => new StatusDocument.Opinion(n, state == "up", detail, Now))];

    private static string Printed(StatusDocument status, int width)
    {
        using var text = new StringWriter();
        StatusTables.Print(status, text, width, inColour: false);
        return text.ToString();
    }
}
