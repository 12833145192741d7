using ActorLb.Engine.Routing;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

/// <summary>When sessions leave a backend that they are to leave, and what their owner does about it.</summary>
public sealed class SessionMovesTests
{
    private const uint Seen = 1_000_000;
    private const long At = 1_000_000_000;

    private static readonly DateTimeOffset Begins = DateTimeOffset.FromUnixTimeMilliseconds(At);

    private readonly SessionAffinityState _empty = SessionAffinityState.Empty(new(10_000, 10_000));

    [Fact]
    public void Each_session_leaves_once_between_begin_and_end_and_those_of_a_second_are_about_as_many_as_were_asked_for()
    {
        SessionMoves moves = SessionMoves.At(Begins, 10_000, 1_000);
        long[] moments = [.. Sessions(10_000).Select(moves.MomentOf)];

        Assert.Equal(TimeSpan.FromSeconds(10), moves.Over);
        Assert.All(moments, m => Assert.InRange(m, At, moves.Ends.ToUnixTimeMilliseconds() - 1));
        foreach (IGrouping<long, long> second in moments.GroupBy(m => (m - At) / 1000))
        {
            Assert.InRange(second.Count(), 800, 1_200);
        }
    }

    [Fact]
    public void Without_a_rate_all_leave_at_once()
    {
        SessionMoves moves = SessionMoves.At(Begins, 10_000, null);
        Assert.All(Sessions(100), id => Assert.Equal((At, false, true), (moves.MomentOf(id), moves.IsDue(id, At - 1), moves.IsDue(id, At))));
    }

