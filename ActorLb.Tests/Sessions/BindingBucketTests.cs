using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class BindingBucketTests
{
    private static readonly Gen<BindingBucket> GenBucket =
        GenCrowdedBinding.Array[0, 40].Select(bindings => BindingBucket.Empty.With(bindings));

    private static readonly Gen<BindingBucket> GenCutBucket =
        Gen.Select(GenBucket, Gen.UInt[990, 1_030], (bucket, horizon) => bucket.Cut(horizon));

    [Fact]
    public void A_bucket_says_what_all_its_bindings_merge_to_in_any_order() =>
        Gen.Select(GenCrowdedBinding.Array[0, 60], Gen.Int).Sample((bindings, seed) =>
        {
            var model = new Dictionary<SessionId, Binding>();
            foreach (Binding binding in bindings)
            {
                model[binding.Id] = model.TryGetValue(binding.Id, out Binding known) ? Binding.Merge(known, binding) : binding;
            }

            Binding[] shuffled = [.. bindings];
            new Random(seed).Shuffle(shuffled);
            BindingBucket bucket = BindingBucket.Empty.With(shuffled);

            Assert.Equal(model.Count, bucket.Count);
            Assert.All(model, known => Assert.True(bucket.TryGet(known.Key, out Binding found) && found == known.Value));
            Assert.Equal(model.Values.OrderBy(b => b.Id), All(bucket));
            Assert.Equal(BindingBucket.Empty.With(bindings), bucket);
        });

    [Fact]
    public void Merging_buckets_gives_the_same_in_any_order() =>
        Gen.Select(GenCutBucket, GenCutBucket).Sample((a, b) =>
        {
            Assert.Equal(a.Merge(b), b.Merge(a));
            Assert.Equal(a.Merge(b), a.Merge(b).Merge(a));
            Assert.Equal(a.Merge(b), a.Merge(b).Merge(b));
        });

    [Fact]
    public void Merging_buckets_gives_the_same_in_any_grouping_while_nothing_is_cut_off() =>
        Gen.Select(GenBucket, GenBucket, GenBucket).Sample((a, b, c) =>
            Assert.Equal(a.Merge(b).Merge(c), a.Merge(b.Merge(c))));

    [Fact]
    public void Replicas_that_keep_exchanging_end_with_the_same_bucket_whatever_was_cut_off_where() =>
        Gen.Select(GenCutBucket.Array[3], Gen.Int).Sample((start, seed) =>
        {
            var random = new Random(seed);
            BindingBucket[] replicas = [.. start];
            for (int i = 0; i < 20; i++)
            {
                replicas[random.Next(3)] = replicas[random.Next(3)].Merge(replicas[random.Next(3)]);
            }

            for (int round = 0; round < 2; round++)
            {
                replicas[1] = replicas[1].Merge(replicas[0]);
                replicas[2] = replicas[2].Merge(replicas[1]);
                replicas[0] = replicas[0].Merge(replicas[2]);
            }

            Assert.Equal(replicas[0], replicas[1]);
            Assert.Equal(replicas[1], replicas[2]);
        });

    [Fact]
    public void Merging_in_bindings_one_by_one_or_as_a_bucket_is_the_same() =>
        Gen.Select(GenBucket, GenCrowdedBinding.Array[0, 30]).Sample((bucket, bindings) =>
            Assert.Equal(bucket.With(bindings), bucket.Merge(BindingBucket.Empty.With(bindings))));

    [Fact]
    public void A_side_that_says_it_all_is_the_result_itself() =>
        Gen.Select(GenBucket, GenCrowdedBinding.Array[1, 10]).Sample((bucket, bindings) =>
        {
            BindingBucket later = bucket.With(bindings);
            Assert.Same(later, bucket.Merge(later));
            Assert.Same(later, later.Merge(bucket));
            Assert.Same(later, later.With(bindings));
        });

    [Fact]
    public void What_changed_since_an_earlier_version_turns_that_one_into_this_one() =>
        Gen.Select(GenBucket, GenCrowdedBinding.Array[0, 30]).Sample((bucket, bindings) =>
        {
            BindingBucket later = bucket.With(bindings);
            Assert.Equal(later, bucket.With(later.ChangedSince(bucket).AsSpan()));
            Assert.True(later.ChangedSince(bucket).Length <= bindings.Length);
        });

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, true)]
    [InlineData(1001, true)]
    public void A_binding_from_before_the_horizon_is_cut_off_and_not_taken_in_again(uint lastSeen, bool kept)
    {
        var binding = new Binding(new SessionId(1, 1), X, 1, lastSeen);
        Assert.Equal(kept ? 1 : 0, BindingBucket.Empty.With([binding]).Cut(1000).Count);
        Assert.Equal(kept ? 1 : 0, BindingBucket.Empty.Cut(1000).With([binding]).Count);
        Assert.Equal(kept ? 1 : 0, BindingBucket.Empty.Cut(1000).Merge(BindingBucket.Empty.With([binding])).Count);
    }

    [Fact]
    public void A_horizon_only_grows()
    {
        BindingBucket bucket = BindingBucket.Empty.Cut(50);
        Assert.Same(bucket, bucket.Cut(49));
        Assert.Same(bucket, bucket.Cut(50));
        Assert.Equal(51u, bucket.Cut(51).Horizon);
    }

    [Fact]
    public void Sorted_bindings_make_the_same_bucket_as_merging_them_in() =>
        GenCutBucket.Sample(bucket => Assert.Equal(bucket, BindingBucket.FromSorted([.. All(bucket)], bucket.Horizon)));

    [Fact]
    public void Bindings_out_of_order_twice_or_too_old_are_refused()
    {
        var first = new Binding(new SessionId(1, 1), X, 1, 10);
        var second = new Binding(new SessionId(1, 2), X, 1, 10);
        var nextPage = new Binding(new SessionId(1UL << 48, 0), X, 1, 10);
        Assert.Equal(3, BindingBucket.FromSorted([first, second, nextPage], 10).Count);
        Assert.Throws<ArgumentException>(() => BindingBucket.FromSorted([second, first], 0));
        Assert.Throws<ArgumentException>(() => BindingBucket.FromSorted([first, first], 0));
        Assert.Throws<ArgumentException>(() => BindingBucket.FromSorted([nextPage, first], 0));
        Assert.Throws<ArgumentException>(() => BindingBucket.FromSorted([first], 11));
    }

    [Fact]
    public void A_session_is_found_where_it_is_whatever_the_ids_are() =>
        Gen.Select(GenSession.Array[0, 200], GenSession.Array[1, 20], Gen.ULong[0, 3]).Sample((random, others, top) =>
        {
            // One page, and pairs that agree in their first half.
            SessionId[] ids = [.. random.SelectMany(id => new[] { Crowded(id, top), Crowded(id, top) with { Low = id.Low ^ 1 } }).Distinct()];
            BindingBucket bucket = BindingBucket.Empty.With([.. ids.Select(id => new Binding(id, X, 1, 1))]);
            Assert.Equal(ids.Length, bucket.Count);
            Assert.All(ids, id => Assert.True(bucket.TryGet(id, out Binding found) && found.Id == id));
            foreach (SessionId other in others.Select(id => Crowded(id, top)))
            {
                Assert.Equal(ids.Contains(other), bucket.TryGet(other, out _));
            }

            Assert.Equal(ids.Order(), All(bucket).Select(b => b.Id));
        });

    [Fact]
    public void Equal_buckets_have_one_fingerprint_and_a_bucket_that_says_something_else_has_another() =>
        Gen.Select(GenCutBucket, GenCrowdedBinding.Array[1, 5]).Sample((bucket, bindings) =>
        {
            Assert.Equal(bucket.Fingerprint, BindingBucket.FromSorted([.. All(bucket)], bucket.Horizon).Fingerprint);
            Assert.Equal(bucket.Count == 0, bucket.Fingerprint == 0);
            BindingBucket later = bucket.With(bindings);
            Assert.Equal(later.Equals(bucket), later.Fingerprint == bucket.Fingerprint);
        });

    [Fact]
    public void What_is_kept_of_a_bucket_is_in_its_order_and_pages_that_keep_everything_stay_shared() =>
        GenBucket.Sample(bucket =>
        {
            BindingBucket kept = bucket.Keeping(b => b.Version > 1);
            Assert.Equal(All(bucket).Where(b => b.Version > 1), All(kept));
            Assert.Equal(All(kept).Count(), kept.Count);
            Assert.Same(kept, kept.Keeping(b => b.Version > 1));
        });

    [Fact]
    public void A_bucket_without_the_pages_that_another_has_becomes_itself_with_them() =>
        Gen.Select(GenCutBucket, GenBucket).Sample((bucket, asker) =>
        {
            ulong same = 0;
            for (int page = 0; page < BindingBucket.PageCount; page++)
            {
                same |= bucket.PageFingerprints()[page] == asker.PageFingerprints()[page] ? 1UL << page : 0;
            }

            BindingBucket given = bucket.WithoutPages(same);
            Assert.Equal(All(given).Count(), given.Count);
            Assert.Equal(bucket, given.WithPages(same, asker));
            Assert.Equal(Enumerable.Range(0, 64).Count(p => bucket.Page(p).SequenceEqual(asker.Page(p))), System.Numerics.BitOperations.PopCount(same));
        });

    [Fact]
    public void Pages_of_another_bucket_come_without_what_is_too_old_here() =>
        Gen.Select(GenCutBucket, GenBucket).Sample((bucket, other) =>
            Assert.All(All(bucket.WithPages(ulong.MaxValue, other)), b => Assert.True(b.LastSeen >= bucket.Horizon)));

    [Fact]
    public void A_bucket_has_older_bindings_where_cutting_would_take_some_away() =>
        Gen.Select(GenBucket, Gen.UInt[990, 1_030]).Sample((bucket, second) =>
            Assert.Equal(bucket.Cut(second).Count < bucket.Count, bucket.HasOlder(second)));

    private static SessionId Crowded(SessionId id, ulong top) => new((id.High & 0xFFFF_FFFF_FFFF) | (top << 48), id.Low);

    private static IEnumerable<Binding> All(BindingBucket bucket) =>
        Enumerable.Range(0, BindingBucket.PageCount).SelectMany(page => bucket.Page(page).ToArray());
}
