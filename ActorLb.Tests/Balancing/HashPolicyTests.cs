using ActorLb.Engine.Balancing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Balancing;

public sealed class HashPolicyTests
{
    private const int Keys = 100_000;

    private static readonly BalanceKey[] Some = [.. Enumerable.Range(0, 2000).Select(i => BalanceKey.Of((ulong)i))];

    [Fact]
    public void Keys_are_spread_by_weight()
    {
        int[] weights = [1, 1, 1, 1, 2, 2, 3, 5, 8, 1];
        var pool = new BalancedPool(BalanceKind.Hash, weights);
        var counts = new int[weights.Length];
        for (ulong i = 0; i < Keys; i++)
        {
            counts[pool.Next(BalanceKey.Of(i))]++;
        }

        Assert.All(counts, (count, i) => Assert.InRange(count / (Keys * weights[i] / 25.0), 0.94, 1.06));
    }

    [Fact]
    public void When_one_of_ten_goes_its_keys_move_and_just_they_come_back()
    {
        var pool = new BalancedPool(BalanceKind.Hash, BalancedPool.Ones(10));
        string[] before = Chosen(pool, Keys);
        foreach (string gone in pool.Now.Backends.Select(b => b.Id).ToArray())
        {
            pool.Down(gone);
            string[] without = Chosen(pool, Keys);
            Assert.All(before.Zip(without), b => Assert.True(b.First == b.Second || b.First == gone));
            Assert.InRange(before.Zip(without).Count(b => b.First != b.Second), 1, Keys * 105 / 1000);
            pool.Down();
            Assert.Equal(before, Chosen(pool, Keys));
        }
    }

    [Fact]
    public void Whoever_comes_takes_keys_for_himself_alone_and_whoever_gets_more_weight_too() =>
        Gen.Select(Gen.Int[1, 9].Array[1, 40], Gen.Int[1, 9], Gen.Int[0, 39]).Sample((weights, more, at) =>
        {
            string[] before = Chosen(new BalancedPool(BalanceKind.Hash, weights));
            at %= weights.Length;
            Assert.All(before.Zip(Chosen(new BalancedPool(BalanceKind.Hash, [.. weights, more]))), b =>
                Assert.True(b.First == b.Second || b.Second == $"s:{weights.Length + 1}"));
            int[] heavier = [.. weights];
            heavier[at] += more;
            Assert.All(before.Zip(Chosen(new BalancedPool(BalanceKind.Hash, heavier))), b =>
                Assert.True(b.First == b.Second || b.Second == $"s:{at + 1}"));
        }, iter: 50);

    [Fact]
    public void The_order_in_which_backends_are_listed_changes_nothing() => Gen.Int[1, 3].Array[1, 60].Sample(weights =>
    {
        var pool = new BalancedPool(BalanceKind.Hash, weights);
        string[] before = Chosen(pool);
        pool.Set(s => s with { Backends = [.. s.Backends.Reverse()] });
        Assert.Equal(before, Chosen(pool));
    }, iter: 50);

    [Fact]
    public void Who_cannot_have_his_backend_gets_the_one_that_is_his_when_it_is_gone() =>
        Gen.Select(Gen.Int[1, 3].Array[2, 40], Gen.ULong).Sample((weights, value) =>
        {
            var pool = new BalancedPool(BalanceKind.Hash, weights);
            var key = BalanceKey.Of(value);
            var ranks = new List<int>();
            int place = -1;
            for (int i = 0; i < weights.Length; i++)
            {
                ranks.Add(place = pool.Now.Policy.Next(pool.Now.Cursor, key, place));
            }

            Assert.Equal(Enumerable.Range(0, weights.Length), ranks.Order());
            Assert.Equal(ranks[0], pool.Now.Policy.Next(pool.Now.Cursor, key, ranks[^1]));
            string[] ids = [.. ranks.Select(r => pool.Now.Backends[r].Id)];
            for (int gone = 1; gone < weights.Length; gone++)
            {
                pool.Down(ids[..gone]);
                Assert.Equal(ids[gone], pool.Chosen(key));
            }
        }, iter: 100);