    [Fact]
    public void What_is_left_is_shared_out_anew_where_another_rate_is_asked_for()
    {
        SessionMoves first = SessionMoves.At(Begins, 1_000, 100);
        SessionId[] left = [.. Sessions(1_000).Where(id => !first.IsDue(id, At + 9_000))];
        SessionMoves second = SessionMoves.At(Begins.AddSeconds(9), left.Length, 10);

        // By the same order they would all be in the last tenth.
        Assert.InRange(left.Count(id => second.IsDue(id, second.Ends.ToUnixTimeMilliseconds() - (long)(second.Over.TotalMilliseconds / 2))), left.Length / 4, left.Length * 3 / 4);
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(SessionPlaces.Max, 1, SessionPlaces.Max)]
    [InlineData(int.MaxValue, 1, SessionPlaces.Max)]
    [InlineData(SessionPlaces.Max, SessionMoves.RateMax, 15)]
    public void However_many_there_are_it_ends(int sessions, int rate, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), SessionMoves.At(Begins, sessions, rate).Over);

    [Fact]
    public void A_backend_keeps_each_session_until_its_moment()
    {
        BackendSnapshot left = Snapshot(draining: [X], moves: SessionMoves.At(Begins, 100, 10)).Find(X)!;
        foreach (SessionId id in Sessions(100))
        {
            long moment = left.Moves!.MomentOf(id);
            Assert.Equal((true, false), (left.Keeps(id, moment - 1), left.Keeps(id, moment)));
        }
    }

    [Fact]
    public void Nobody_leaves_where_nobody_takes_them_and_they_do_when_somebody_is_up()
    {
        SessionMoves moves = SessionMoves.At(Begins, 1, null);
        BackendSnapshot alone = Snapshot(down: [Y, Z, W], draining: [X], moves: moves).Find(X)!;
        BackendSnapshot over = Snapshot(down: [Y, Z, W], draining: [X], over: true).Find(X)!;
        Assert.Equal((false, true, false, true), (alone.IsLeft, alone.Keeps(new SessionId(1, 1), At), over.DrainOver, over.KeepsSessions));

        Assert.True(Snapshot(down: [Y, Z], draining: [X], moves: moves).Find(X)!.IsLeft);
        Assert.False(Snapshot(down: [Y, Z], draining: [X], over: true).Find(X)!.KeepsSessions);
    }

    [Fact]
    public void An_owner_moves_each_session_in_one_step_at_its_moment_to_where_every_node_would_send_it()
    {
        PoolSnapshot pool = Snapshot(draining: [X], moves: SessionMoves.At(Begins, 200, 20));
        Binding[] all = [.. Sessions(200).Select((id, i) => new Binding(id, i % 4 == 0 ? Y : X, 1, Seen))];
        SessionAffinityState state = With(all);
        int movedInAll = 0;
        for (long now = At; now <= At + 10_000; now += 100)
        {
            (state, int moved, long? nextAt) = state.MoveDue(pool, now, int.MaxValue, _ => true);
            movedInAll += moved;
            foreach (Binding before in all)
            {
                Assert.True(state.Bucket.TryGet(before.Id, out Binding after));
                bool isDue = before.Backend == X && pool.Find(X)!.Moves!.IsDue(before.Id, now);
                Assert.Equal(isDue ? before.MovedTo(pool.NewHome(before.Id, X)!.Key, Seen) : before, after);
            }

            long[] later = [.. all.Where(b => b.Backend == X).Select(b => pool.Find(X)!.Moves!.MomentOf(b.Id)).Where(m => m > now)];
            Assert.Equal(later.Length == 0 ? null : later.Min(), nextAt);
        }

        Assert.Equal(150, movedInAll);
    }

    [Fact]
    public void When_the_deadline_has_passed_the_rest_moves_a_few_at_a_look()
    {
        PoolSnapshot pool = Snapshot(draining: [X], over: true);
        SessionAffinityState state = With(Sessions(20).Select(id => new Binding(id, X, 3, Seen)));
        (state, int first, long? again) = state.MoveDue(pool, At, 8, _ => true);
        (state, int second, _) = state.MoveDue(pool, At, 8, _ => true);
        (state, int third, long? none) = state.MoveDue(pool, At, 8, _ => true);
        (_, int last, _) = state.MoveDue(pool, At, 8, _ => true);

        Assert.Equal((8, 8, 4, 0), (first, second, third, last));
        Assert.Equal((At, null), (again, none));
        Assert.All(Sessions(20), id => Assert.True(state.Bucket.TryGet(id, out Binding b) && b.Version == 4));
    }

    [Fact]
    public void What_has_ended_moves_nowhere_and_so_does_what_nobody_takes()
    {
        SessionAffinityState state = With(Sessions(3).Select(id => new Binding(id, X, 1, Seen)));
        Assert.Equal(0, state.MoveDue(Snapshot(draining: [X], over: true), At, 8, _ => false).Moved);
        Assert.Equal((0, null), Facts(state.MoveDue(Snapshot(down: [Y, Z, W], draining: [X], over: true), At, 8, _ => true)));
        Assert.Equal((0, null), Facts(state.MoveDue(Snapshot(draining: [X]), At, 8, _ => true)));
        Assert.Equal((0, null), Facts(state.MoveDue(Snapshot(), At, 8, _ => true)));
    }

    [Fact]
    public void A_request_whose_session_is_due_at_its_second_home_is_sent_to_a_third_and_stays_where_there_is_none()
    {
        SessionId id = new(3, 14);
        var known = new Binding(id, Y, 1, Seen);
        var own = new Binding(id, X, 2, Seen);
        SessionMoves moves = SessionMoves.At(Begins, 1, null);
        SessionAffinityState state = With([own]);

        (_, Binding before) = state.Rebind(known, BackendKey.None, Snapshot(draining: [X], moves: moves), At - 1);
        (_, Binding after) = state.Rebind(known, BackendKey.None, Snapshot(draining: [X], moves: moves), At);
        (_, Binding stuck) = state.Rebind(known, BackendKey.None, Snapshot(down: [Y, Z, W], draining: [X], moves: moves), At);
        Assert.Equal((X, 2u), (before.Backend, before.Version));
        Assert.Equal(3u, after.Version);
        Assert.Contains(after.Backend, new[] { Z, W });
        Assert.Equal((X, 2u), (stuck.Backend, stuck.Version));
    }

    [Fact]
    public void An_owner_that_moves_and_a_node_that_decides_alone_come_to_one_home() => GenSession.Sample(id =>
    {
        PoolSnapshot pool = Snapshot(draining: [X], moves: SessionMoves.At(Begins, 1, null));
        var known = new Binding(id, X, 1, Seen);
        (SessionAffinityState moved, _, _) = With([known]).MoveDue(pool, At, 8, _ => true);
        Assert.True(moved.Bucket.TryGet(id, out Binding home));
        Assert.Equal(known.MovedTo(pool.NewHome(id, X)!.Key, Seen), home);
    });

    private static (int Moved, long? NextAt) Facts((SessionAffinityState Next, int Moved, long? NextAt) result) => (result.Moved, result.NextAt);

    private static IEnumerable<SessionId> Sessions(int count) => Enumerable.Range(1, count).Select(i => new SessionId((ulong)i, 7));

    private SessionAffinityState With(IEnumerable<Binding> bindings) => _empty.Merge([.. bindings]).Next;
}
