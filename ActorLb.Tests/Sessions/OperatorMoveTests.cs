using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

/// <summary>An operator's move of one session: what its owner decides, and what is remembered of it.</summary>
public sealed class OperatorMoveTests
{
    private const uint Now = 10_000;

    private static readonly SessionId Session = new(3, 14);
    private static readonly Binding OnX = new(Session, X, 1, 9_000);

    private readonly SessionAffinityState _owner = SessionAffinityState.Empty(new(100, 100)).Merge([OnX]).Next;

    [Fact]
    public void A_session_moves_one_step_to_where_it_is_told_to_and_was_not_used_by_that()
    {
        (SessionAffinityState next, Binding answer) = _owner.Move(OnX, BackendKey.None, Y, Snapshot(), Now);
        Assert.Equal(new Binding(Session, Y, 2, 9_000), answer);
        Assert.True(next.Bucket.TryGet(Session, out Binding recorded) && recorded == answer);
    }

    [Fact]
    public void Without_a_target_it_goes_where_its_hash_says_and_who_asks_again_from_there_moves_nothing()
    {
        PoolSnapshot pool = Snapshot();
        (SessionAffinityState next, Binding first) = _owner.Move(OnX, X, BackendKey.None, pool, Now);
        Assert.Equal(pool.NewHome(Session, X)!.Key, first.Backend);
        (next, Binding again) = next.Move(OnX, X, BackendKey.None, pool, Now);
        Assert.Equal(first, again);
        Assert.False(next.Move(OnX, X, Y, pool, Now).Answer.Supersedes(first));
    }

    [Fact]
    public void It_stays_where_it_is_told_to_be_and_where_nobody_takes_it()
    {
        Assert.Equal(OnX, _owner.Move(OnX, BackendKey.None, X, Snapshot(), Now).Answer);
        foreach ((BackendKey to, PoolSnapshot pool) in new[]
        {
            (Y, Snapshot(down: [Y])), (Y, Snapshot(draining: [Y])), (BackendKey.Of("gone"), Snapshot()), (BackendKey.None, Snapshot(backends: 1)), (BackendKey.None, Snapshot(down: [Y, Z, W])),
        })
        {
            (SessionAffinityState next, Binding answer) = _owner.Move(OnX, BackendKey.None, to, pool, Now);
            Assert.Equal(BackendKey.None, answer.Backend);
            Assert.False(answer.IsEnded);
            Assert.True(next.Bucket.TryGet(Session, out Binding kept) && kept == OnX);
        }
    }

    [Fact]
    public void Two_nodes_that_decide_alone_end_at_one_home() =>
        Gen.Select(GenSession, Gen.Int[0, 3], Gen.Int[0, 3]).Sample((id, one, other) =>
        {
            var known = new Binding(id, X, 3, Now);
            Binding left = OperatorMovePolicy.Next(known, BackendKey.None, Backends[one], BackendKey.None, Snapshot());
            Binding right = OperatorMovePolicy.Next(known, BackendKey.None, Backends[other], BackendKey.None, Snapshot());
            Assert.Equal(Binding.Merge(left, right), Binding.Merge(right, left));
        });

    [Fact]
    public void What_was_moved_is_remembered_for_a_minute_and_bounded()
    {
        var time = new FakeTimeProvider();
        var moves = new OperatorMoves(time);
        Binding moved = OnX.MovedTo(Y, Now);
        Assert.False(moves.HaveMoved(OnX));
        Assert.True(moves.Add(moved));
        Assert.False(moves.Add(moved));
        Assert.True(moves.HaveMoved(OnX));
        Assert.False(moves.HaveMoved(moved));

        for (uint i = 0; i < OperatorMoves.Max; i++)
        {
            moves.Add(new Binding(new SessionId(9, i), Y, 2, Now));
        }

        Assert.False(moves.HaveMoved(OnX));
        Assert.True(moves.HaveMoved(new Binding(new SessionId(9, 0), X, 1, Now)));
        time.Advance(TimeSpan.FromMinutes(1));
        moves.Add(moved);
        Assert.False(moves.HaveMoved(new Binding(new SessionId(9, OperatorMoves.Max - 1), X, 1, Now)));
        Assert.True(moves.HaveMoved(OnX));
    }
}
