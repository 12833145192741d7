using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class StatusNoteTests
{
    private static readonly DateTimeOffset Now = new(2027, 1, 15, 8, 0, 0, TimeSpan.Zero);

    private static readonly StatusDocument.Backend Well = new("web-1", "http://10.0.1.1:9001", 1, "up", "ready", Now, null, false, 0, 0, 0, 0, 0, []);

    [Fact]
    public void Where_all_is_well_there_is_nothing_to_say()
    {
        Assert.Empty(StatusWords.NotesOn(Well with { Queue = new(0, null, 0, 0) }, Now));
        Assert.Empty(StatusWords.NotesOn(new StatusDocument.Pool("web", [Well]) { Retries = new(20, 0, 0, null) }, Now));
    }

    [Fact]
    public void A_backend_says_since_when_its_circuit_is_open_and_why_and_who_waits() => Assert.Equal(
        [
            "backup, in use",
            "circuit open for 5s: connects failed; new sessions all the same, max-ejected are ejected",
            "3 wait for a place, the first for 2s",
            "7 found the queue full, 1 waited too long",
        ],
        StatusWords.NotesOn(
            Well with
            {
                Backup = true,
                Circuit = new(Now.AddSeconds(-5), "connects failed", Ejects: false),
                Queue = new(3, Now.AddSeconds(-2), 7, 1),
            },
            Now));

    [Fact]
    public void A_circuit_that_stays_open_whatever_probes_say_says_for_how_long_at_least()
    {
        Assert.Equal(
            ["circuit open for 3s: statuses that count as failures, for 7s more at least"],
            StatusWords.NotesOn(Well with { Circuit = new(Now.AddSeconds(-3), "statuses that count as failures", Ejects: true, Now.AddSeconds(7)) }, Now));
        Assert.Equal(
            ["circuit open for 12s: statuses that count as failures"],
            StatusWords.NotesOn(Well with { Circuit = new(Now.AddSeconds(-12), "statuses that count as failures", Ejects: true, Now.AddSeconds(-2)) }, Now));
    }

    [Theory]
    [InlineData(1, 0.3, "slow start: weight 0.3 of 1")]
    [InlineData(10, 0.3, "slow start: weight 3 of 10")]
    public void A_backend_in_its_slow_start_says_its_weight_now_and_of_what(int weight, double share, string note) =>
        Assert.Equal([note], StatusWords.NotesOn(Well with { Weight = weight, SlowStart = share }, Now));

    [Fact]
    public void A_pool_whose_servers_are_all_down_says_that_they_are_tried_all_the_same()
    {
        StatusDocument.Backend down = Well with { State = "down" };
        Assert.StartsWith("nobody is up, and requests go to all", Assert.Single(StatusWords.NotesOn(new StatusDocument.Pool("web", [down]), Now)), StringComparison.Ordinal);
        Assert.Empty(StatusWords.NotesOn(new StatusDocument.Pool("web", [down with { TakesNewSessions = false }]), Now));
    }

    [Fact]
    public void A_pool_says_since_when_it_uses_backups_and_why_and_what_became_of_retries() => Assert.Equal(
        [
            "new sessions go to backups for 1m5s: 2 down, 1 draining, 1 ejected, 1 in maintenance",
            "34 tried again, 12 not because retry.budget = 20% was spent, as it is for 3s",
        ],
        StatusWords.NotesOn(
            new StatusDocument.Pool(
                "web",
                [
                    Well with { State = "down", TakesNewSessions = false },
                    Well with { State = "down", TakesNewSessions = false },
                    Well with { Operator = "draining" },
                    Well with { Operator = "maintenance" },
                    Well with { Circuit = new(Now, "connects failed", Ejects: true) },
                    Well with { Backup = true },
                ])
            {
                BackupsSince = Now.AddSeconds(-65),
                Retries = new(20, 34, 12, Now.AddSeconds(-3)),
            },
            Now));
}
