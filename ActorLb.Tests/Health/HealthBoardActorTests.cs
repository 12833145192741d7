using ActorLb.Tests.Cluster;
using ActorLb.Engine;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Tests.Supervision;
using Akka.Actor;
using Akka.Event;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class HealthBoardActorTests : ActorTest
{
    private static readonly BackendName Web = new("web", "a");

    private readonly ManualTime _time = new();
    private readonly DataPlane _plane;
    private readonly HealthCapability _capability;
    private readonly IActorRef _board;
    private readonly TestProbe _others;

    public HealthBoardActorTests()
    {
        _plane = new DataPlane(Pools.Node("me", "unused", Pools.Web("a")), _time);
        _capability = new HealthCapability(_plane.Topology.Pools.Keys);

        // The other node's address is this system's: its board is whoever has that name here.
        _others = CreateTestProbe();
        this.StartNodeActor<HealthBoardActor>(Props.Create(() => new Forwarder(_others.Ref)));
        Sys.EventStream.Subscribe<BackendHealthChanged>(TestActor);
        _board = Sys.ActorOf(Props.Create(() => new HealthBoardActor(_plane, _capability, NullLogger<HealthBoardActor>.Instance, _time)), "own-board");
    }

    [Fact]
    public async Task A_verdict_alone_decides_and_is_told_to_routers_and_readers()
    {
        _board.Tell(Judged(healthy: true));
        BackendHealthChanged changed = await ExpectMsgAsync<BackendHealthChanged>();
        Assert.Equal((Web, BackendHealth.Up), (changed.Backend, changed.Health));
        Assert.Equal("me", Assert.Single(changed.Verdicts).Node);
        Assert.Equal(changed.Verdicts.ToArray(), _capability.VerdictsOn(Web).ToArray());
    }

    [Fact]
    public async Task Three_observers_outvote_one()
    {
        await JoinAsync("node-1", "node-2");
        _board.Tell(Judged(healthy: true));
        Assert.Equal(BackendHealth.Up, (await ExpectMsgAsync<BackendHealthChanged>()).Health);
        _board.Tell(Report("node-1", healthy: true));
        _board.Tell(Judged(healthy: false));
        _board.Tell(Report("node-2", healthy: true));
        _board.Tell(Report("node-1", healthy: false));
        BackendHealthChanged changed = await ExpectMsgAsync<BackendHealthChanged>();
        Assert.Equal(BackendHealth.Down, changed.Health);
        Assert.Equal([false, false, true], changed.Verdicts.Select(v => v.Healthy));
    }

    [Fact]
    public async Task A_change_is_reported_to_the_others_at_once_and_everything_every_second()
    {
        await JoinAsync("node-1");
        Assert.Empty((await ReportedAsync()).Verdicts);
        _board.Tell(Judged(healthy: false));
        Assert.False(Assert.Single((await ReportedAsync()).Verdicts).Healthy);
        _board.Tell(Judged(healthy: false, urgent: false));
        await _board.Ask<ActorIdentity>(new Identify(1));
        for (int second = 0; second < 3; second++)
        {
            await AdvanceByTicksAsync(seconds: 1);
            Assert.Single((await ReportedAsync()).Verdicts);
        }
    }

    [Fact]
    public async Task A_joiner_is_told_everything_at_once()
    {
        _board.Tell(Judged(healthy: true));
        await JoinAsync("node-1");
        VerdictsReported report = await ReportedAsync();
        Assert.Equal("me", report.Node);
        Assert.Single(report.Verdicts);
    }

    [Fact]
    public async Task A_backend_that_is_no_longer_observed_here_is_withdrawn()
    {
        _board.Tell(Judged(healthy: true));
        _board.Tell(new ObservationChanged([]));
        await JoinAsync("node-1");
        Assert.Empty((await ReportedAsync()).Verdicts);
        Assert.Empty(_capability.VerdictsOn(Web));
    }

    [Fact]
    public async Task Stale_verdicts_stop_counting_as_time_goes_by()
    {
        await JoinAsync("node-1", "node-2");
        _board.Tell(Report("node-1", healthy: false));
        _board.Tell(Report("node-2", healthy: false));
        Assert.Equal(BackendHealth.Down, (await ExpectMsgAsync<BackendHealthChanged>()).Health);
        await AdvanceByTicksAsync(seconds: 6);
        _board.Tell(Judged(healthy: true));
        await AdvanceByTicksAsync(seconds: 2);
        Assert.Equal(BackendHealth.Up, (await ExpectMsgAsync<BackendHealthChanged>()).Health);
    }

    [Fact]
    public async Task A_board_that_starts_again_goes_on_from_what_the_data_plane_knows()
    {
        PublishUp();
        IActorRef next = Sys.ActorOf(Props.Create(() => new HealthBoardActor(_plane, _capability, NullLogger<HealthBoardActor>.Instance, _time)), "next-board");
        next.Tell(Judged(healthy: true));
        next.Tell(Judged(healthy: false));
        Assert.Equal(BackendHealth.Down, (await ExpectMsgAsync<BackendHealthChanged>()).Health);
    }

    private void PublishUp()
    {
        var pool = _plane.Routing.Pools["web"];
        _plane.Publish(new(pool.Settings, [pool.Backends[0] with { Health = BackendHealth.Up }], pool.Rotation, pool.Cursor));
    }

    private async Task AdvanceByTicksAsync(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _board.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(20));
        }
    }

    private async Task<VerdictsReported> ReportedAsync() => await _others.ExpectMsgAsync<VerdictsReported>(TimeSpan.FromSeconds(20));

    private async Task JoinAsync(params string[] others)
    {
        // Before the board has started, it would not hear of it.
        await _board.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(20));
        Sys.EventStream.Publish(new MembershipChanged(
            "me",
            [
                new NodeMember("me", "akka://nowhere", "up", Reachable: true),
                .. others.Select((n, i) => new NodeMember(n, i == 0 ? $"akka://{Sys.Name}" : "akka://nowhere", "up", Reachable: true)),
            ]));
    }

    private ProbeJudged Judged(bool healthy, bool urgent = true) =>
        new(new Verdict(Web, "me", healthy, healthy ? "200" : "503", _time.GetUtcNow()), urgent);

    private VerdictsReported Report(string node, bool healthy) =>
        new(node, [new Verdict(Web, node, healthy, healthy ? "200" : "503", _time.GetUtcNow())]);
}
