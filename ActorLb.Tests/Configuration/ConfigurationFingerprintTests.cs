using System.Collections.Immutable;
using ActorLb.Node.Configuration;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class ConfigurationFingerprintTests
{
    private static readonly PoolSettings Web = TestPools.Pool("web", "http://10.0.0.1:80", "http://10.0.0.2:80");
    private static readonly NodeSettings Node = TestPools.Node(Web, TestPools.Pool("api", "http://10.0.0.3:80"));

    [Fact]
    public void Nodes_with_the_same_routes_and_pools_have_the_same_whatever_else_they_are_called()
    {
        NodeSettings other = TestPools.Node(TestPools.Pool("web", "http://10.0.0.1:80", "http://10.0.0.2:80"), TestPools.Pool("api", "http://10.0.0.3:80"));
        other = other with
        {
            Name = "another",
            DataDirectory = "elsewhere",
        };
        other = other.With(t => t with { Pools = t.Pools.Reverse().Aggregate(ImmutableDictionary<string, PoolSettings>.Empty, (all, p) => all.Add(p.Key, p.Value)) });
        Assert.Equal(ConfigurationFingerprint.Of(Node), ConfigurationFingerprint.Of(other));
    }

    [Fact]
    public void Whatever_a_pool_or_a_route_says_makes_another()
    {
        PoolSettings[] changed =
        [
            Web with { Backends = [.. Web.Backends.Reverse()] },
            Web with { Backends = [Web.Backends[0] with { Weight = 2 }, Web.Backends[1]] },
            Web with { DrainDeadline = TimeSpan.FromMinutes(5) },
            Web with { Health = Web.Health with { Path = "/health" } },
            Web with { Names = [new NamedBackends("web", 80, 1)] },
            Web with { Affinity = Web.Affinity with { Keys = [TicketKey.FromText("another key for tests, long enough")] } },
        ];
        uint[] all = [.. changed.Select(p => ConfigurationFingerprint.Of(Node.With(t => t with { Pools = t.Pools.SetItem("web", p) }))),
            ConfigurationFingerprint.Of(Node),
            ConfigurationFingerprint.Of(Node.With(t => t with { Routes = [.. t.Routes.Reverse()] }))];
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public void A_probes_secret_is_not_in_it()
    {
        PoolSettings guess = Web with { Health = Web.Health with { Headers = [new ProbeField("Authorization", "Bearer secret")] } };
        Assert.Equal(ConfigurationFingerprint.Of(Node), ConfigurationFingerprint.Of(Node.With(t => t with { Pools = t.Pools.SetItem("web", guess) })));
    }
}
