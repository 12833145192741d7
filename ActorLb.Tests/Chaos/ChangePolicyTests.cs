using ActorLb.Chaos.Faults;
using ActorLb.Chaos.History;
using Xunit;

namespace ActorLb.Tests.Chaos;

public sealed class ChangePolicyTests
{
    private static readonly FaultKind[] Kinds = [FaultKind.Reload, FaultKind.BadReload, FaultKind.Weights, FaultKind.Apply, FaultKind.BadApply];

    [Fact]
    public void A_third_of_the_changes_is_bad_and_of_each_kind_are_about_as_many()
    {
        var made = new List<Change>();
        while (made.Count < 300)
        {
            FaultKind next = ChangePolicy.Next(Kinds, made);
            made.AddRange(Enumerable.Repeat(new Change { Kind = next, IsBad = next.IsRefused(), Outcome = "", IsDone = true }, next == FaultKind.Weights ? 25 : 5));
        }

        Assert.InRange(made.Count(c => c.IsBad), 95, 110);
        Assert.All(Kinds, k => Assert.InRange(made.Count(c => c.Kind == k), 40, 100));
    }

    [Fact]
    public void Where_all_that_may_come_is_good_it_comes() =>
        Assert.Equal(FaultKind.Reload, ChangePolicy.Next([FaultKind.Reload], [new Change { Kind = FaultKind.Reload, Outcome = "", IsDone = true }]));
}
