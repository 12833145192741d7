using System.Collections.Immutable;
using ActorLb.Engine.Routing;
using ActorLb.Node.Sessions;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class SessionAffinityStateTests
{
    private const uint Now = 10_000;

    private static readonly SessionId Session = new(3, 14);
    private static readonly Binding OnX = new(Session, X, 1, 9_000);

    private readonly SessionAffinityState _empty = SessionAffinityState.Empty(new(100, 100));

    [Fact]
    public void A_session_whose_backend_is_gone_moves_to_the_home_that_every_node_would_choose()
    {
        PoolSnapshot pool = Snapshot(down: [X]);
        (SessionAffinityState next, Binding answer) = _empty.Rebind(OnX, BackendKey.None, pool, Now * 1000L);

        Assert.Equal(pool.NewHome(Session, X)!.Key, answer.Backend);
        Assert.Equal(2u, answer.Version);
        Assert.Equal(Now, answer.LastSeen);
        Assert.True(next.Bucket.TryGet(Session, out Binding recorded) && recorded == answer);
    }

    [Fact]
    public void Three_nodes_that_ask_at_the_same_moment_get_one_home()
    {
        PoolSnapshot pool = Snapshot(down: [X]);
        (SessionAffinityState state, Binding first) = _empty.Merge([OnX]).Next.Rebind(OnX, BackendKey.None, pool, Now * 1000L);
        (state, Binding second) = state.Rebind(OnX with { LastSeen = 9_999 }, X, pool, Now * 1000L);
        (state, Binding third) = state.Rebind(OnX, BackendKey.None, pool, (Now + 1) * 1000L);

        Assert.Equal(first, second);
        Assert.Equal(first with { LastSeen = Now + 1 }, third);
        Assert.Equal(1, state.Bucket.Count);
    }

    [Fact]
    public void A_backend_that_the_asker_could_not_reach_is_left_even_where_the_snapshot_says_it_is_up()
    {
        (_, Binding answer) = _empty.Rebind(OnX, X, Snapshot(), Now * 1000L);
        Assert.NotEqual(X, answer.Backend);
        Assert.Equal(2u, answer.Version);
    }

    [Fact]
    public void A_session_moves_away_from_where_its_asker_says_it_is_gone_also_without_a_named_failure()
    {
        (_, Binding answer) = _empty.Rebind(OnX, BackendKey.None, Snapshot(), Now * 1000L);
        Assert.NotEqual(X, answer.Backend);
    }

    [Fact]
    public void A_decision_whose_backend_is_gone_too_is_made_again()
    {
        var onY = new Binding(Session, Y, 2, 9_500);
        (_, Binding answer) = _empty.Merge([onY]).Next.Rebind(OnX, BackendKey.None, Snapshot(down: [X, Y]), Now * 1000L);
        Assert.Equal(3u, answer.Version);
        Assert.Contains(answer.Backend, new[] { Z, W });
    }

    [Fact]
    public void A_decision_whose_backend_drains_stands()
    {
        var onY = new Binding(Session, Y, 2, 9_500);
        (_, Binding answer) = _empty.Merge([onY]).Next.Rebind(OnX, BackendKey.None, Snapshot(down: [X], draining: [Y]), Now * 1000L);
        Assert.Equal(onY with { LastSeen = Now }, answer);
    }

    [Fact]
    public void Two_backends_that_cannot_be_reached_do_not_pass_a_session_to_and_fro() =>
        GenSession.Sample(id =>
        {
            // The snapshot believes in all of them; the asker can reach only one. It must come there and stay.
            foreach (BackendKey reachable in Backends)
            {
                SessionAffinityState state = SessionAffinityState.Empty(new(100, 100));
                var at = new Binding(id, X, 1, Now);
                int moves = 0;
                while (at.Backend != reachable)
                {
                    (state, Binding answer) = state.Rebind(at, at.Backend, Snapshot(), Now * 1000L);
                    Assert.True(answer.Version == at.Version + 1);
                    at = answer;
                    Assert.True(++moves < Backends.Length, $"{moves} moves for {id}");
                }
            }
        });

    [Fact]
    public void A_backend_that_could_not_be_reached_is_a_home_again_after_a_while_or_where_there_is_no_other()
    {
        PoolSnapshot two = Snapshot(backends: 2);
        (SessionAffinityState state, Binding onY) = _empty.Rebind(OnX, X, two, Now * 1000L);
        Assert.Equal(Y, onY.Backend);
        (_, Binding back) = state.Rebind(onY, Y, two, Now * 1000L);
        Assert.Equal(X, back.Backend);

        SessionId prefersX = Enumerable.Range(0, 1000).Select(i => new SessionId(7, (ulong)i))
            .First(id => Snapshot().NewHome(id, W)!.Key == X);
        (state, _) = _empty.Rebind(new Binding(Session, X, 1, Now), X, Snapshot(), Now * 1000L);
        (_, Binding avoiding) = state.Rebind(new Binding(prefersX, W, 1, Now), W, Snapshot(), (Now + SessionBounds.AvoidSeconds - 1) * 1000L);
        (_, Binding after) = state.Rebind(new Binding(prefersX, W, 1, Now), W, Snapshot(), (Now + SessionBounds.AvoidSeconds) * 1000L);
        Assert.NotEqual(X, avoiding.Backend);
        Assert.Equal(X, after.Backend);
    }

    [Fact]
    public void Without_any_other_backend_the_answer_names_none_and_nothing_is_recorded()
    {
        (SessionAffinityState next, Binding answer) = _empty.Rebind(OnX, X, Snapshot(backends: 1), Now * 1000L);
        Assert.Equal(BackendKey.None, answer.Backend);
        Assert.Equal(0, next.Bucket.Count);

        (next, answer) = _empty.Merge([OnX]).Next.Rebind(OnX, BackendKey.None, Snapshot(down: Backends), Now * 1000L);
        Assert.Equal(BackendKey.None, answer.Backend);
        Assert.True(next.Bucket.TryGet(Session, out Binding kept) && kept == OnX);
    }

    [Fact]
    public void An_asker_who_knows_more_than_the_owner_is_believed()
    {
        (SessionAffinityState next, Binding answer) =
            _empty.Merge([OnX]).Next.Rebind(new Binding(Session, Z, 5, 9_100), Z, Snapshot(), Now * 1000L);
        Assert.Equal(6u, answer.Version);
        Assert.NotEqual(Z, answer.Backend);
        Assert.True(next.Bucket.TryGet(Session, out Binding recorded) && recorded == answer);
    }

    [Fact]
    public void A_version_does_not_overflow()
    {
        const uint Last = Binding.EndedVersion - 1;
        (_, Binding answer) = _empty.Rebind(OnX with { Version = Last }, X, Snapshot(), Now * 1000L);
        Assert.Equal(Last, answer.Version);
    }

    [Fact]
    public void Any_sequence_of_questions_moves_a_session_only_forward_and_never_to_a_backend_that_is_gone() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[-1, 3], Gen.UInt[1, 5], Gen.Int[0, 14]).Array[1, 12].Sample(questions =>
            {
                SessionAffinityState state = SessionAffinityState.Empty(new(100, 100));
                var last = default(Binding);
                foreach ((int knownAt, int failedAt, uint version, int downMask) in questions)
                {
                    BackendKey[] down = [.. Backends.Where((_, i) => (downMask & (1 << i)) != 0)];
                    BackendKey failed = failedAt < 0 ? BackendKey.None : Backends[failedAt];
                    var known = new Binding(Session, Backends[knownAt], version, Now);
                    (state, Binding answer) = state.Rebind(known, failed, Snapshot(down), Now * 1000L);

                    if (answer.Backend == BackendKey.None)
                    {
                        continue;
                    }

                    Assert.DoesNotContain(answer.Backend, down);
                    Assert.NotEqual(failed, answer.Backend);
                    Assert.True(answer == last || answer.Supersedes(last) || last == default);
                    Assert.True(answer.Supersedes(known));
                    Assert.True(state.Bucket.TryGet(Session, out Binding recorded) && recorded == answer);
                    last = answer;
                }
            });

    [Fact]
    public void A_node_that_is_behind_is_told_what_is_newer_and_nothing_else()
    {
        var other = new Binding(new SessionId(3, 15), Z, 1, 9_000);
        var onY = new Binding(Session, Y, 2, 9_500);
        SessionAffinityState state = _empty.Merge([onY]).Next;

        (SessionAffinityState next, ImmutableArray<Binding> newer, int refused) = state.Merge([OnX, other]);

        Assert.Equal<IEnumerable<Binding>>([onY], newer);
        Assert.Equal(0, refused);
        Assert.Equal(2, next.Bucket.Count);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    public void A_full_bucket_takes_no_more_sessions_but_decides_for_them_all_the_same(int sessions, int refusedOf)
    {
        Binding[] all = [.. Enumerable.Range(0, sessions).Select(i => new Binding(new SessionId(3, (ulong)i), X, 1, 9_000))];
        (SessionAffinityState state, _, int refused) = SessionAffinityState.Empty(new(3, 3)).Merge([.. all]);
        Assert.Equal(refusedOf, refused);
        Assert.Equal(Math.Min(3, sessions), state.Bucket.Count);

        (SessionAffinityState after, Binding answer) = state.Rebind(OnX, X, Snapshot(), Now * 1000L);
        Assert.Equal(Snapshot().NewHome(Session, X)!.Key, answer.Backend);
        Assert.Equal(Math.Min(3, sessions + 1), after.Bucket.Count);
        Assert.Equal(0, state.Merge([all[0] with { LastSeen = Now }]).Refused);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void A_full_bucket_has_places_for_sessions_that_move_and_a_limit_for_these_too(int sessions, bool recorded)
    {
        SessionAffinityState state = SessionAffinityState.Empty(new(3, 6));
        (state, _, int refused) = state.Merge([.. Enumerable.Range(0, sessions).Select(i => new Binding(new SessionId(3, (ulong)i), X, i < 3 ? 1u : 2u, 9_000))]);
        Assert.Equal((0, sessions), (refused, state.Bucket.Count));
        Assert.Equal(1, state.Merge([OnX]).Refused);

        (SessionAffinityState after, Binding answer) = state.Rebind(OnX, X, Snapshot(), Now * 1000L);
        Assert.Equal(recorded, after.Bucket.TryGet(Session, out Binding kept) && kept == answer);
    }

    [Theory]
    [InlineData(-300)]
    [InlineData(300)]
    public void An_owner_whose_clock_differs_by_five_minutes_cuts_off_no_session_in_use(int ahead)
    {
        // A node tells of a session that is in use every eighth of the timeout, by its own clock.
        var idleTimeout = TimeSpan.FromMinutes(30);
        uint told = Now - (uint)(idleTimeout / 8).TotalSeconds;
        SessionAffinityState state = _empty.Merge([OnX with { LastSeen = told }]).Next;
        uint ownersNow = (uint)(Now + ahead);
        Assert.Equal(1, state.Expire(ownersNow, idleTimeout).Bucket.Count);
        Assert.Equal(0, state.Expire(ownersNow + 3600, idleTimeout).Bucket.Count);

        // Versions do not come from clocks: the decision of the owner is the newer one, whatever its time.
        Binding moved = state.Rebind(OnX with { LastSeen = told }, X, Snapshot(), ownersNow * 1000L).Answer;
        Assert.True(moved.Supersedes(OnX));
        Assert.Equal(moved.Backend, Binding.Merge(moved, OnX with { LastSeen = Now + 900 }).Backend);
    }

    [Fact]
    public void What_was_replicated_is_not_written_again_and_what_changed_is_written_once()
    {
        SessionAffinityState state = _empty.Learn(BindingBucket.Empty.With([OnX]));
        Assert.False(state.IsDirty);

        var onY = new Binding(new SessionId(3, 15), Y, 1, 9_000);
        state = state.Merge([OnX, onY]).Next;
        Assert.True(state.IsDirty);
        (state, ImmutableArray<Binding> changes) = state.Flush();
        Assert.Equal<IEnumerable<Binding>>([onY], changes);
        Assert.False(state.IsDirty);
        Assert.Empty(state.Flush().Changes);
    }

    [Fact]
    public void What_another_owner_wrote_is_learned_without_losing_what_is_not_written_yet()
    {
        var mine = new Binding(new SessionId(3, 15), Y, 1, 9_000);
        SessionAffinityState state = _empty.Merge([mine]).Next.Learn(BindingBucket.Empty.With([OnX]));
        Assert.Equal(2, state.Bucket.Count);
        Assert.Equal<IEnumerable<Binding>>([mine], state.Flush().Changes);
    }

    [Theory]
    [InlineData(2_249, 1, false)]
    [InlineData(2_250, 1, false)]
    [InlineData(2_251, 0, true)]
    public void Unused_sessions_are_cut_off_a_quarter_after_their_timeout(uint later, int left, bool dirty)
    {
        SessionAffinityState state = _empty.Learn(BindingBucket.Empty.With([OnX])).Expire(9_000 + later, TimeSpan.FromMinutes(30));
        Assert.Equal(left, state.Bucket.Count);
        Assert.Equal(dirty, state.IsDirty);
    }

    [Fact]
    public void Owners_on_both_sides_of_a_partition_come_to_the_same_bindings() =>
        Gen.Select(
            Gen.Select(Gen.Bool, GenCrowdedBinding, Gen.Bool, Gen.Int[0, 3]).Array[1, 40], Gen.Int[0, 14]).Sample((steps, downMask) =>
            {
                BackendKey[] down = [.. Backends.Where((_, i) => (downMask & (1 << i)) != 0)];
                SessionAffinityState[] owners = [SessionAffinityState.Empty(new(1000, 1000)), SessionAffinityState.Empty(new(1000, 1000))];
                foreach ((bool side, Binding binding, bool rebind, int failed) in steps)
                {
                    ref SessionAffinityState owner = ref owners[side ? 1 : 0];
                    owner = rebind
                        ? owner.Rebind(binding, Backends[failed], Snapshot(down), 1_010_000).Next
                        : owner.Merge([binding]).Next;
                }

                SessionAffinityState left = owners[0].Learn(owners[1].Bucket);
                SessionAffinityState right = owners[1].Learn(owners[0].Bucket);
                Assert.Equal(left.Bucket, right.Bucket);
            });
}