    [Fact]
    public void Backends_rank_by_the_logarithm_of_their_hash_over_their_weight() => Gen.Select(
        Gen.OneOf(Gen.Int[1, 1], Gen.Int[1, 4], Gen.Int[1, 256]).SelectMany(most => Gen.Int[1, most].Array[1, 140]), Gen.ULong).Sample((weights, value) =>
    {
        var pool = new BalancedPool(BalanceKind.Hash, weights);
        var key = BalanceKey.Of(value);

        // Of two with the same hash the one with the lower key; one case in millions has such two.
        int[] expected = [.. Enumerable.Range(0, weights.Length).OrderBy(i => Number(pool.Now.Backends[i].Key, weights[i], key)).ThenBy(i => pool.Now.Backends[i].Key)];
        var ranks = new List<int>();
        int place = -1;
        for (int i = 0; i < weights.Length; i++)
        {
            ranks.Add(place = pool.Now.Policy.Next(pool.Now.Cursor, key, place));
        }

        Assert.Equal(expected, ranks);
    }, iter: 200);

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(1000, 4)]
    [InlineData(1000, 256)]
    [InlineData(1024, 4)]
    [InlineData(1025, 256)]
    [InlineData(2500, 4)]
    public void Of_a_thousand_the_first_is_found_for_every_key(int backends, int most)
    {
        int[] weights = [.. Enumerable.Range(0, backends).Select(i => 1 + (i * 37 % most))];
        var pool = new BalancedPool(BalanceKind.Hash, weights);

        // Nobody is below the first limit for 50 of them.
        foreach (BalanceKey key in Enumerable.Range(0, 1000).Select(i => BalanceKey.Of((ulong)i)))
        {
            Assert.Equal(Enumerable.Range(0, weights.Length).MinBy(i => Number(pool.Now.Backends[i].Key, weights[i], key)), pool.Next(key));
        }
    }

    [Fact]
    public void One_backend_that_is_much_heavier_than_all_others_gets_its_share()
    {
        int[] weights = [10_000, .. BalancedPool.Ones(99)];
        var pool = new BalancedPool(BalanceKind.Hash, weights);
        Assert.All(Some, key => Assert.Equal(Enumerable.Range(0, weights.Length).MinBy(i => Number(pool.Now.Backends[i].Key, weights[i], key)), pool.Next(key)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(uint.MaxValue / 2)]
    [InlineData((uint.MaxValue / 2) + 1)]
    [InlineData(uint.MaxValue - 0x0100_0000)]
    [InlineData(uint.MaxValue - 1)]
    [InlineData(uint.MaxValue)]
    public void The_logarithm_of_a_hash_is_that_of_the_middle_of_its_step(uint hash) => IsLogarithm(hash);

    [Fact]
    public void Logarithms_are_right_near_0_and_near_1() => Gen.Select(Gen.UInt, Gen.Int[0, 31], Gen.Bool).Sample((hash, shift, isHigh) =>
        IsLogarithm(isHigh ? ~(hash >> shift) : hash >> shift));

    private static void IsLogarithm(uint hash) =>
        Assert.InRange(HashLogarithm.Of(hash) / -Math.Log((hash + 0.5) / (1UL << 32)), 1 - 1e-12, 1 + 1e-12);

    private static double Number(BackendKey backend, int weight, BalanceKey key)
    {
        uint hash = ((uint)(key.Value ^ (key.Value >> 32)) ^ (uint)(backend.Value >> 32)) * ((uint)backend.Value | 1);
        return -Math.Log((hash + 0.5) / (1UL << 32)) / weight;
    }

    [Fact]
    public void A_thousand_backends_get_their_shares()
    {
        const int Each = 300;
        var pool = new BalancedPool(BalanceKind.Hash, BalancedPool.Ones(1000));
        var counts = new int[1000];
        for (ulong i = 0; i < 1000 * Each; i++)
        {
            counts[pool.Next(BalanceKey.Of(i))]++;
        }

        // As even as chance: the mean of the squares of what is missing or too much is the mean, give or take an eighth.
        Assert.InRange(counts.Average(c => Math.Pow(c - Each, 2)) / Each, 0.875, 1.125);
    }

    // Nodes of two versions send a key to the same backend.
    [Theory]
    [InlineData("", 16294208416658607535)]
    [InlineData("alice", 7182164925188870978)]
    [InlineData("alice@example.net", 1203435264863824050)]
    public void The_same_text_is_the_same_key_in_every_version(string text, ulong expected)
    {
        BalanceKey key = BalanceKey.Of(System.Text.Encoding.ASCII.GetBytes(text));
        Assert.Equal(expected, key.Value);
    }

    [Fact]
    public void The_same_key_is_at_the_same_backend_in_every_version() => Assert.Equal(
        "s:4 s:7 s:3 s:6 s:2 s:6 s:3 s:3 s:5 s:1 s:2 s:4", string.Join(' ', Chosen(new BalancedPool(BalanceKind.Hash, 1, 2, 3, 1, 2, 3, 4), 12)));

    [Fact]
    public void Texts_of_every_length_are_different_keys()
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => new string('\0', i)), .. Enumerable.Range(0, 40).Select(i => new string('a', i + 1))];
        Assert.Equal(texts.Length, texts.Select(t => BalanceKey.Of(System.Text.Encoding.ASCII.GetBytes(t))).Distinct().Count());
    }

    private static string[] Chosen(BalancedPool pool, int keys = 2000) =>
        [.. (keys == Some.Length ? Some : Enumerable.Range(0, keys).Select(i => BalanceKey.Of((ulong)i))).Select(pool.Chosen)];
}
