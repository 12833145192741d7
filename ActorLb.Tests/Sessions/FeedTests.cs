using System.Collections.Immutable;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Sessions.Feed;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class FeedTests
{
    [Fact]
    public void Notices_are_sorted_into_one_message_per_bucket_and_kind_and_none_is_lost() =>
        Gen.Select(GenSession, Gen.Bool).Array[0, 50].Sample(notices =>
        {
            SessionNotice[] all =
            [
                .. notices.Select(n => new SessionNotice(
                    Pool, new Binding(n.Item1, X, 1, 5), n.Item2 ? SessionNoticeKind.Adopted : SessionNoticeKind.Touched)),
            ];
            IBucketMessage[] messages = [.. SessionBatches.Of(all)];

            Assert.Equal(
                all.Select(n => (n.Kind == SessionNoticeKind.Adopted, BucketId.Of(Pool, n.Binding.Id))).Distinct().Count(), messages.Length);
            Assert.All(messages, m => Assert.All(BindingsOf(m), b => Assert.Equal(m.Bucket, BucketId.Of(Pool, b.Id))));
            Assert.Equal(
                all.Select(n => (n.Kind, n.Binding.Id)).Distinct().Count(), messages.Sum(m => BindingsOf(m).Length));
        });

    [Fact]
    public void A_session_that_was_noticed_twice_is_told_once_with_what_both_say()
    {
        var id = new SessionId(1, 2);
        IBucketMessage message = Assert.Single(SessionBatches.Of(
        [
            new SessionNotice(Pool, new Binding(id, X, 1, 20), SessionNoticeKind.Adopted),
            new SessionNotice(Pool, new Binding(id, Y, 2, 10), SessionNoticeKind.Adopted),
        ]));
        Assert.Equal(new Binding(id, Y, 2, 20), Assert.Single(Assert.IsType<AdoptSessions>(message).Bindings));
    }

    [Fact]
    public void Only_what_was_there_the_last_time_is_told_again()
    {
        var old = new Binding(new SessionId(1, 1), X, 1, 5);
        var young = new Binding(new SessionId(2, 2), X, 1, 5);
        (ResendState state, ImmutableArray<Binding> due) = ResendState.Empty.Look([old], 10);
        Assert.Empty(due);
        (state, due) = state.Look([old, young], 10);
        Assert.Equal<IEnumerable<Binding>>([old], due);
        (state, due) = state.Look([young], 10);
        Assert.Equal<IEnumerable<Binding>>([young], due);
        (state, due) = state.Look([], 10);
        Assert.Empty(due);
        Assert.Same(ResendState.Empty, state);
    }

    [Fact]
    public void More_than_fits_at_once_is_told_in_turns()
    {
        Binding[] stuck = [.. Enumerable.Range(0, 25).Select(i => new Binding(new SessionId(1, (ulong)i), X, 1, 5))];
        ResendState state = ResendState.Empty.Look(stuck, 10).Next;
        var told = new HashSet<Binding>();
        for (int i = 0; i < 3; i++)
        {
            (state, ImmutableArray<Binding> due) = state.Look(stuck, 10);
            Assert.Equal(10, due.Length);
            told.UnionWith(due);
        }

        Assert.Equal(25, told.Count);
    }

    private static ImmutableArray<Binding> BindingsOf(IBucketMessage message) =>
        message is AdoptSessions adopt ? adopt.Bindings : ((TouchSessions)message).Bindings;
}
