using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Health;
using Xunit;

namespace ActorLb.Tests.Traffic;

/// <summary>What the data plane makes of another topology while it runs.</summary>
public sealed class TopologyChangeTests
{
    private readonly ManualTime _time = new();
    private readonly DataPlane _plane;
    private readonly TrafficDirector _director;

    public TopologyChangeTests()
    {
        _plane = new DataPlane(TestPools.Node(TestPools.Pool("web", "http://a:1", "http://b:1", "http://c:1"), TestPools.Pool("api", "http://d:1")), _time);
        _director = new TrafficDirector(_plane);
        Publish("web");
        Publish("api");
    }

    private PoolSettings Web => _plane.Topology.Pools["web"];

    [Fact]
    public void A_topology_that_says_the_same_keeps_every_snapshot()
    {
        PoolSnapshot before = _plane.Routing.Pools["web"];
        _plane.Apply(_plane.Topology.WithPool(Web with { Backends = [.. Web.Backends] }));
        Assert.Same(before, _plane.Routing.Pools["web"]);
    }

    [Fact]
    public void Backends_that_stay_keep_verdict_decision_and_counters()
    {
        BackendSnapshot before = _plane.Routing.Pools["web"].Backends[1];
        _plane.Apply(_plane.Topology.WithPool(Web with { Backends = [Web.Backends[0], Web.Backends[1] with { Weight = 7 }, Web.Backends[2]] }));

        BackendSnapshot after = _plane.Routing.Pools["web"].Backends[1];
        Assert.Equal((BackendHealth.Up, 7, true), (after.Health, after.Weight, after.TakesNewSessions));
        Assert.Same(before.Traffic, after.Traffic);
        Assert.Same(before.Traffic, _plane.Traffic[new BackendName("web", after.Id)]);
    }

    [Fact]
    public async Task A_backend_that_is_listed_no_more_keeps_its_sessions_and_gets_no_new_ones()
    {
        Assignment bound = await NewSessionAsync("a:1");
        _plane.Apply(_plane.Topology.WithPool(Web with { Backends = [Web.Backends[1], Web.Backends[2]] }));

        BackendSnapshot left = _plane.Routing.Pools["web"].Find(BackendKey.Of("a:1"))!;
        Assert.Equal((OperatorState.Draining, false, true), (left.Operator, left.TakesNewSessions, left.KeepsSessions));
        Assert.Equal("a:1", (await AgainAsync(bound)).Backend!.Id);
        for (int i = 0; i < 8; i++)
        {
            Assert.NotEqual("a:1", (await AssignAsync([])).Backend!.Id);
        }
    }

    [Fact]
    public void A_backend_that_is_listed_again_is_as_it_was()
    {
        EquatableArray<BackendSettings> all = Web.Backends;
        _plane.Apply(_plane.Topology.WithPool(Web with { Backends = [all[1], all[2]] }));
        _plane.Apply(_plane.Topology.WithPool(Web with { Backends = all }));

        BackendSnapshot back = _plane.Routing.Pools["web"].Backends[0];
        Assert.Equal(("a:1", OperatorState.Ready, BackendHealth.Up, true), (back.Id, back.Operator, back.Health, back.TakesNewSessions));
        Assert.Equal(3, _plane.Routing.Pools["web"].Backends.Length);
    }

    [Fact]
    public void At_another_address_nothing_is_known_of_a_backend()
    {
        _plane.Apply(_plane.Topology.WithPool(Web with { Backends = [Web.Backends[0] with { Address = new Uri("http://elsewhere:1") }, Web.Backends[1], Web.Backends[2]] }));
        BackendSnapshot moved = _plane.Routing.Pools["web"].Backends[0];
        Assert.Equal((BackendHealth.Unknown, false), (moved.Health, moved.TakesNewSessions));
    }

