using System.Collections.Immutable;
using ActorLb.Node.Sessions.Replication;
using ActorLb.Shared.Sessions;
using Akka.DistributedData;
using CsCheck;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

/// <summary>The laws of the delta CRDT, through the interfaces by which distributed data uses it.</summary>
public sealed class BindingBucketDataTests
{
    private static readonly Gen<BindingBucketData> GenData =
        GenCrowdedBinding.Array[0, 40].Select(bindings => new BindingBucketData(BindingBucket.Empty.With(bindings)));

    private static readonly Gen<BindingBucketData> GenCutData =
        Gen.Select(GenData, Gen.UInt[990, 1_030], (data, horizon) => new BindingBucketData(data.Bucket.Cut(horizon)));

    private static readonly Gen<BindingBucketDelta> GenDelta = Gen.Select(
        GenCrowdedBinding.Array[0, 12], Gen.UInt[0, 1], (bindings, cut) => new BindingBucketDelta([.. bindings], cut * 1_005));

    [Fact]
    public void Merging_is_commutative_and_idempotent_with_horizons_too() =>
        Gen.Select(GenCutData, GenCutData).Sample((a, b) =>
        {
            Assert.Equal(a.Merge(b), b.Merge(a));
            Assert.Equal(a, a.Merge(a));
            Assert.Equal(a.Merge(b), a.Merge(b).Merge(b));
        });

    [Fact]
    public void Merging_is_associative_while_nothing_is_cut_off() =>
        Gen.Select(GenData, GenData, GenData).Sample((a, b, c) => Assert.Equal(a.Merge(b).Merge(c), a.Merge(b.Merge(c))));

    // Which of two versions a cut drops before they meet depends on the order; who lives afterwards never does.
    [Fact]
    public void With_horizons_the_same_sessions_stay_in_any_grouping_and_one_more_exchange_settles_the_rest() =>
        Gen.Select(GenCutData, GenCutData, GenCutData).Sample((a, b, c) =>
        {
            BindingBucketData left = a.Merge(b).Merge(c);
            BindingBucketData right = a.Merge(b.Merge(c));
            Assert.Equal(left.Bucket.Horizon, right.Bucket.Horizon);
            Assert.Equal(left.Merge(right), right.Merge(left));
            Assert.Equal(left.Merge(right), left.Merge(right).Merge(left));
        });

    [Fact]
    public void A_delta_changes_a_replica_as_the_state_that_it_came_from_does() =>
        Gen.Select(GenCutData, GenCrowdedBinding.Array[0, 12]).Sample((data, bindings) =>
        {
            BindingBucket owned = data.Bucket.With(bindings);
            var delta = new BindingBucketDelta(owned.ChangedSince(data.Bucket), owned.Horizon);
            Assert.Equal(data.Merge(new BindingBucketData(owned)), data.MergeDelta(delta));
            Assert.Equal(((IReplicatedData)data).Merge(delta), data.MergeDelta(delta));
        });

    [Fact]
    public void Deltas_that_were_put_together_change_a_replica_as_one_after_the_other_does() =>
        Gen.Select(GenData, GenCrowdedBinding.Array[0, 12], GenCrowdedBinding.Array[0, 12]).Sample((data, first, second) =>
        {
            var a = new BindingBucketDelta([.. first], 0);
            var b = new BindingBucketDelta([.. second], 0);
            Assert.Equal(data.MergeDelta(a).MergeDelta(b), data.MergeDelta(a.Merge(b)));
            Assert.Equal(data.MergeDelta(b).MergeDelta(a), data.MergeDelta(a.Merge(b)));
        });

    [Fact]
    public void A_delta_that_comes_twice_or_late_changes_nothing_more() =>
        Gen.Select(GenData, GenDelta).Sample((data, delta) =>
        {
            BindingBucketData once = data.MergeDelta(delta);
            Assert.Equal(once, once.MergeDelta(delta));
        });

    [Fact]
    public void After_an_exchange_the_delta_brings_the_peer_to_the_same_and_holds_nothing_that_it_had() =>
        Gen.Select(GenCutData, GenCutData).Sample((mine, peers) =>
        {
            BindingBucketData exchanged = mine.Exchanged(peers.Bucket);
            Assert.Equal(mine.Merge(peers), exchanged);
            Assert.Equal(exchanged, peers.MergeDelta(exchanged.Delta!));
            Assert.All(exchanged.Delta!.Bindings, b => Assert.False(peers.Bucket.TryGet(b.Id, out Binding had) && had == b));
        });

    [Fact]
    public void Every_change_of_a_replica_is_told_once_and_nothing_else_is() =>
        Gen.Select(GenData, GenDelta.Array[1, 6]).Sample((data, deltas) =>
        {
            BindingBucketData replica = BindingBucketData.Empty.Merge(data);
            ReplicaChanges? changes = replica.Changes;
            Assert.True(ReferenceEquals(replica, BindingBucketData.Empty) || changes!.Take());
            foreach (BindingBucketDelta delta in deltas)
            {
                BindingBucketData before = replica;
                replica = replica.MergeDelta(delta);
                if (changes is not null)
                {
                    Assert.Same(changes, replica.Changes);
                    Assert.Equal(!ReferenceEquals(before.Bucket, replica.Bucket), changes.Take());
                    Assert.False(changes.Take());
                }

                changes = replica.Changes;
                changes?.Take();
            }
        });

    [Fact]
    public void An_update_of_the_owner_is_told_too()
    {
        BindingBucket first = BindingBucket.Empty.With([new Binding(new SessionId(1, 1), X, 1, 100)]);
        BindingBucketData replica = ((BindingBucketData)BindingBucketData.Empty.Updated(first, null)).ResetDelta();
        Assert.True(replica.Changes!.Take());

        // As the replicator does it: the update is made of its replica, and merged into it again.
        BindingBucketData updated = replica.Updated(first.With([new Binding(new SessionId(1, 2), X, 1, 100)]), null).ResetDelta();
        BindingBucketData stored = replica.Merge(updated);
        Assert.Same(replica.Changes, stored.Changes);
        Assert.True(stored.Changes!.Take());
    }

    [Fact]
    public void Replicas_that_begin_are_counted_and_share_nothing()
    {
        long before = ReplicaChanges.ReplicasMade;
        var one = new BindingBucketData(BindingBucket.Empty);
        var other = new BindingBucketData(BindingBucket.Empty);
        Assert.True(ReplicaChanges.ReplicasMade >= before + 2);
        Assert.NotSame(one.Changes, other.Changes);
        Assert.Equal(one, other);
        Assert.Null(BindingBucketData.Empty.Changes);
    }

    [Fact]
    public void A_delta_of_nothing_leaves_every_replica_as_it_is() =>
        GenCutData.Sample(data => Assert.Same(data, data.MergeDelta(new BindingBucketDelta(ImmutableArray<Binding>.Empty, 0))));
}
