using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Node.Overlays;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Overlays;

/// <summary>What becomes of the registers, one decision after the other, over a data plane that goes by them.</summary>
public sealed class BackendDecisionsTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly PoolSettings Web = TestPools.Pool("web", "http://10.0.0.1:8080", "http://10.0.0.2:8080") with { DrainDeadline = TimeSpan.FromMinutes(5) };
    private static readonly BackendName First = new("web", "10.0.0.1:8080");
    private static readonly BackendName Third = new("web", "web-3");
    private static readonly Uri ThirdAddress = new("http://10.0.0.3:8080");

    private readonly DataPlane _plane;
    private TopologyState _topology;
    private BackendRegisters _registers = BackendRegisters.Empty;
    private ulong _count;

    public BackendDecisionsTests()
    {
        NodeSettings settings = TestPools.Node(Web);
        _plane = new DataPlane(settings, TimeProvider.System);
        _topology = TopologyState.Of(settings.Topology);
    }

    private PoolSettings Pool => _topology.InForce.Pools["web"];

    [Fact]
    public void A_backend_that_is_added_is_there_with_its_weight_and_again_is_no_change()
    {
        Decide(new AddBackend(Third, ThirdAddress, 4));
        Assert.Equal(new BackendSettings(Third.Id, ThirdAddress, 4), Pool.Backends[^1]);
        Assert.False(Decide(new AddBackend(Third, ThirdAddress, 4)));
        Assert.False(Decide(new AddBackend(Third, ThirdAddress, null)));
        Assert.False(Decide(new AddBackend(First, new Uri("http://10.0.0.1:8080"), null)));
    }

    [Fact]
    public void A_backup_is_added_and_stays_one_whatever_else_is_decided_of_it()
    {
        Decide(new AddBackend(Third, ThirdAddress, null) { IsBackup = true });
        Assert.Equal(new BackendSettings(Third.Id, ThirdAddress, 1) { IsBackup = true }, Pool.Backends[^1]);
        Assert.False(Decide(new AddBackend(Third, ThirdAddress, null) { IsBackup = true }));
        Assert.False(Decide(new AddBackend(Third, ThirdAddress, null)));
        Assert.Contains("is a backup", Refused("backend-exists", new AddBackend(Third, ThirdAddress, null) { IsBackup = false }), StringComparison.Ordinal);
        Assert.Contains("is no backup", Refused("backend-exists", new AddBackend(First, new Uri("http://10.0.0.1:8080"), null) { IsBackup = true }), StringComparison.Ordinal);

        Decide(new WeighBackend(Third, 4));
        Assert.Equal(new BackendSettings(Third.Id, ThirdAddress, 4) { IsBackup = true }, Pool.Backends[^1]);
        Decide(new RemoveBackend(Third, null, Now: false));
        Assert.True(_registers.ByBackend[Third].IsBackup);
        Decide(new RemoveBackend(First, null, Now: false));
        Assert.Contains("written as no backup", Refused("backend-exists", new AddBackend(First, new Uri("http://10.0.0.1:8080"), null) { IsBackup = true }), StringComparison.Ordinal);
        Decide(new AddBackend(Third, ThirdAddress, null));
        Assert.Equal(new BackendSettings(Third.Id, ThirdAddress, 1), Pool.Backends[^1]);
    }

    [Fact]
    public void An_id_or_an_address_that_is_there_is_refused_with_what_to_do()
    {
        Decide(new AddBackend(Third, ThirdAddress, null));
        Assert.Contains("actorlb weight web/web-3 2", Refused("backend-exists", new AddBackend(Third, ThirdAddress, 2)), StringComparison.Ordinal);
        Assert.Contains("at http://10.0.0.3:8080", Refused("backend-exists", new AddBackend(Third, new Uri("http://10.0.0.9:80"), null)), StringComparison.Ordinal);
        Assert.Contains("as web/web-3", Refused("backend-exists", new AddBackend(new BackendName("web", "x"), ThirdAddress, null)), StringComparison.Ordinal);
        Refused("unknown-pool", new AddBackend(new BackendName("api", "x"), ThirdAddress, null));
    }

    [Fact]
    public void A_removed_backend_drains_until_the_deadline_of_its_pool_or_its_own_and_is_listed_no_more()
    {
        Decide(new RemoveBackend(First, null, Now: false));
        Assert.DoesNotContain(Pool.Backends, b => b.Id == First.Id);
        BackendRemoval removal = Pool.OverrideOf(First.Id)!.Removal!;
        Assert.Equal((Now, Now.AddMinutes(5)), (removal.At, removal.Deadline!.Value));
        BackendSettings leaving = _plane.Routing.Pools["web"].Settings.Backends.Single(b => b.Id == First.Id);
        Assert.Equal((false, Now), (leaving.TakesNewSessions, leaving.LeftAt!.Value));

        Assert.False(Decide(new RemoveBackend(First, null, Now: false)));
        Decide(new RemoveBackend(First, TimeSpan.FromHours(1), Now: false));
        Assert.Equal(Now.AddHours(1), Pool.OverrideOf(First.Id)!.Removal!.Deadline);
        Decide(new RemoveBackend(First, null, Now: true));
        Assert.NotNull(Pool.OverrideOf(First.Id)!.Removal!.Moves);
        Refused("unknown-backend", new RemoveBackend(new BackendName("web", "x"), null, Now: false));
    }

    [Fact]
    public void What_is_written_comes_back_by_adding_it_or_by_a_reset()
    {
        Decide(new RemoveBackend(First, null, Now: false));
        Assert.Contains("still drains at http://10.0.0.1:8080", Refused("backend-exists", new AddBackend(First, new Uri("http://10.0.0.8:80"), null)), StringComparison.Ordinal);
        Decide(new AddBackend(First, new Uri("http://10.0.0.1:8080"), null));
        Assert.Equal(_topology.Written, _topology.InForce);
        Assert.Empty(_registers.ByBackend);

        Decide(new RemoveBackend(First, null, Now: false));
        Decide(new WeighBackend(new BackendName("web", "10.0.0.2:8080"), 9));
        Decide(new ResetBackends("web", null));
        Assert.Equal(_topology.Written, _topology.InForce);
    }

    [Fact]
    public void A_weight_is_over_what_is_written_and_gone_where_it_is_the_written_one_again()
    {
        Decide(new WeighBackend(First, 7));
        Assert.Equal(7, Pool.Backends[0].Weight);
        Assert.Equal(new WrittenBackend("http://10.0.0.1:8080", 1), _registers.ByBackend[First].Below);
        Decide(new WeighBackend(First, 1));
        Assert.Empty(_registers.ByBackend);
        Assert.False(Decide(new WeighBackend(First, 1)));
        Refused("bad-weight", new WeighBackend(First, 257));
        Refused("unknown-backend", new WeighBackend(new BackendName("web", "x"), 2));
        Decide(new RemoveBackend(First, null, Now: false));
        Refused("backend-removed", new WeighBackend(First, 2));
    }

    [Fact]
    public void An_added_backend_keeps_its_address_over_a_weight_and_leaves_by_a_reset_as_by_its_removal()
    {
        Decide(new AddBackend(Third, ThirdAddress, null));
        Decide(new WeighBackend(Third, 5));
        Assert.Equal(new BackendSettings(Third.Id, ThirdAddress, 5), Pool.Backends[^1]);
        Decide(new ResetBackends(null, null));
        Assert.DoesNotContain(Pool.Backends, b => b.Id == Third.Id);
        Assert.Equal(Now.AddMinutes(5), _registers.ByBackend[Third].Removal!.Deadline);
        Assert.False(Decide(new ResetBackends(null, null)));
        Assert.Contains("still drains", Refused("backend-exists", new AddBackend(Third, new Uri("http://10.0.0.9:80"), null)), StringComparison.Ordinal);
        Decide(new AddBackend(Third, ThirdAddress, 2));
        Assert.Equal(new BackendSettings(Third.Id, ThirdAddress, 2), Pool.Backends[^1]);
    }

    [Fact]
    public void What_changes_below_a_decision_is_told()
    {
        Decide(new WeighBackend(First, 7));
        Assert.Null(Note(First));
        Rewrite(Web with { Backends = [Web.Backends[0] with { Weight = 3 }, Web.Backends[1]] });
        Assert.Equal("it was written with weight 1, and is with 3 now", Note(First));
        Assert.Equal(7, Pool.Backends[0].Weight);
        Rewrite(Web with { Backends = [Web.Backends[1]] });
        Assert.Equal("without effect: it is not written any more", Note(First));
        _topology = _topology.Rewritten(TestPools.Node(TestPools.Pool("api", "http://10.0.0.4:80")).Topology);
        Assert.Equal("without effect: there is no pool web", Note(First));
        Rewrite(Web);
        Assert.Null(Note(First));
        Assert.Equal(7, Pool.Backends[0].Weight);
    }

    [Fact]
    public void There_is_a_bound_and_who_has_a_decision_may_have_another()
    {
        Decide(new WeighBackend(First, 7));
        for (int i = 1; i < BackendRegisters.Most; i++)
        {
            _registers = _registers.With(new BackendRegister(new BackendName("gone", $"b{i}"), 1, "n1", Now) { Weight = 2 }, new Dot(1, ++_count));
        }

        Refused("too-many-overlays", new WeighBackend(new BackendName("web", "10.0.0.2:8080"), 2));
        Assert.True(Decide(new WeighBackend(First, 8)));
    }

    private string? Note(BackendName backend) => OverlayReport.NoteOn(_registers.ByBackend[backend], _topology.Written);

    private void Rewrite(PoolSettings pool) => _topology = _topology.Rewritten(TestPools.Node(pool).Topology);

    private BackendFacts Facts => new(_topology, _plane.Routing, Now, "n1");

    private bool Decide(BackendChange change)
    {
        ImmutableDictionary<BackendName, BackendRegister?> decided = BackendDecisions.Decide(change, _registers, Facts);
        foreach ((BackendName backend, BackendRegister? register) in decided)
        {
            var dot = new Dot(1, ++_count);
            _registers = register is null ? _registers.Without(new HashSet<BackendName> { backend }, dot) : _registers.With(register, dot);
        }

        _topology = _topology.With(_registers.Overlays);
        _plane.Apply(_topology.InForce);
        return decided.Count > 0;
    }

    private string Refused(string problem, BackendChange change)
    {
        BackendChangeException refusal = Assert.Throws<BackendChangeException>(() => BackendDecisions.Decide(change, _registers, Facts));
        Assert.Equal(problem, refusal.Problem);
        return refusal.Message;
    }
}
