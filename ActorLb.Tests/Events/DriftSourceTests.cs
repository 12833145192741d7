using System.Collections.Immutable;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Node.Revisions;
using ActorLb.Shared.Messages;
using ActorLb.Tests.Revisions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class DriftSourceTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private ImmutableArray<(string Node, uint Fingerprint)> _now = [];
    private RevisionStatus _revision = RevisionStatus.None;

    [Fact]
    public void A_node_that_differs_for_a_while_is_an_event_and_that_it_does_no_more_is_another()
    {
        EventLog log = Look(
            [("n1", 1), ("n2", 2), ("n3", 1)],
            [("n1", 1), ("n2", 2), ("n3", 1)],
            [("n1", 1), ("n2", 2), ("n3", 1)],
            [("n1", 1), ("n2", 1), ("n3", 1)]);
        Assert.Equal([EventKind.TopologyDrift, EventKind.TopologyDriftOver], log.All().Events.Select(e => e.Kind));
        Assert.All(log.All().Events, e => Assert.StartsWith("n2 goes by", e.Text, StringComparison.Ordinal));
        Assert.Equal(log.All().Events[0].Id, log.All().Events[1].Cause);
    }

    [Fact]
    public void What_a_change_takes_from_node_to_node_is_none() =>
        Assert.Empty(Look([("n1", 1), ("n2", 2), ("n3", 1)], [("n1", 2), ("n2", 2), ("n3", 2)], [("n1", 2), ("n2", 2), ("n3", 2)]).All().Events);

    [Fact]
    public void Of_two_nodes_the_younger_one_differs() =>
        Assert.StartsWith("n2 ", Assert.Single(Look([("n1", 1), ("n2", 2)], [("n1", 1), ("n2", 2)]).All().Events).Text, StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_does_not_go_by_the_revision_is_odd_however_many_they_are(bool isOddHere)
    {
        _revision = new RevisionStatus(RevisionHistory.Of([RevisionHistoryTests.Given(5, "n1")]), isOddHere ? "cannot listen" : null);
        ImmutableArray<(string, uint)> now = isOddHere ? [("n1", 1), ("n2", 2), ("n3", 1)] : [("n1", 2), ("n2", 1), ("n3", 1)];
        Assert.Equal(
            (isOddHere ? new[] { "n1", "n3" } : ["n2", "n3"]).Select(n => $"{n} does not go by revision 5, which is in force: \"actorlb diff --nodes\" shows in which keys"),
            Look(now, now).All().Events.Select(e => e.Text));
    }

    [Fact]
    public void What_was_told_of_a_node_is_over_when_it_is_heard_again_and_agrees_and_not_when_it_is_not_heard()
    {
        ImmutableArray<(string, uint)> differs = [("n1", 1), ("n2", 2), ("n3", 1)];
        Assert.Single(Look(differs, differs, [("n1", 1)], [("n1", 1)], differs, differs).All().Events);
        Assert.Equal(
            [EventKind.TopologyDrift, EventKind.TopologyDriftOver],
            Look(differs, differs, [("n1", 1)], [("n1", 1), ("n2", 1)]).All().Events.Select(e => e.Kind));
    }

    private EventLog Look(params ImmutableArray<(string, uint)>[] looks)
    {
        var log = new EventLog("n1", _time.GetUtcNow, NullLogger.Instance, 100);
        var facts = new SharedFacts(log, () => new MembershipChanged("n1", [new NodeMember("n1", "n1", "up", true)]));
        var source = new DriftSource("n1", () => _now, () => _revision, facts, _time);
        foreach (ImmutableArray<(string, uint)> look in looks)
        {
            _now = look;
            source.Look(log);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        return log;
    }
}
