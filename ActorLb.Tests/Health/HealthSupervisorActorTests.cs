using ActorLb.Tests.Cluster;
using ActorLb.Engine;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.Actor;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class HealthSupervisorActorTests : ActorTest
{
    private readonly DataPlane _plane;
    private readonly IActorRef _supervisor;

    public HealthSupervisorActorTests()
    {
        string[] ids = [.. Enumerable.Range(0, 20).Select(i => $"web-{i}")];
        _plane = new DataPlane(Pools.Node("node-1", "unused", Pools.Web(ids)), new ManualTime());
        _supervisor = Sys.ActorOf(Props.Create(() => new HealthSupervisorActor(
            _plane, (_, backend, _) => Props.Create(() => new Monitor(backend.Id, TestActor)), 1, TestActor)));
    }

    [Fact]
    public async Task Alone_a_node_observes_everything_from_the_start() =>
        Assert.Equal(20, (await NextAsync()).Observed.Count);

    [Fact]
    public async Task With_others_a_node_observes_its_part_and_takes_over_when_they_leave()
    {
        await NextAsync();
        await MembersAsync("node-1", "node-2", "node-3");
        Assert.Equal(20, (await NextAsync()).Observed.Count);

        await MembersAsync("node-1", "node-2", "node-3", "node-4", "node-5");
        ObservationChanged part = await NextAsync();
        Assert.InRange(part.Observed.Count, 1, 19);
        Assert.All(part.Observed, b => Assert.True(ObserverPolicy.Observes("node-1", b, Nodes(5), 3)));

        await MembersAsync("node-1", "node-2");
        Assert.Equal(20, (await NextAsync()).Observed.Count);
    }

    [Fact]
    public async Task A_request_to_probe_reaches_the_monitor_of_that_backend_only_where_it_is_observed()
    {
        await NextAsync();
        await MembersAsync([.. Nodes(9)]);
        ObservationChanged part = await NextAsync();
        BackendName observed = part.Observed.First();
        BackendName other = _plane.Traffic.Keys.First(b => !part.Observed.Contains(b));
        _supervisor.Tell(new ProbeBackend(other));
        _supervisor.Tell(new ProbeBackend(new BackendName("web", "unheard-of")));
        _supervisor.Tell(new ProbeBackend(observed));
        Assert.Equal(observed.Id, await ExpectMsgAsync<string>());
    }

    private static System.Collections.Immutable.ImmutableArray<string> Nodes(int count) =>
        [.. Enumerable.Range(1, count).Select(i => $"node-{i}")];

    private async Task MembersAsync(params string[] names)
    {
        // Before the supervisor has started, it would not hear of it.
        await _supervisor.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(20));
        Sys.EventStream.Publish(new MembershipChanged(
            "node-1", [.. names.Select(n => new NodeMember(n, $"akka.tcp://actorlb@{n}:1", "up", Reachable: true))]));
    }

    private async Task<ObservationChanged> NextAsync() => await ExpectMsgAsync<ObservationChanged>(TimeSpan.FromSeconds(20));

    private sealed class Monitor : ReceiveActor
    {
        public Monitor(string id, IActorRef test) => Receive<ProbeBackend>(_ => test.Tell(id));
    }
}
