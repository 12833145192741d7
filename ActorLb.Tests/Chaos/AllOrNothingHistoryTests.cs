using System.Collections.Immutable;
using ActorLb.Chaos.History;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>Invariant 12: what is good is in force everywhere, what is bad nowhere.</summary>
public sealed class AllOrNothingHistoryTests
{
    private static readonly Change Good = new()
    {
        What = "apply", Asked = 2, Answered = 3, Outcome = "in-force", IsDone = true, Before = All("1", null), After = All("2", "1@a"),
    };

    private static readonly Change Bad = new()
    {
        What = "apply", IsBad = true, Asked = 2, Answered = 3, Outcome = "impossible", IsDone = false, Mistakes = ["topology:3: no"], Before = All("1", null), After = All("1", null),
    };

    [Fact]
    public void A_good_change_is_in_force_everywhere_and_a_bad_one_nowhere() => Assert.Empty(new WrittenHistory().Change(Good).Change(Bad).Broken());

    [Fact]
    public void A_good_change_that_is_not_taken_is_found() => Assert.Equal([12], Broken(Good with { IsDone = false, Outcome = "impossible", After = Good.Before }));

    [Fact]
    public void Nodes_that_run_another_revision_or_say_why_they_do_not_are_found()
    {
        Assert.Equal([12], Broken(Good with { After = [.. All("2", "1@a").Take(2), new NodeStanding("c", "1", null)] }));
        Assert.Equal([12], Broken(Good with { After = [.. All("2", "1@a").Take(2), new NodeStanding("c", "2", "1@a, a file is not there")] }));
    }

    [Fact]
    public void A_bad_change_that_is_taken_or_changes_something_or_is_refused_without_a_word_is_found()
    {
        Assert.Equal([12], Broken(Bad with { IsDone = true, Outcome = "in-force" }));
        Assert.Equal([12], Broken(Bad with { After = All("2", null) }));
        Assert.Equal([12], Broken(Bad with { After = All("1", "1@a") }));
        Assert.Equal([12], Broken(Bad with { Mistakes = [] }));
    }

    [Fact]
    public void A_node_that_goes_over_to_what_is_refused_and_back_is_found()
    {
        Assert.Equal([12], new WrittenHistory().Change(Bad).Drift(2.5, "b", "9", [], []).Broken());
        Assert.Empty(new WrittenHistory().Change(Bad).Drift(2.5, "b", "1", [], []).Drift(3.5, "b", "9", [], []).Broken());
    }

    [Fact]
    public void Where_a_node_was_killed_the_old_or_the_new_is_in_force_everywhere()
    {
        Change killed = Good with { Killed = "a", IsDone = false, Outcome = "unknown" };
        Assert.Empty(new WrittenHistory().Change(killed).Change(killed with { After = killed.Before }).Broken());
        Assert.Equal([12], Broken(killed with { After = [.. All("2", "1@a").Take(2), new NodeStanding("c", "1", null)] }));
    }

    [Fact]
    public void What_was_refused_because_a_node_was_killed_changes_nothing()
    {
        Change refused = Good with { Killed = "a", IsDone = false, Outcome = "no-majority", After = Good.Before };
        Assert.Empty(new WrittenHistory().Change(refused).Broken());
        Assert.Equal([12], Broken(refused with { After = Good.After }));
    }

    [Fact]
    public void From_the_answer_on_every_handshake_shows_the_new_certificate()
    {
        WrittenHistory Renewed() => new WrittenHistory().Change(Good with { Certificate = "2A" }).Change(Good with { Certificate = "3A", Asked = 7, Answered = 8 });

        Assert.Empty(Renewed().Add(Shown(1, "1A")).Add(Shown(2.5, "1A")).Add(Shown(4, "2A")).Add(Shown(7.5, "2A")).Add(Shown(9, "3A")).Broken());
        Assert.Equal([12], Renewed().Add(Shown(4, "1A")).Broken());
        Assert.Equal([12], Renewed().Add(Shown(9, "2A")).Broken());
    }

    private static int[] Broken(Change change) => new WrittenHistory().Change(change).Broken();

    private static ImmutableArray<NodeStanding> All(string fingerprint, string? revision) =>
        [new("a", fingerprint, revision), new("b", fingerprint, revision), new("c", fingerprint, revision)];

    private static Attempt Shown(double at, string certificate) => new()
    {
        Number = 0, Client = ClientKind.Handshaker, Browser = 0, Node = "a", Sent = at, Ended = at + 0.1, End = AttemptEnd.Answered, Status = 200, SessionSent = "none", Certificate = certificate,
    };
}
