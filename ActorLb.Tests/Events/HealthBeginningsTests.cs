using System.Collections.Immutable;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class HealthBeginningsTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly BackendName Web = new("web", "a");

    private readonly EventLog _log;
    private readonly EventLog _other;
    private readonly HealthBeginnings _beginnings;
    private DateTimeOffset _now = Start;

    public HealthBeginningsTests()
    {
        _log = new EventLog("lb1", () => _now, NullLogger.Instance, 1000);
        _other = new EventLog("lb2", () => _now, NullLogger.Instance, 1000);
        _beginnings = new HealthBeginnings(_log);
    }

    [Fact]
    public void What_is_said_again_began_when_it_was_said_first()
    {
        Assert.Null(Since(BackendHealth.Up));
        Say(EventKind.BackendUp, 0);
        Say(EventKind.BackendDown, 10);
        Say(EventKind.BackendDown, 20);
        Assert.Equal(10, Since(BackendHealth.Down));
        Assert.Null(Since(BackendHealth.Up));
        Assert.Null(Since(BackendHealth.Unknown));
        Say(EventKind.BackendUp, 30);
        Say(EventKind.BackendDegraded, 40);
        Say(EventKind.BackendUp, 50);
        Assert.Equal(30, Since(BackendHealth.Up));
        Say(EventKind.BackendDown, 60);
        Assert.Equal(60, Since(BackendHealth.Down));
        Assert.Null(_beginnings.Of(new BackendName("web", "b"), BackendHealth.Down));
    }

    [Fact]
    public void A_node_that_starts_and_hears_the_others_one_after_the_other_says_the_same()
    {
        Say(EventKind.BackendDown, 10, _other);
        NodeEvent up = Say(EventKind.BackendUp, 20);
        Say(EventKind.BackendDown, 30, _other);
        Say(EventKind.BackendDown, 40, _other);
        Assert.Null(Since(BackendHealth.Down));
        ImmutableArray<NodeEvent> others = _other.All().Events;
        _log.Take(others);
        Assert.Equal(30, Since(BackendHealth.Down));

        var late = new EventLog("lb3", () => _now, NullLogger.Instance, 1000);
        var beginnings = new HealthBeginnings(late);
        late.Take(others);
        Assert.Equal(Start.AddSeconds(10), beginnings.Of(Web, BackendHealth.Down));
        late.Take([up]);
        Assert.Equal(Start.AddSeconds(30), beginnings.Of(Web, BackendHealth.Down));
    }

    [Fact]
    public void It_is_remembered_when_the_log_does_not_reach_back_to_it_any_more()
    {
        Say(EventKind.BackendDown, 10);
        Assert.Equal(10, Since(BackendHealth.Down));
        for (int i = 0; i < 1000; i++)
        {
            Say(EventKind.BackendDown, 20);
        }

        Assert.DoesNotContain(_log.All().Events, e => e.At == Start.AddSeconds(10));
        Assert.Equal(10, Since(BackendHealth.Down));
    }

    [Fact]
    public void One_that_is_up_for_longer_than_anybody_has_said_is_not_up_since_all_observers_reach_it_again()
    {
        Say(EventKind.BackendDegraded, 10);
        Say(EventKind.BackendUp, 20);
        Assert.Null(Since(BackendHealth.Up));
    }

    [Fact]
    public void One_that_was_added_is_another_than_was_there_before_under_its_name()
    {
        Say(EventKind.BackendDown, 10);
        Say(EventKind.OperatorAdded, 20);
        Assert.Null(Since(BackendHealth.Down));
        Say(EventKind.BackendDown, 30);
        Assert.Equal(30, Since(BackendHealth.Down));
    }

    [Fact]
    public void What_lies_ahead_of_the_time_that_the_nodes_agree_on_now_is_not_told()
    {
        Say(EventKind.BackendDown, 10);
        _now = Start.AddSeconds(9);
        Assert.Null(_beginnings.Of(Web, BackendHealth.Down));
    }

    private NodeEvent Say(EventKind kind, int second, EventLog? log = null)
    {
        _now = Start.AddSeconds(second);
        return (log ?? _log).Note(new EventNote(kind, "web/a") { Pool = Web.Pool, Backend = Web.Id });
    }

    private double? Since(BackendHealth health) => (_beginnings.Of(Web, health) - Start)?.TotalSeconds;
}
