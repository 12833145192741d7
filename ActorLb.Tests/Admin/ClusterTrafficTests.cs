using ActorLb.Node.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Admin;

public class ClusterTrafficTests
{
    private static readonly BackendName A = new("web", "a");

    private readonly FakeTimeProvider _time = new();
    private readonly ClusterTraffic _traffic;

    public ClusterTrafficTests() => _traffic = new ClusterTraffic(_time);

    private void Report(string node, int inFlight, int tunnels) =>
        _traffic.Take(new TrafficReported(node, [new OpenAtBackend(A, inFlight, tunnels)]));

    [Fact]
    public void What_all_other_nodes_have_open_is_added_up()
    {
        Report("n2", 3, 1);
        Report("n3", 4, 2);
        Report("n3", 5, 2);

        Assert.Equal((8, 3), _traffic.At(A));
        Assert.Equal((0, 0), _traffic.At(new BackendName("web", "b")));
    }

    [Fact]
    public void A_node_that_reports_no_more_does_not_count_and_is_named()
    {
        Report("n2", 3, 1);
        _time.Advance(TimeSpan.FromSeconds(4));
        Report("n3", 4, 2);
        Assert.True(_traffic.Reports("n2"));

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((4, 2), _traffic.At(A));
        Assert.False(_traffic.Reports("n2"));
        Assert.True(_traffic.Reports("n3"));
    }

    [Fact]
    public void How_a_node_goes_by_a_drain_is_known_while_it_reports()
    {
        var drain = new DrainAtNode(A, 3, 7);
        _traffic.Take(new TrafficReported("n2", []) { Drains = [drain] });
        Assert.Equal((drain, null, null), (_traffic.DrainAt("n2", A), _traffic.DrainAt("n3", A), _traffic.DrainAt("n2", new BackendName("web", "b"))));

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(_traffic.DrainAt("n2", A));
    }

    [Fact]
    public void What_another_node_said_before_this_ones_configuration_changed_is_not_what_it_goes_by_now()
    {
        _traffic.Take(new TrafficReported("n2", []) { Configuration = 7 });
        Assert.Equal(7u, _traffic.ConfigurationOf("n2"));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        _traffic.ConfigurationChanged();
        Assert.Null(_traffic.ConfigurationOf("n2"));

        _traffic.Take(new TrafficReported("n2", []) { Configuration = 8 });
        Assert.Equal(8u, _traffic.ConfigurationOf("n2"));
    }

    [Fact]
    public void A_node_that_left_is_forgotten()
    {
        Report("n2", 3, 1);
        _traffic.Keep(new HashSet<string>());
        Assert.Equal((0, 0), _traffic.At(A));
    }
}
