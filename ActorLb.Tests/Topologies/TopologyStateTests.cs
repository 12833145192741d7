using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Topologies;

public sealed class TopologyStateTests
{
    private static readonly PoolSettings Web = TestPools.Pool("web", "http://10.0.0.1:8080", "http://10.0.0.2:8080");
    private static readonly Topology Written = TestPools.Node(Web).Topology;
    private static readonly BackendName First = new("web", "10.0.0.1:8080");
    private static readonly BackendName Third = new("web", "10.0.0.3:8080");
    private static readonly BackendSettings Added = new("10.0.0.3:8080", new Uri("http://10.0.0.3:8080"), 1);

    private static readonly BackendRemoval Removal = new(DateTimeOffset.UnixEpoch, null, null, 1, "n1");

    [Fact]
    public void An_address_of_a_name_has_its_weight_by_an_override()
    {
        TopologyState state = TopologyState.Of(Written.WithPool(Web with { Names = [new NamedBackends("web", 80, 1)] }))
            .With(BackendOverlays.None.With(Third, new BackendOverlay { Weight = 7 }));
        Assert.Equal(new BackendOverride(Third.Id) { Weight = 7 }, Assert.Single(state.InForce.Pools["web"].Overrides));
    }

    [Fact]
    public void What_operators_decided_lies_over_what_is_written_and_survives_another_file()
    {
        TopologyState state = TopologyState.Of(Written).With(BackendOverlays.None
            .With(First, new BackendOverlay { Weight = 5 })
            .With(Third, new BackendOverlay { Added = Added }));
        Assert.Equal([(First.Id, 5), ("10.0.0.2:8080", 1), (Third.Id, 1)], Backends(state));

        TopologyState rewritten = state.Rewritten(Written.WithPool(Web with { Backends = [.. Web.Backends.Reverse()], RetryAttempts = 7 }));
        Assert.Equal([("10.0.0.2:8080", 1), (First.Id, 5), (Third.Id, 1)], Backends(rewritten));
        Assert.Equal(7, rewritten.InForce.Pools["web"].RetryAttempts);
        Assert.Equal((1, 2), (state.Version, rewritten.Version));
    }

    [Fact]
    public void A_decision_that_is_taken_back_leaves_what_is_written()
    {
        BackendOverlays removed = BackendOverlays.None.With(First, new BackendOverlay { Removal = Removal });
        TopologyState state = TopologyState.Of(Written);
        Assert.Equal([("10.0.0.2:8080", 1)], Backends(state.With(removed)));
        TopologyState back = state.With(removed).With(removed.With(First, BackendOverlay.None));
        Assert.Equal(Written, back.InForce);
        Assert.Equal(state.Fingerprint, back.Fingerprint);
    }

    [Fact]
    public void Who_is_added_and_written_is_there_as_it_is_written()
    {
        var other = new BackendSettings(First.Id, new Uri("http://10.9.9.9:80"), 9);
        TopologyState state = TopologyState.Of(Written).With(BackendOverlays.None.With(First, new BackendOverlay { Added = other }));
        Assert.Equal(Written, state.InForce);
    }

    [Fact]
    public void A_decision_about_what_is_not_there_changes_nothing()
    {
        TopologyState state = TopologyState.Of(Written).With(BackendOverlays.None
            .With(new BackendName("nowhere", "b"), new BackendOverlay { Weight = 2 })
            .With(Third, new BackendOverlay { Removal = Removal, Added = Added }));
        Assert.Equal(Written.WithPool(Web with { Overrides = [new BackendOverride(Third.Id) { Removal = Removal }] }), state.InForce);
    }

    [Fact]
    public void The_same_file_again_is_no_other_state()
    {
        TopologyState state = TopologyState.Of(Written);
        Assert.Same(state, state.Rewritten(TestPools.Node(TestPools.Pool("web", "http://10.0.0.1:8080", "http://10.0.0.2:8080")).Topology));
    }

    private static IEnumerable<(string Id, int Weight)> Backends(TopologyState state) =>
        state.InForce.Pools["web"].Backends.Select(b => (b.Id, b.Weight));
}
