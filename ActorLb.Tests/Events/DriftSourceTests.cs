using System.Collections.Immutable;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Shared.Messages;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class DriftSourceTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private ImmutableArray<(string Node, uint Fingerprint)> _now = [];

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

    private EventLog Look(params ImmutableArray<(string, uint)>[] looks)
    {
        var log = new EventLog("n1", _time.GetUtcNow, NullLogger.Instance, 100);
        var facts = new SharedFacts(log, () => new MembershipChanged("n1", [new NodeMember("n1", "n1", "up", true)]));
        var source = new DriftSource(() => _now, facts, _time);
        foreach (ImmutableArray<(string, uint)> look in looks)
        {
            _now = look;
            source.Look(log);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        return log;
    }
}
