using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class BindingTests
{
    private static readonly Gen<Binding> OfOneSession =
        GenCrowdedBinding.Select(b => b with { Id = new SessionId(7, 7) });

    [Fact]
    public void Merging_gives_the_same_binding_in_any_order_and_grouping() =>
        Gen.Select(OfOneSession, OfOneSession, OfOneSession).Sample((a, b, c) =>
        {
            Assert.Equal(Binding.Merge(a, b), Binding.Merge(b, a));
            Assert.Equal(Binding.Merge(Binding.Merge(a, b), c), Binding.Merge(a, Binding.Merge(b, c)));
            Assert.Equal(a, Binding.Merge(a, a));
        });

    [Fact]
    public void The_higher_version_wins_whoever_was_seen_later()
    {
        var early = new Binding(new SessionId(1, 2), X, 2, LastSeen: 10);
        var late = new Binding(new SessionId(1, 2), Y, 1, LastSeen: 99);
        Assert.Equal(new Binding(new SessionId(1, 2), X, 2, 99), Binding.Merge(late, early));
    }

    [Fact]
    public void Of_two_backends_with_the_same_version_exactly_one_supersedes() =>
        GenSession.Sample(id =>
        {
            var onX = new Binding(id, X, 3, 10);
            var onY = new Binding(id, Y, 3, 10);
            Assert.NotEqual(onX.Supersedes(onY), onY.Supersedes(onX));
            Assert.False(onX.Supersedes(onX with { LastSeen = 11 }));
        });

    [Theory]
    [InlineData(1799, false)]
    [InlineData(1800, false)]
    [InlineData(1801, true)]
    public void A_binding_ends_after_the_timeout_and_not_at_it(uint secondsLater, bool expired) =>
        Assert.Equal(expired, new Binding(default, X, 1, 5_000).IsExpired(5_000 + secondsLater, TimeSpan.FromMinutes(30)));
}
