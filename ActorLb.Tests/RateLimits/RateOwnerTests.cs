using System.Collections.Immutable;
using ActorLb.Node.RateLimits;
using ActorLb.Shared.Messages;
using Xunit;

namespace ActorLb.Tests.RateLimits;

public sealed class RateOwnerTests
{
    private static readonly RateKeyId Key = new(1, 2);

    private readonly RateOwner _owner = new();

    public RateOwnerTests() => _owner.Follow(["a", "b", "c"], At(-2));

    [Fact]
    public void What_is_given_to_one_is_first_taken_from_the_others()
    {
        Assert.Equal(0.333333, Share("a", 0, 5));
        Assert.Equal(0, Share("b", 0.1, 0));
        Assert.Equal(0, Share("c", 0.2, 0));
        Assert.Equal(1, Share("a", 1, 5));

        // From then on b is asked, too: half of it comes from a, when a hears of it.
        Assert.Equal(0, Share("b", 1.1, 5));
        Assert.Equal(0.5, Share("a", 2, 5));
        Assert.Equal(0.5, Share("b", 2.1, 5));
    }

    [Fact]
    public void All_that_is_in_force_is_never_more_than_the_limit()
    {
        var random = new Random(20261130);
        double[] inForce = [1 / 3.0, 1 / 3.0, 1 / 3.0];
        for (int i = 0; i < 3000; i++)
        {
            int node = random.Next(3);
            uint demand = random.Next(3) == 0 ? 0 : (uint)random.Next(3_000_000);
            ImmutableArray<RatePart> given = _owner.Answer("abc"[node].ToString(), demand == 0 ? [] : [new RatePart(Key, demand)], At(i * 0.01));

            // Where nobody asks for it, all keep what they have for a while.
            inForce[node] = given.IsEmpty ? inForce[node] : Assert.Single(given).Millionths / (double)RatePart.Whole;
            Assert.True(inForce.Sum() <= 1 + 1e-9, $"{string.Join(" + ", inForce)} at {i}");
        }
    }

    [Fact]
    public void A_node_that_is_silent_has_its_even_part_whatever_becomes_of_it()
    {
        Ask(0);
        Ask(1);
        Assert.Equal(1, Share("a", 2, 5));
        Assert.Equal(0, Share("b", 2, 0));

        // c says nothing any more.
        Share("b", 3, 0);
        Assert.Equal(1, Share("a", 3.9, 5));
        Share("b", 4, 0);
        Assert.Equal(0.666666, Share("a", 4.1, 5));

        void Ask(double at)
        {
            Share("a", at, 5);
            Share("b", at, 0);
            Share("c", at, 0);
        }
    }

    [Fact]
    public void A_key_that_nobody_asks_for_any_more_is_forgotten_when_no_share_of_it_is_in_force()
    {
        Share("a", 0, 5);
        Assert.Empty(_owner.Answer("a", [], At(1)));
        Assert.Equal(1, _owner.Count);
        Assert.Empty(_owner.Answer("a", [], At(3)));
        Assert.Equal(0, _owner.Count);
    }

    [Fact]
    public void All_nodes_are_told_of_a_key_that_one_asks_for()
    {
        Share("a", 0, 5);
        Assert.Equal(Key, Assert.Single(_owner.Answer("b", [], At(0.1))).Id);
    }

    [Fact]
    public void Who_is_no_member_gets_nothing_and_what_it_says_does_not_count()
    {
        Assert.Empty(_owner.Answer("d", [new RatePart(Key, 5_000_000)], At(0)));
        Assert.Empty(_owner.Answer("a", [], At(0)));
        Assert.Equal(0, _owner.Count);
    }

    [Fact]
    public void More_keys_than_there_is_room_for_go_by_even_parts()
    {
        ImmutableArray<RatePart> many = [.. Enumerable.Range(0, 3 * RateOwner.DemandsMax).Select(i => new RatePart(new RateKeyId(1, (ulong)i), 9_000_000))];
        Assert.Equal(RateOwner.DemandsMax, _owner.Answer("a", many, At(0)).Length);
        for (int i = 0; i < 10; i++)
        {
            _owner.Answer("a", many.Select(m => new RatePart(new RateKeyId((uint)i, m.Id.Key), 9_000_000)), At(0.1 * i));
        }

        Assert.Equal(RateOwner.KeysMax, _owner.Count);
    }

    [Fact]
    public void Where_the_members_are_others_all_begins_anew()
    {
        Share("a", 0, 5);
        Share("b", 0, 0);
        Share("c", 0, 0);
        Assert.Equal(1, Share("a", 1, 5));

        // What the owner before gave lasts for two seconds.
        _owner.Follow(["a", "b"], At(2));
        Assert.Empty(_owner.Answer("a", [new RatePart(Key, 5_000_000)], At(3.9)));
        Assert.Equal(0.5, Share("a", 4, 5));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private double Share(string node, double at, double demand)
    {
        ImmutableArray<RatePart> given = _owner.Answer(node, demand == 0 ? [] : [new RatePart(Key, (uint)(demand * RatePart.Whole))], At(at));
        return given.IsEmpty ? 1 / 3.0 : Assert.Single(given).Millionths / (double)RatePart.Whole;
    }
}
