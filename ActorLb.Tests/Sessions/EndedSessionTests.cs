using ActorLb.Engine.Sessions;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

/// <summary>What is kept of a session that an operator ended, wherever bindings meet.</summary>
public sealed class EndedSessionTests
{
    private const uint Now = 10_000;

    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    // One in four is ended.
    private static readonly Gen<Binding> GenBinding = Gen.Select(GenCrowdedBinding, Gen.Int[0, 3], (b, kind) =>
        kind == 0 ? Binding.Ended(b.Id, b.LastSeen) : b);

    [Fact]
    public void An_end_counts_over_whatever_else_is_known_in_any_order_and_grouping() =>
        GenBinding.Select(b => b with { Id = new SessionId(7, 7) }).Array[1, 6].Sample(known =>
        {
            Binding merged = known.Aggregate((one, other) => Binding.Merge(one, other));
            Assert.Equal(merged, known.Reverse().Aggregate((one, other) => Binding.Merge(one, other)));
            Assert.Equal(known.Any(b => b.IsEnded), merged.IsEnded);
            Assert.Equal(known.Max(b => b.LastSeen), merged.LastSeen);
        });

    [Fact]
    public void Buckets_that_merge_keep_every_end() =>
        Gen.Select(GenBinding.Array[0, 12], GenBinding.Array[0, 12]).Sample((mine, theirs) =>
        {
            BindingBucket one = BindingBucket.Empty.With(mine);
            BindingBucket other = BindingBucket.Empty.With(theirs);
            BindingBucket merged = one.Merge(other);
            Assert.Equal(merged, other.Merge(one));
            Assert.All(mine.Concat(theirs).Where(b => b.IsEnded), b => Assert.True(merged.TryGet(b.Id, out Binding kept) && kept.IsEnded));
        });

    [Fact]
    public void Whatever_is_asked_of_its_owner_an_ended_session_stays_ended() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 4], Gen.UInt[1, 9]).Array[1, 10].Sample(questions =>
        {
            var id = new SessionId(3, 14);
            SessionAffinityState state = SessionAffinityState.Empty(new(100, 100)).Merge([Binding.Ended(id, Now)]).Next;
            foreach ((int what, int backend, int other, uint version) in questions)
            {
                var known = new Binding(id, Backends[backend], version, Now);
                BackendKey to = other == 4 ? BackendKey.None : Backends[other];
                (state, Binding answer) = what switch
                {
                    0 => state.Rebind(known, to, Snapshot(down: [known.Backend]), Now * 1000L),
                    1 => state.Move(known, BackendKey.None, to, Snapshot(), Now),
                    2 => (state.Merge([known]).Next, Binding.Ended(id, Now)),
                    _ => (state.MoveDue(Snapshot(draining: Backends, moves: SessionMoves.At(DateTimeOffset.UnixEpoch, 1, null)), Now * 1000L, 9, _ => true).Next, Binding.Ended(id, Now)),
                };
                Assert.True(answer.IsEnded);
                Assert.True(state.Bucket.TryGet(id, out Binding kept) && kept.IsEnded);
            }
        });

    [Fact]
    public void It_lives_nowhere_and_counts_nowhere()
    {
        var table = new BindingTable(1000);
        SessionId[] ids = [.. Enumerable.Range(0, 4).Select(_ => NewSession())];
        table.Publish(BucketId.IndexOf(ids[0]), BindingBucket.Empty.With([new Binding(ids[0], X, 1, Now)]));
        table.Note(new Binding(ids[1], X, 1, Now));
        Array.ForEach(ids[2..], id => table.Note(Binding.Ended(id, Now)));
        Assert.Equal(2, table.CountByBackend(Now, Idle).Values.Sum());

        table.Note(Binding.Ended(ids[0], Now));
        Assert.Equal(1, table.CountByBackend(Now, Idle).Values.Sum());
        table.Publish(BucketId.IndexOf(ids[0]), BindingBucket.Empty.With([Binding.Ended(ids[0], Now)]));
        Assert.Equal((X, 1), Assert.Single(table.CountByBackend(Now, Idle).Select(c => (c.Key, c.Value))));
    }

    [Theory]
    [InlineData(30 * 60 + 1, false)]
    [InlineData(30 * 60 * 5 / 4, false)]
    [InlineData(30 * 60 * 5 / 4 + 1, true)]
    public void It_outlives_its_tickets_and_is_forgotten_a_quarter_of_the_timeout_later(int secondsLater, bool forgotten)
    {
        var id = new SessionId(3, 14);
        var table = new BindingTable(1000);
        table.Note(Binding.Ended(id, Now));
        table.Expire(Now + (uint)secondsLater, Idle);
        Assert.Equal(forgotten, !table.TryGet(id, out _));

        SessionAffinityState owner = SessionAffinityState.Empty(new(100, 100)).Merge([Binding.Ended(id, Now)]).Next.Expire(Now + (uint)secondsLater, Idle);
        Assert.Equal(forgotten, owner.Bucket.Count == 0);
    }

    [Fact]
    public void A_full_table_takes_an_end_that_others_decided()
    {
        var table = new BindingTable(1);
        SessionId[] ids = [.. Enumerable.Range(0, 5000).Select(i => new SessionId((ulong)i, 1))];
        table.Publish(0, BindingBucket.Empty.With([.. ids.Select(id => new Binding(id, X, 2, Now)), Binding.Ended(new SessionId(9999, 1), Now)]));
        Assert.True(table.TryGet(new SessionId(9999, 1), out Binding kept) && kept.IsEnded);
        Assert.True(table.Refused > 0);
    }
}
