using System.Text;
using ActorLb.Engine.Passwords;
using Xunit;

namespace ActorLb.Tests.Passwords;

public sealed class VerifiedPairsTests
{
    [Fact]
    public void A_pair_is_known_for_its_time_and_no_longer()
    {
        var pairs = new VerifiedPairs(1);
        UInt128 pair = pairs.Of("a:b"u8);
        Assert.False(pairs.Has(pair, TimeSpan.Zero));
        pairs.Add(pair, TimeSpan.Zero);

        Assert.True(pairs.Has(pair, VerifiedPairs.KeptFor - TimeSpan.FromTicks(1)));
        Assert.False(pairs.Has(pair, VerifiedPairs.KeptFor));
        Assert.False(pairs.Has(pairs.Of("a:c"u8), TimeSpan.Zero));
        pairs.Add(pair, VerifiedPairs.KeptFor);
        Assert.True(pairs.Has(pair, VerifiedPairs.KeptFor));
    }

    [Fact]
    public void Each_has_a_key_of_its_own() =>
        Assert.NotEqual(new VerifiedPairs(1).Of("a:b"u8), new VerifiedPairs(1).Of("a:b"u8));

    [Fact]
    public void All_users_have_room_and_more_than_there_is_room_for_displace_the_oldest()
    {
        var pairs = new VerifiedPairs(1000);
        UInt128[] all = [.. Enumerable.Range(0, 100_000).Select(i => pairs.Of(Encoding.ASCII.GetBytes($"user{i}:x")))];
        for (int i = 0; i < all.Length; i++)
        {
            pairs.Add(all[i], TimeSpan.FromTicks(i));
        }

        int known = all.Count(p => pairs.Has(p, TimeSpan.FromTicks(all.Length)));
        Assert.InRange(known, 4000, 4096);
        Assert.True(pairs.Has(all[^1], TimeSpan.FromTicks(all.Length)));
        Assert.True(all[^500..].Count(p => pairs.Has(p, TimeSpan.FromTicks(all.Length))) > 480);
    }
}
