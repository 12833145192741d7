using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Learned;

public sealed class LearnedSessionsTests
{
    private static readonly BackendKey X = BackendKey.Of("x");

    private readonly FakeTimeProvider _time = new();
    private readonly LearnedSessions _learned;

    public LearnedSessionsTests() => _learned = new LearnedSessions(_time);

    [Fact]
    public void What_does_not_come_back_is_forgotten_after_its_time()
    {
        _learned.Note(Of(1));
        _time.Advance(LearnedSessions.Lifetime - TimeSpan.FromSeconds(1));
        Assert.True(_learned.TryGet(Of(1).Id, out Binding known));
        Assert.Equal(Of(1), known);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_learned.TryGet(Of(1).Id, out _));
        _learned.Expire();
        Assert.Equal((0, 0), (_learned.Count, (int)_learned.Displaced));
    }

    [Fact]
    public void What_is_said_again_lasts_from_then()
    {
        _learned.Note(Of(1));
        _time.Advance(TimeSpan.FromSeconds(20));
        _learned.Note(Of(1));
        _time.Advance(TimeSpan.FromSeconds(20));
        _learned.Expire();
        Assert.True(_learned.TryGet(Of(1).Id, out _));
        Assert.Equal(1, _learned.Count);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void Beyond_the_limit_the_oldest_go_and_are_counted(int beyond, int displaced)
    {
        const int Limit = 100;
        _learned.Limit = Limit;
        for (int i = 1; i <= Limit + beyond; i++)
        {
            _learned.Note(Of(i), client: (ulong)i);
        }

        Assert.Equal(displaced, _learned.Displaced);
        Assert.Equal(Math.Min(Limit, Limit + beyond), _learned.Count);
        Assert.Equal(displaced == 0, _learned.TryGet(Of(1).Id, out _));
        Assert.True(_learned.TryGet(Of(Limit + beyond).Id, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    public void One_client_that_begins_session_after_session_displaces_its_own_and_nobody_elses(int beyond)
    {
        const int Limit = 640;
        _learned.Limit = Limit;
        for (int i = 1; i <= 300; i++)
        {
            _learned.Note(Of(i), client: (ulong)i);
        }

        for (int i = 0; i < 20 + beyond; i++)
        {
            _learned.Note(Of(1000 + i), client: 7_777_777);
        }

        Assert.All(Enumerable.Range(1, 300), i => Assert.True(_learned.TryGet(Of(i).Id, out _)));
        Assert.True(_learned.TryGet(Of(1000 + 19 + beyond).Id, out _));
        Assert.InRange(_learned.Count, 300 + (Limit / LearnedSessions.Shares), Limit / 2);
        Assert.Equal(300 + 20 + beyond, _learned.Count + _learned.Displaced);
        _time.Advance(LearnedSessions.Lifetime);
        _learned.Expire();
        Assert.Equal(0, _learned.Count);
    }

    [Fact]
    public void Whoever_took_more_while_there_was_room_gives_it_back_when_others_come()
    {
        const int Limit = 640;
        _learned.Limit = Limit;
        for (int i = 0; i < Limit / 2; i++)
        {
            _learned.Note(Of(1000 + i), client: 7);
        }

        Assert.Equal(0, _learned.Displaced);
        for (int i = 1; i <= 600; i++)
        {
            _learned.Note(Of(100_000 + i), client: 1_000 + (ulong)i);
            _learned.Note(Of(10_000 + i), client: 7);
        }

        Assert.All(Enumerable.Range(1, 600), i => Assert.True(_learned.TryGet(Of(100_000 + i).Id, out _)));
        Assert.Equal(600 + (Limit / LearnedSessions.Shares), _learned.Count);
    }

    [Fact]
    public void What_other_nodes_have_begun_goes_before_what_this_node_has()
    {
        _learned.Limit = 100;
        for (int i = 1; i <= 60; i++)
        {
            _learned.Note(Of(i), client: (ulong)i);
        }

        for (int i = 0; i < 500; i++)
        {
            _learned.Told(Of(1000 + i));
        }

        _learned.Told(Of(1));
        _learned.Note(Of(61), client: 61);
        Assert.All(Enumerable.Range(1, 61), i => Assert.True(_learned.TryGet(Of(i).Id, out _)));
        Assert.True(_learned.TryGet(Of(1499).Id, out _));
        Assert.Equal(100, _learned.Count);
    }

    [Fact]
    public void A_client_has_owners_asked_for_so_many_at_once_and_then_for_so_many_a_second()
    {
        var questions = new OwnerQuestions(OwnerQuestions.Most);
        Assert.Equal(2, questions.Take(1, 2, 0));
        Assert.Equal(OwnerQuestions.AtOnce - 2, questions.Take(1, OwnerQuestions.AtOnce, 0));
        Assert.Equal(0, questions.Take(1, 1, 0));
        Assert.Equal(0, questions.Take(1, 1, (1000 / OwnerQuestions.PerSecond) - 1));
        Assert.Equal(1, questions.Take(1, 2, 1000 / OwnerQuestions.PerSecond));
        Assert.Equal(OwnerQuestions.PerSecond, questions.Take(1, OwnerQuestions.AtOnce, 1000 + (1000 / OwnerQuestions.PerSecond)));
        Assert.Equal(OwnerQuestions.AtOnce, questions.Take(1, int.MaxValue, 1_000_000));
    }

    [Fact]
    public void What_an_owner_did_not_know_is_asked_for_again_a_little_later_or_once_it_is_known()
    {
        var unknown = new UnknownValues(UnknownValues.Most);
        SessionId id = Of(7).Id;
        Assert.False(unknown.Contains(id, 100));
        unknown.Add(id, 100);
        Assert.True(unknown.Contains(id, 100 + UnknownValues.Lifetime));
        Assert.False(unknown.Contains(id, 101 + UnknownValues.Lifetime));
        Assert.False(unknown.Contains(id with { Low = ~id.Low }, 100));
        unknown.Remove(id);
        Assert.False(unknown.Contains(id, 100));
    }

    private static Binding Of(int i) => new(new SessionId((ulong)i, (ulong)i), X, 1, 1000);
}
