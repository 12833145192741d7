using ActorLb.Node.Sessions.Feed;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Sessions;

public sealed class OwnerPlacesTests
{
    [Fact]
    public void Nobody_has_said_anything_at_first() => Assert.Null(OwnerPlaces.Unknown.Of(0));

    [Fact]
    public void The_last_one_to_say_it_is_believed()
    {
        OwnerPlaces places = OwnerPlaces.Unknown.Announced("a", 0b011).Announced("b", 0b110);
        Assert.Equal(["a", "b", "b", null], Enumerable.Range(0, 4).Select(places.Of));
        Assert.Equal(["a", null, null, null], Enumerable.Range(0, 4).Select(places.Left("b").Of));
        Assert.Equal([null, "b", "b", null], Enumerable.Range(0, 4).Select(places.Announced("a", 0).Of));
    }

    [Fact]
    public void A_shard_is_where_its_last_announcement_said_and_nowhere_if_that_node_took_it_back() =>
        Gen.Select(Gen.Int[0, 2], Gen.ULong).Array[0, 20].Sample(announcements =>
        {
            OwnerPlaces places = OwnerPlaces.Unknown;
            var expected = new string?[64];
            foreach ((int node, ulong shards) in announcements)
            {
                places = places.Announced($"{node}", shards);
                for (int shard = 0; shard < 64; shard++)
                {
                    bool has = (shards >> shard & 1) != 0;
                    expected[shard] = has ? $"{node}" : expected[shard] == $"{node}" ? null : expected[shard];
                }
            }

            Assert.Equal(expected, Enumerable.Range(0, 64).Select(places.Of));
        });
}
