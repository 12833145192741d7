using ActorLb.Node.Admin;
using ActorLb.Node.Dashboard;
using Xunit;

namespace ActorLb.Tests.Dashboard;

/// <summary>Four slots of ten seconds, the last of which ends at <see cref="Last"/>.</summary>
public sealed class FiguresDocumentTests
{
    private const long Last = 1_800_000_039;

    private static readonly DateTimeOffset From = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void Nothing_is_said_of_the_time_before_any_node_counted()
    {
        FiguresDocument document = Of(At("lb1", 20), At("lb2", 25));
        Assert.Equal([null, null, 4, 4], document.Requests);
        Assert.Equal([null, null, 2, 2], document.Failures);
    }

    [Theory]
    [InlineData(9, 4)]
    [InlineData(10, null)]
    [InlineData(11, null)]
    public void A_slot_in_which_a_node_began_has_what_it_counted(int second, int? requests) => Assert.Equal(requests, (int?)Of(At("lb1", second), At("lb2", 30)).Requests[0]);

    [Fact]
    public void Each_node_whose_counts_begin_within_the_span_is_named()
    {
        FiguresDocument document = Of(At("lb3", 15), At("lb1", 0), At("lb2", 1), At("lb4", null));
        Assert.Equal([new CountsBegin("lb2", From.AddSeconds(1)), new CountsBegin("lb3", From.AddSeconds(15))], document.Begins);
        Assert.Equal([8, 8, 8, 8], document.Requests);
    }

    [Fact]
    public void A_node_of_which_nothing_is_known_has_counted_nothing_and_says_so()
    {
        FiguresDocument document = Of(new SlotsAtNode("lb1", [], From.AddSeconds(30)));
        Assert.Equal([null, null, null, 0], document.Requests);
        Assert.Equal("lb1", Assert.Single(document.Begins).Node);
    }

    private static SlotsAtNode At(string node, int? second) =>
        new(node, [.. Enumerable.Repeat(new Figure(2, 1, Half.NaN, Half.NaN, Half.NaN), 4)], second is { } s ? From.AddSeconds(s) : null);

    private static FiguresDocument Of(params SlotsAtNode[] nodes) => FiguresDocument.Of(new GatheredSlots(new AskSlots(FigureSubject.Node, 10, Last, 4), [.. nodes], []));
}
