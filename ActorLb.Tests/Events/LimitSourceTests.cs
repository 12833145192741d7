using ActorLb.Engine;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class LimitSourceTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly DataPlane _plane;
    private readonly EventLog _log;
    private readonly LimitSource _source;
    private readonly BackendTraffic _traffic;

    public LimitSourceTests()
    {
        _plane = new DataPlane(TestPools.Node(TestPools.Pool("web", "http://s:1")), _time);
        _log = new EventLog("n1", _time.GetUtcNow, NullLogger.Instance, 100);
        _source = new LimitSource(_plane);
        _traffic = _plane.Routing.Pools["web"].Backends[0].Traffic;
    }

    [Fact]
    public void However_many_are_turned_away_there_are_two_events_and_the_second_has_their_number()
    {
        Look();
        for (int second = 0; second < 20; second++)
        {
            _traffic.QueueWasFull();
            _traffic.QueueTookTooLong();
            Look();
        }

        for (int second = 0; second < 9; second++)
        {
            Look();
        }

        Assert.Equal(EventKind.LimitReached, Assert.Single(_log.All().Events).Kind);
        Look();
        NodeEvent[] events = [.. _log.All().Events];
        Assert.Equal([EventKind.LimitReached, EventKind.LimitOver], events.Select(e => e.Kind));
        Assert.All(events, e => Assert.Equal(("web", "s:1"), (e.Pool, e.Backend)));
        Assert.Equal(events[0].Id, events[1].Cause);
        Assert.Equal("""{"limit":"queue","of":"web/s:1","refused":40}""", events[1].Data);
    }

    [Fact]
    public void One_that_begins_again_is_told_again()
    {
        foreach (int refused in (int[])[3, 5])
        {
            for (int i = 0; i < refused; i++)
            {
                _traffic.HoldRefused();
            }

            for (int second = 0; second < 12; second++)
            {
                Look();
            }
        }

        Assert.Equal(
            ["""{"limit":"held","of":"web/s:1","refused":3}""", """{"limit":"held","of":"web/s:1","refused":5}"""],
            _log.All().Events.Where(e => e.Kind == EventKind.LimitOver).Select(e => e.Data));
    }

    private void Look()
    {
        _source.Look(_log);
        _time.Advance(TimeSpan.FromSeconds(1));
    }
}
