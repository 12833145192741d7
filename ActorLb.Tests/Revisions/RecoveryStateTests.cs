using System.Collections.Immutable;
using ActorLb.Node.Revisions;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Revisions;

public sealed class RecoveryStateTests
{
    private static readonly ImmutableArray<string> Nodes = ["lb1", "lb2", "lb3", "lb4", "lb5"];

    [Theory]
    [InlineData("C", "Commit")]
    [InlineData("CN", "Commit")]
    [InlineData("W", "Drop")]
    [InlineData("PPPW", "Drop")]
    [InlineData("DPPP", "Wait")]
    [InlineData("PPP", "Commit")]
    [InlineData("PP", "Wait")]
    [InlineData("PPN", "Wait")]
    [InlineData("PPNN", "Wait")]
    [InlineData("PPNNN", "Drop")]
    [InlineData("NNN", "Drop")]
    [InlineData("", "Wait")]
    internal void A_majority_that_has_written_it_is_the_decision(string answers, string expected) =>
        Assert.Equal(expected, Of(answers.Select(Standing)).Decision.ToString());

    [Fact]
    public void Who_was_no_member_when_it_was_prepared_has_no_say() => Assert.Equal(
        RecoveryDecision.Wait,
        Of([RevisionStanding.Prepared, RevisionStanding.Prepared]).With("lb9", RevisionStanding.Prepared).With("lb8", RevisionStanding.None).Decision);

    // Each node has written it or not, for good; whoever asks hears of some of them. Nobody may decide otherwise than another.
    [Fact]
    public void No_two_nodes_that_hear_of_different_members_decide_differently() => Gen.Select(Gen.Int[1, 5], Gen.Bool.Array[5], Gen.Bool.Array[5], Gen.Bool.Array[5])
        .Sample((size, written, first, second) =>
        {
            RecoveryDecision one = Heard(size, written, first);
            RecoveryDecision other = Heard(size, written, second);
            Assert.False(one == RecoveryDecision.Commit && other == RecoveryDecision.Drop);
            bool isDecided = written.Take(size).Count(w => w) > size / 2;
            Assert.Equal(isDecided ? RecoveryDecision.Commit : RecoveryDecision.Drop, Heard(size, written, [true, true, true, true, true]));
        });

    private static RecoveryDecision Heard(int size, bool[] written, bool[] heard)
    {
        var prepared = new PreparedRevision(RevisionHistoryTests.Given(2, "lb1"), Nodes[..size]);
        return Enumerable.Range(0, size).Where(i => heard[i]).Aggregate(
            RecoveryState.Of(prepared), (state, i) => state.With(Nodes[i], written[i] ? RevisionStanding.Prepared : RevisionStanding.None)).Decision;
    }

    private static RecoveryState Of(IEnumerable<RevisionStanding> answers) => answers
        .Select((standing, i) => (standing, i))
        .Aggregate(
            RecoveryState.Of(new PreparedRevision(RevisionHistoryTests.Given(2, "lb1"), Nodes)), (state, answer) => state.With(Nodes[answer.i], answer.standing));

    private static RevisionStanding Standing(char letter) => letter switch
    {
        'C' => RevisionStanding.Committed,
        'W' => RevisionStanding.Withdrawn,
        'D' => RevisionStanding.Deciding,
        'P' => RevisionStanding.Prepared,
        _ => RevisionStanding.None,
    };
}
