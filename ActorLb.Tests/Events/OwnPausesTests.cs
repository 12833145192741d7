using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Shared.Messages;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Events;

/// <summary>A node that was frozen says of nobody that he is gone before it knows it.</summary>
public sealed class OwnPausesTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private static readonly EventNote Silent = new(EventKind.NodeUnreachable, "n2 does not answer");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly EventLog _log;
    private readonly SharedFacts _facts;
    private bool _isReachable = true;

    public OwnPausesTests()
    {
        _log = new EventLog("n1", _time.GetUtcNow, NullLogger.Instance, 100);
        _facts = new SharedFacts(
            _log, () => new MembershipChanged("n1", [new NodeMember("n1", "n1", "up", true), new NodeMember("n2", "n2", "up", _isReachable)]), new OwnPauses(_time));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Who_stood_still_for_longer_than_a_heartbeat_may_be_late_has_just_woken(int beyond, bool isIt)
    {
        var pauses = new OwnPauses(_time);
        pauses.Awake();
        Assert.False(pauses.HasJustWoken());
        _time.Advance(OwnPauses.PauseMax + (beyond * Moment));
        Assert.Equal(isIt, pauses.HasJustWoken());
    }

    [Fact]
    public void It_has_woken_for_a_while()
    {
        var pauses = new OwnPauses(_time);
        pauses.Awake();
        _time.Advance(OwnPauses.PauseMax + Moment);
        Assert.True(pauses.HasJustWoken());
        for (TimeSpan passed = EventSources.Period; passed < OwnPauses.Settling; passed += EventSources.Period)
        {
            _time.Advance(EventSources.Period);
            pauses.Awake();
            Assert.True(pauses.HasJustWoken());
        }

        _time.Advance(EventSources.Period);
        Assert.False(pauses.HasJustWoken());
    }

    [Fact]
    public void A_start_that_takes_long_is_no_pause()
    {
        var pauses = new OwnPauses(_time);
        _time.Advance(OwnPauses.PauseMax * 2);
        Assert.False(pauses.HasJustWoken());
        _time.Advance(OwnPauses.PauseMax * 2);
        pauses.Awake();
        Assert.False(pauses.HasJustWoken());
    }

    [Fact]
    public void What_a_node_believes_when_it_wakes_and_is_not_so_is_never_said()
    {
        Look(1);
        _time.Advance(TimeSpan.FromSeconds(20));
        _isReachable = false;
        _facts.Offer(Silent);
        Look(2);
        _isReachable = true;
        _facts.Offer(Silent with { Kind = EventKind.NodeReachable });
        _log.Note(Silent with { Kind = EventKind.NodeJoined });
        Look(40);
        Assert.DoesNotContain(_log.All().Events, e => e.Kind == EventKind.NodeUnreachable);
        Assert.True(_facts.IsSettled);
    }

    [Fact]
    public void What_is_so_when_it_has_been_awake_for_a_while_is_said()
    {
        Look(1);
        _time.Advance(TimeSpan.FromSeconds(20));
        _isReachable = false;
        _facts.Offer(Silent);
        Look(19);
        Assert.Empty(_log.All().Events);
        Look(1);
        Assert.Equal(EventKind.NodeUnreachable, Assert.Single(_log.All().Events).Kind);
    }

    [Fact]
    public void Whoever_did_not_stand_still_says_it_at_once()
    {
        Look(4);
        _isReachable = false;
        _facts.Offer(Silent);
        Assert.Single(_log.All().Events);
    }

    private void Look(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _time.Advance(EventSources.Period);
            _facts.Look(_log);
        }
    }
}
