using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class BackendHealthWordsTests
{
    private static readonly BackendName Backend = new("web", "a");

    [Fact]
    public void Who_has_seen_the_same_not_often_enough_says_well_so_far() => Assert.Equal(
        "web/a is down: n1, n3 say not well (503); n2 says well so far (503); n4 says well (200)",
        Text(EventKind.BackendDown, "is down", (false, "503"), (true, "503"), (false, "503"), (true, "200")));

    [Fact]
    public void Who_has_not_seen_it_well_often_enough_says_not_well_so_far() => Assert.Equal(
        "web/a is up: n2 says not well so far (200); n1 says well (200)", Text(EventKind.BackendUp, "is up", (true, "200"), (false, "200")));

    [Fact]
    public void Who_sees_something_else_says_what_he_sees() => Assert.Equal(
        "web/a is down: n1 says not well (503); n2 says well (200)", Text(EventKind.BackendDown, "is down", (false, "503"), (true, "200")));

    private static string Text(EventKind kind, string what, params (bool Healthy, string Detail)[] verdicts) => BackendHealthWords.Of(
        kind, Backend, what, [.. verdicts.Select((v, i) => new Verdict(Backend, $"n{i + 1}", v.Healthy, v.Detail, DateTimeOffset.UnixEpoch))]).Text;
}
