using ActorLb.Node.Revisions;
using ActorLb.Node.Topologies;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Revisions;

public sealed class RevisionHistoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<Revision> GenRevision = Gen.Select(
        Gen.Long[1, 60], Gen.Int[0, 2], Gen.Int[1, 3], (number, seconds, node) => Given(number, $"lb{node}", seconds));

    private static readonly Gen<RevisionHistory> GenHistory = GenRevision.Array[0, 80].Select(RevisionHistory.Of);

    [Fact]
    public void The_higher_number_is_in_force_then_the_later_then_the_node_whose_name_is_last()
    {
        Assert.True(Given(3, "lb1").Id > Given(2, "lb9", 5).Id);
        Assert.True(Given(3, "lb1", 5).Id > Given(3, "lb9").Id);
        Assert.True(Given(3, "lb9").Id > Given(3, "lb1").Id);
    }

    [Fact]
    public void Any_order_of_merges_gives_the_same() => Gen.Select(GenHistory, GenHistory, GenHistory).Sample((a, b, c) =>
    {
        Assert.Equal(Ids(a.Merge(b)), Ids(b.Merge(a)));
        Assert.Equal(Ids(a.Merge(b).Merge(c)), Ids(a.Merge(b.Merge(c))));
        Assert.Equal(Ids(a), Ids(a.Merge(a)));
    });

    [Fact]
    public void The_last_fifty_are_kept_highest_first() => GenHistory.Sample(history =>
    {
        Assert.True(history.All.Length <= RevisionHistory.LengthMax);
        Assert.Equal(history.All.OrderByDescending(r => r.Id).Select(r => r.Id), Ids(history));
        Assert.Equal(history.All.Select(r => r.Id).Distinct().Count(), history.All.Length);
    });

    [Fact]
    public void One_that_is_older_than_all_that_is_kept_changes_nothing()
    {
        RevisionHistory full = RevisionHistory.Of(Enumerable.Range(2, RevisionHistory.LengthMax).Select(n => Given(n, "lb1")));
        Assert.Same(full, full.With(Given(1, "lb1")));
        Assert.False(full.Wants(Given(1, "lb1").Id));
        Assert.Equal(3, full.With(Given(100, "lb1")).All[^1].Id.Number);
    }

    [Fact]
    public void Two_sides_that_gave_the_same_number_are_told_apart_by_their_nodes()
    {
        RevisionHistory history = RevisionHistory.Of([Given(5, "lb1"), Given(5, "lb2", 1), Given(4, "lb1")]);
        Assert.Equal(("lb2", "lb1", "lb1"), (history.Find("5")!.Id.Node, history.Find("5@lb1")!.Id.Node, history.Find("4")!.Id.Node));
        Assert.True(history.IsPassedOver(history.Find("5@lb1")!));
        Assert.False(history.IsPassedOver(history.Head!));
        Assert.Null(history.Find("6"));
        Assert.Null(history.Find("5@lb9"));
        Assert.Null(history.Find("-5"));
        Assert.Null(history.Find(""));
    }

    internal static Revision Given(long number, string node, int seconds = 0, string? text = "actorlb {}") =>
        new(new RevisionId(number, Noon.AddSeconds(seconds), node), "127.0.0.1", text, 7);

    private static IEnumerable<RevisionId> Ids(RevisionHistory history) => history.All.Select(r => r.Id);
}
