using ActorLb.Node.RateLimits;
using ActorLb.Shared.Messages;
using Xunit;

namespace ActorLb.Tests.RateLimits;

public sealed class RateOwnersTests
{
    [Fact]
    public void Nodes_that_see_the_same_members_name_the_same_owners_in_whatever_order_they_hear_of_them()
    {
        var one = new RateOwners("a", [Member("a"), Member("b"), Member("c")]);
        var other = new RateOwners("c", [Member("c"), Member("a"), Member("b")]);

        Assert.Equal(one.View, other.View);
        Assert.Equal(one.Members.ToArray(), other.Members.ToArray());
        Assert.All(Keys(), k => Assert.Equal(one.Of(k), other.Of(k)));
        Assert.All(Keys().GroupBy(one.Of), g => Assert.InRange(g.Count(), 250, 420));
    }

    [Fact]
    public void Who_cannot_be_reached_owns_nothing_and_has_its_part()
    {
        var all = new RateOwners("a", [Member("a"), Member("b"), Member("c")]);
        var without = new RateOwners("a", [Member("a"), Member("b"), Member("c") with { Reachable = false }]);

        Assert.NotEqual(all.View, without.View);
        Assert.Equal(3, without.Members.Length);
        Assert.All(Keys(), k => Assert.NotEqual("c", without.Of(k)));

        // Keys of the others stay where they are.
        Assert.All(Keys().Where(k => all.Of(k) != "c"), k => Assert.Equal(all.Of(k), without.Of(k)));
    }

    [Theory]
    [InlineData("joining")]
    [InlineData("leaving")]
    [InlineData("exiting")]
    [InlineData("down")]
    public void Who_is_not_up_has_no_part_but_to_itself(string status)
    {
        Assert.Equal<string>(["a"], [.. new RateOwners("a", [Member("a"), Member("b") with { Status = status }]).Members]);
        Assert.Equal<string>(["a", "b"], [.. new RateOwners("b", [Member("a"), Member("b") with { Status = status }]).Members]);
    }

    [Fact]
    public void A_node_without_a_cluster_owns_all()
    {
        var alone = new RateOwners("a", []);
        Assert.Equal("a", Assert.Single(alone.Members));
        Assert.All(Keys(), k => Assert.Equal("a", alone.Of(k)));
    }

    private static NodeMember Member(string name) => new(name, $"akka.tcp://actorlb@{name}:1", "up", Reachable: true);

    private static IEnumerable<RateKeyId> Keys() => Enumerable.Range(0, 1000).Select(i => new RateKeyId(1, (ulong)i));
}
