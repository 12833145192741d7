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
            _learned.Note(Of(i));
        }

        Assert.Equal(displaced, _learned.Displaced);
        Assert.Equal(Math.Min(Limit, Limit + beyond), _learned.Count);
        Assert.Equal(displaced == 0, _learned.TryGet(Of(1).Id, out _));
        Assert.True(_learned.TryGet(Of(Limit + beyond).Id, out _));
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
