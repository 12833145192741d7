using ActorLb.Chaos.Faults;
using ActorLb.Chaos.History;
using Xunit;

namespace ActorLb.Tests.Chaos;

public sealed class FaultPlanTests
{
    [Fact]
    public void The_same_seed_gives_the_same_faults_and_another_seed_others()
    {
        Assert.Equal(Drawn(seed: 5), Drawn(seed: 5));
        Assert.NotEqual(Drawn(seed: 5), Drawn(seed: 6));
    }

    [Fact]
    public void A_deck_has_every_kind_once_and_the_next_one_too()
    {
        FaultKind[] kinds = [.. FaultPlan.Decks(FaultKinds.All, 5, 3, seed: 1).Take(2 * FaultKinds.All.Count).Select(p => p.Kind)];

        Assert.Equal(FaultKinds.All, kinds[..FaultKinds.All.Count].Order());
        Assert.Equal(FaultKinds.All, kinds[FaultKinds.All.Count..].Order());
        Assert.NotEqual(kinds[..FaultKinds.All.Count], kinds[FaultKinds.All.Count..]);
    }

    [Fact]
    public void Pauses_last_from_one_to_twenty_seconds() => Assert.All(
        FaultPlan.Decks([FaultKind.PauseNode], 3, 3, seed: 1).Take(200),
        p => Assert.InRange(p.Seconds, 1, 20));

    [Theory]
    [InlineData(FaultKind.KillNode, "kill-node")]
    [InlineData(FaultKind.CutOneWay, "cut-one-way")]
    public void A_kind_has_a_word_for_the_command_line(FaultKind kind, string word) => Assert.Equal(word, kind.Word());

    private static string[] Drawn(int seed) =>
        [.. FaultPlan.Decks(FaultKinds.All, 5, 3, seed).Take(60).Select(p => $"{p.Kind} {p.Seconds} {string.Join(' ', p.Order)} {p.Backend} {p.SideCount} {p.Chance}")];
}
