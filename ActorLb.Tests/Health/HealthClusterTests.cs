using ActorLb.Engine.Failures;
using ActorLb.Engine.Health;
using ActorLb.Engine.Routing;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using ActorLb.Shared.Sessions;
using ActorLb.Tests.Routing;
using ActorLb.Tests.Cluster.Clocks;
using Xunit;

namespace ActorLb.Tests.Health;

/// <summary>Three real nodes in this process, over loopback.</summary>
public sealed class HealthClusterTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-health-").FullName;

    [Fact]
    public async Task A_sick_backend_is_out_on_all_nodes_and_back_when_it_is_well()
    {
        await using var a = new SmallServer();
        await using var b = new SmallServer();
        HealthNode[] nodes = await HealthNode.StartAllAsync(3, _directory, HealthNode.Quick(a.Settings("a"), b.Settings("b")));
        try
        {
            await AllAsync(nodes, n => n.Capability.FirstVerdicts.IsCompleted && n.Pool.Rotation.Length == 2, "both are up");

            b.Status = 503;
            await AllAsync(nodes, n => n.Backend("b").Health == BackendHealth.Down && n.Pool.Rotation.WholeOrder() is [0], "b is out");
            b.Status = 200;
            await AllAsync(nodes, n => n.Backend("b").TakesNewSessions, "b is back");

            await b.StopAsync();
            await AllAsync(nodes, n => !n.Backend("b").KeepsSessions, "b is gone");
            await AllAsync(
                nodes,
                n => n.Capability.VerdictsOn(new("web", "b")) is { Length: 3 } all && all.All(v => v is { Healthy: false, Detail: "connection refused" }),
                "everybody knows everybody's reason");
            b.Restart();
            await AllAsync(nodes, n => n.Backend("b").TakesNewSessions, "b is back again");
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_node_that_cannot_reach_a_backend_does_not_pull_it_and_goes_on_using_it_when_it_can()
    {
        var broken = new ScriptedProbe { Answer = new ProbeResult(Passed: false, "unreachable") };
        var fine = new ScriptedProbe { Answer = new ProbeResult(Passed: true, "200") };
        HealthNode[] nodes = await HealthNode.StartAllAsync(
            3, _directory, HealthNode.Quick(Pools.Backend("a")), node => (_, _) => node == 0 ? broken : fine);
        try
        {
            await AllAsync(nodes, n => n.Capability.VerdictsOn(new("web", "a")).Length == 3, "all three have told theirs");
            await AllAsync(nodes, n => n.Backend("a").Health == BackendHealth.Up, "the majority holds, also on n1");

            fine.Answer = new ProbeResult(Passed: false, "503");
            await AllAsync(nodes, n => n.Backend("a").Health == BackendHealth.Down, "now all agree");
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_circuit_opens_for_one_node_only_and_closes_by_the_probes_it_asked_for()
    {
        ScriptedProbe[] probes = [.. Enumerable.Range(0, 3).Select(_ => new ScriptedProbe { Answer = new ProbeResult(Passed: true, "200") })];
        HealthNode[] nodes = await HealthNode.StartAllAsync(
            3,
            _directory,
            HealthNode.Quick(Pools.Backend("a"), Pools.Backend("b")),
            node => (_, backend) => backend.Id == "a" ? probes[node] : new ScriptedProbe { Answer = new ProbeResult(Passed: true, "200") });
        try
        {
            await AllAsync(nodes, n => n.Pool.Rotation.Length == 2, "both are up");

            // This node's own probe fails: its circuit must stay open, and nobody else's opens.
            probes[0].Answer = new ProbeResult(Passed: false, "connection refused");
            await nodes[0].HoldsAsync(
                n => n.Capability.VerdictsOn(new("web", "a")).Any(v => v is { Node: "n1", Passed: false }), "no probe that passed is under way on n1");
            var passive = new PassiveHealth(nodes[0].Plane);
            PoolSnapshot pool = nodes[0].Pool;
            for (int i = 0; i < 3; i++)
            {
                passive.Report(pool.Backends[0], pool.Settings, RequestOutcome.ConnectFailed);
            }

            await nodes[0].HoldsAsync(n => n.Pool.Rotation.WholeOrder() is [1], "the circuit is open on n1");
            await AllAsync(nodes, n => n.Capability.VerdictsOn(new("web", "a")).Any(v => v is { Node: "n1", Healthy: false }), "n1 told its verdict");
            Assert.True(nodes[0].Plane.Traffic[new("web", "a")].CircuitOpen);
            Assert.Equal(BackendHealth.Up, nodes[0].Backend("a").Health);
            Assert.Equal(2, nodes[1].Pool.Rotation.Length);

            probes[0].Answer = new ProbeResult(Passed: true, "200");
            await nodes[0].HoldsAsync(n => n.Pool.Rotation.Length == 2, "the circuit is closed");
            Assert.False(nodes[0].Plane.Traffic[new("web", "a")].CircuitOpen);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_backend_that_is_written_at_another_node_keeps_its_sessions_here()
    {
        ProbeFactory fine = (_, _) => new ScriptedProbe { Answer = new ProbeResult(Passed: true, "200") };
        PoolSettings both = HealthNode.Quick(Pools.Backend("a"), Pools.Backend("new"));
        HealthNode[] nodes = await HealthNode.StartAllAsync(
            2, _directory, both, _ => fine, pools: node => node == 0 ? both with { Backends = [both.Backends[0]] } : both);
        try
        {
            await nodes[0].HoldsAsync(
                n => n.Pool.Find(BackendKey.Of("new")) is { KeepsSessions: true, TakesNewSessions: false, Health: BackendHealth.Up }, "it is known, and up");
            Assert.Equal(both.Backends[1].Address, nodes[0].Backend("new").Address);
            await nodes[1].HoldsAsync(n => n.Backend("new").TakesNewSessions, "it is one like any other where it is written");

            // An operator's word holds for it as for any other.
            await nodes[1].SetAsync("new", OperatorState.Maintenance);
            await nodes[0].HoldsAsync(n => n.Backend("new") is { KeepsSessions: false, Operator: OperatorState.Maintenance }, "it is in maintenance");
            await nodes[1].SetAsync("new", OperatorState.Ready);

            // The other node has the older file from now on: what nobody knows any more drains, and is forgotten.
            nodes[1].Plane.Apply(nodes[1].Plane.Topology.WithPool(both with { Backends = [both.Backends[0]] }));
            await nodes[0].HoldsAsync(n => n.Pool.Find(BackendKey.Of("new")) is null, "it is forgotten");
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_drain_is_confirmed_once_a_majority_has_it_on_disk()
    {
        ProbeFactory fine = (_, _) => new ScriptedProbe { Answer = new ProbeResult(Passed: true, "200") };
        HealthNode[] nodes = await HealthNode.StartAllAsync(3, _directory, HealthNode.Quick(Pools.Backend("a")), _ => fine);
        try
        {
            MemoryStateStore[] disks = [.. nodes.Select(n => MemoryStateStore.At(n.Plane.Settings.DataDirectory))];
            disks[0].IsFull = disks[2].IsFull = true;
            BackendStateSet set = await nodes[0].SetAsync("a", OperatorState.Draining);
            Assert.False(set.ByMajority);
            Assert.Equal("n1 n3", string.Join(' ', set.NotOnDisk));
            await AllAsync(nodes, n => n.Backend("a").Operator == OperatorState.Draining, "a is draining all the same");

            disks[2].IsFull = false;
            set = await nodes[0].ConfirmAsync("a", OperatorState.Ready);
            Assert.True(set.ByMajority);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_drain_spreads_to_all_nodes_and_survives_them_all()
    {
        ProbeFactory fine = (_, _) => new ScriptedProbe { Answer = new ProbeResult(Passed: true, "200") };
        HealthNode[] nodes = await HealthNode.StartAllAsync(
            3, _directory, HealthNode.Quick(Pools.Backend("a"), Pools.Backend("b")), _ => fine);
        try
        {
            await AllAsync(nodes, n => n.Pool.Rotation.Length == 2, "both are up");
            BackendStateSet set = await nodes[1].ConfirmAsync("a", OperatorState.Draining, TimeSpan.FromHours(1));
            Assert.Equal("n2", set.Decision.Node);
            await AllAsync(nodes, n => n.Backend("a") is { Operator: OperatorState.Draining, TakesNewSessions: false, KeepsSessions: true }, "a is draining");
            set = await nodes[2].SetAsync("b", OperatorState.Maintenance);
            await AllAsync(nodes, n => !n.Backend("b").KeepsSessions, "b is in maintenance");
            set = await nodes[0].SetAsync("b", OperatorState.Ready);
            Assert.Equal(2, set.Decision.Version);
            await AllAsync(nodes, n => n.Pool.Rotation.WholeOrder() is [1], "b is ready again");
            await Assert.ThrowsAnyAsync<KeyNotFoundException>(() => nodes[0].SetAsync("no-such", OperatorState.Draining));
        }
        finally
        {
            await EndAsync(nodes);
        }

        // A node that starts alone, from its own file.
        nodes = await HealthNode.StartAllAsync(1, _directory, HealthNode.Quick(Pools.Backend("a"), Pools.Backend("b")), _ => fine);
        try
        {
            await AllAsync(nodes, n => n.Pool.Rotation.WholeOrder() is [1], "a is still draining");
            Assert.NotNull(nodes[0].Backend("a").DrainDeadline);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_node_whose_clock_is_an_hour_off_neither_ends_a_drain_early_nor_late()
    {
        ProbeFactory fine = (_, _) => new ScriptedProbe { Answer = new ProbeResult(Passed: true, "200") };
        var wrong = new OffsetTime(TimeSpan.FromHours(1));
        HealthNode[] nodes = await HealthNode.StartAllAsync(
            3, _directory, HealthNode.Quick(Pools.Backend("a"), Pools.Backend("b"), Pools.Backend("c")), _ => fine, node => node == 2 ? wrong : TimeProvider.System);
        try
        {
            await AllAsync(nodes, n => (n.Plane.Clock.UtcNow - DateTimeOffset.UtcNow).Duration() < TimeSpan.FromSeconds(9), "the clocks were compared");

            await nodes[0].SetAsync("a", OperatorState.Draining, TimeSpan.FromMinutes(30));
            await AllAsync(nodes, n => n.Backend("a") is { Operator: OperatorState.Draining, DrainOver: false, KeepsSessions: true }, "a is draining, for half an hour");

            // By the wrong clock the deadline would be an hour away, and the others would wait for it.
            BackendStateSet set = await nodes[2].SetAsync("b", OperatorState.Draining, TimeSpan.FromSeconds(1));
            Assert.InRange(set.Decision.Deadline!.Value, DateTimeOffset.UtcNow.AddSeconds(-60), DateTimeOffset.UtcNow.AddSeconds(60));
            await AllAsync(nodes, n => n.Backend("b").DrainOver, "b has drained");
            await AllAsync(nodes, n => !n.Backend("a").DrainOver, "a is still draining");
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_drain_that_is_decided_anew_goes_on_since_it_began_and_moves_sessions_only_while_it_is_told_to()
    {
        ProbeFactory fine = (_, _) => new ScriptedProbe { Answer = new ProbeResult(Passed: true, "200") };
        HealthNode[] nodes = await HealthNode.StartAllAsync(3, _directory, HealthNode.Quick(Pools.Backend("a"), Pools.Backend("b")), _ => fine);
        try
        {
            await AllAsync(nodes, n => n.Backend("b").Health == BackendHealth.Up, "somebody can take over");
            for (ulong i = 0; i < 100; i++)
            {
                nodes[0].Plane.Tables["web"].Note(new Binding(new SessionId(i << 54, 1), BackendKey.Of("a"), 1, nodes[0].Plane.Clock.Now));
            }

            var drain = new SetBackendState(new BackendName("web", "a"), OperatorState.Draining, TimeSpan.FromHours(1));
            OperatorDecision first = (await nodes[0].SetAsync(drain)).Decision;
            OperatorDecision moving = (await nodes[0].SetAsync(drain with { Move = true, Rate = 10 })).Decision;
            Assert.Equal((TimeSpan.FromSeconds(10), 10), (moving.Moves!.Over, moving.Moves.Rate!.Value));
            Assert.Equal(first.DrainsSince, moving.DrainsSince);
            await AllAsync(nodes, n => n.Backend("a").Moves == moving.Moves, "all know the moments");

            OperatorDecision again = (await nodes[1].SetAsync(drain)).Decision;
            Assert.Equal((null, first.DrainsSince), (again.Moves, again.DrainsSince));
            await AllAsync(nodes, n => n.Backend("a") is { Moves: null, Operator: OperatorState.Draining }, "what is left stays");

            await nodes[2].SetAsync(drain with { Move = true });
            OperatorDecision ready = (await nodes[2].SetAsync("a", OperatorState.Ready)).Decision;
            Assert.Equal((null, null), (ready.Moves, ready.DrainsSince));
            await AllAsync(nodes, n => n.Backend("a") is { Moves: null, Operator: OperatorState.Ready }, "it is ready");

            foreach (SetBackendState wrong in new[] { drain with { Rate = 1 }, drain with { Move = true, Rate = 0 }, drain with { Move = true, State = OperatorState.Ready } })
            {
                await Assert.ThrowsAsync<ArgumentException>(() => nodes[0].SetAsync(wrong));
            }
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static async Task AllAsync(HealthNode[] nodes, Func<HealthNode, bool> condition, string what)
    {
        foreach (HealthNode node in nodes)
        {
            await node.HoldsAsync(condition, what);
        }
    }

    private static Task EndAsync(HealthNode[] nodes) => Task.WhenAll(nodes.Select(n => n.DisposeAsync().AsTask()));
}
