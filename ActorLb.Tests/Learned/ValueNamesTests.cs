using System.Text;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Learned;

public sealed class ValueNamesTests
{
    private static readonly TicketKey Root = TicketKey.FromText("a root for tests");
    private static readonly TicketKey Other = TicketKey.FromText("another root for tests");

    [Fact]
    public void A_value_has_the_same_name_on_every_node_and_after_every_start() =>
        Gen.Byte.Array[0, 100].Sample(value =>
        {
            ValueNames names = Names(Root);
            SessionId id = names.First(value);
            Assert.Equal(id, names.First(value));
            Assert.Equal(id, names.Of(0, value));
            Assert.Equal(id, Names(Root, sessionsMax: 1).First(value));
        });

    [Fact]
    public void A_name_is_the_beginning_of_a_hash_that_has_not_changed() =>
        Assert.Equal("02291bfdb0729d836c7e2b396eba886a", Names(Root).First("C0FFEE"u8).ToString());

    [Fact]
    public void Other_values_pools_clusters_and_roots_give_other_names()
    {
        byte[] value = "4B1C0FFEE"u8.ToArray();
        SessionId[] ids =
        [
            Names(Root).First(value),
            Names(Root).First(value.AsSpan(1)),
            Names(Other).First(value),
            new ValueNames([Root], "api", "actorlb", 100).First(value),
            new ValueNames([Root], "web", "staging", 100).First(value),
            new ValueNames([Root, Other], "web", "actorlb", 100).Of(1, value.AsSpan(1)),
        ];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(Names(Other).First(value), new ValueNames([Root, Other], "web", "actorlb", 100).Of(1, value));
    }

    [Fact]
    public void Names_that_displace_each_other_and_are_asked_for_at_once_are_never_mixed_up()
    {
        ValueNames names = Names(Root, sessionsMax: 2);
        byte[][] values = [.. Enumerable.Range(0, 16).Select(i => Encoding.ASCII.GetBytes($"value-{i}"))];
        SessionId[] expected = [.. values.Select(v => names.Of(0, v))];
        Parallel.For(0, 20_000, i => Assert.Equal(expected[i % 16], names.First(values[i % 16])));
    }

    private static ValueNames Names(TicketKey root, int sessionsMax = 1000) => new([root], "web", "actorlb", sessionsMax);
}