    [Fact]
    public void What_was_made_from_an_older_topology_is_not_published()
    {
        PoolSnapshot late = Snapshot(Web);
        _plane.Apply(_plane.Topology.WithPool(Web with { RetryAttempts = 9 }));
        Assert.False(_plane.Publish(late));
        Assert.Equal(9, _plane.Routing.Pools["web"].Settings.RetryAttempts);

        _plane.Apply(_plane.Topology.WithPool(Web with { Backends = [Web.Backends[0]] }));
        Assert.False(_plane.Publish(Snapshot(Web with { Backends = [Web.Backends[0] with { Weight = 3 }] })));
        Assert.True(_plane.Publish(Snapshot(Web)));
    }

    [Fact]
    public async Task A_pool_that_is_gone_finishes_what_it_has_and_leaves_nothing()
    {
        Assignment bound = await NewSessionAsync("a:1");
        Topology without = _plane.Topology with { Pools = _plane.Topology.Pools.Remove("web"), Routes = [new RouteSettings("*", "/", "api")] };
        _plane.Apply(without);

        // The request that is under way still gets its ticket, and may fail over.
        Assert.NotNull(_director.TicketFor(bound, secure: false));
        Assert.NotNull((await _director.ReassignAsync(bound with { IsBound = false }, null, CancellationToken.None)).Backend);
        Assert.Equal("api", _director.Route("any", "/")!.Name);
        _plane.ForgetGone();
        Assert.Equal(["d:1"], _plane.Traffic.Keys.Select(b => b.Id));
        Assert.Equal(["api"], _plane.Tables.Keys);
        Assert.Equal(["api"], _plane.Cursors.Keys);
        Assert.Equal(["api"], _plane.Changes.Keys);
        Assert.False(_plane.Publish(Snapshot(TestPools.Pool("web", "http://a:1"))));
    }

    [Fact]
    public async Task A_new_pool_serves_at_once_and_sticks()
    {
        _plane.Apply(_plane.Topology.WithPool(TestPools.Pool("new", "http://x:1", "http://y:1")) with { Routes = [new RouteSettings("*", "/", "new")] });
        PoolSnapshot pool = _director.OnlyPool!;
        Assignment first = await _director.AssignAsync(pool, default, CancellationToken.None);
        Assert.NotNull(first.Backend);
        Assert.Equal(first.Backend!.Id, (await AgainAsync(first)).Backend!.Id);
    }

    [Fact]
    public void A_topology_with_a_certificate_that_cannot_be_used_changes_nothing()
    {
        Topology before = _plane.Topology;
        var bad = new BackendTlsSettings("no-such-file.pem", "", true, null);
        Assert.Throws<Engine.Certificates.CertificateFileException>(() => _plane.Apply(before.WithPool(Web with { Tls = bad, RetryAttempts = 9 })));
        Assert.Same(before, _plane.Topology);
        Assert.Equal(Web.RetryAttempts, _plane.Routing.Pools["web"].Settings.RetryAttempts);
    }

    [Fact]
    public void Who_follows_is_told_after_it_is_in_force()
    {
        int? seen = null;
        _plane.TopologyChanged += () => seen = _plane.Topology.Pools["web"].RetryAttempts;
        _plane.Apply(_plane.Topology.WithPool(Web with { RetryAttempts = 9 }));
        Assert.Equal(9, seen);
    }

    private async Task<Assignment> NewSessionAsync(string backend)
    {
        while (true)
        {
            Assignment assigned = await AssignAsync([]);
            if (assigned.Backend!.Id == backend)
            {
                return assigned;
            }
        }
    }

    private ValueTask<Assignment> AssignAsync(string[] cookies) =>
        _director.AssignAsync(_plane.Routing.Pools["web"], cookies, CancellationToken.None);

    private ValueTask<Assignment> AgainAsync(Assignment assignment) => _director.AssignAsync(
        _plane.Now(assignment.Pool), _director.TicketFor(assignment, secure: false)!.Split(';')[0], CancellationToken.None);

    private void Publish(string pool) => Assert.True(_plane.Publish(Snapshot(_plane.Topology.Pools[pool])));

    private PoolSnapshot Snapshot(PoolSettings pool) => RoutingSnapshots.Pool(
        pool,
        _ => new BackendCondition(BackendHealth.Up, _time.GetUtcNow(), OperatorState.Ready, null, false, 1),
        id => _plane.Traffic[new BackendName(pool.Name, id)],
        new Shared.Routing.RotationCursor());
}
