using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Topologies;

public sealed class TopologyFingerprintTests
{
    private static readonly PoolSettings Web = TestPools.Pool("web", "http://10.0.0.1:8080", "http://10.0.0.2:8080");
    private static readonly Topology Topology = TestPools.Node(Web, TestPools.Pool("api", "http://10.0.0.3:8080")).Topology;

    [Fact]
    public void Whatever_nodes_should_have_in_common_makes_another()
    {
        Topology[] all =
        [
            Topology,
            Topology.WithPool(Web with { Backends = [.. Web.Backends.Reverse()] }),
            Topology.WithPool(Web with { Backends = [Web.Backends[0] with { Weight = 2 }, Web.Backends[1]] }),
            Topology.WithPool(Web with { DrainDeadline = TimeSpan.FromMinutes(5) }),
            Topology.WithPool(Web with { Health = Web.Health with { Path = "/health" } }),
            Topology.WithPool(Web with { Names = [new NamedBackends("web", 80, 1)] }),
            Topology.WithPool(Web with { Affinity = Web.Affinity with { Keys = [TicketKey.FromText("another key for tests, long enough")] } }),
            Topology with { Routes = [.. Topology.Routes.Reverse()] },
            Topology with { Limits = Topology.Limits with { IdleTimeout = TimeSpan.FromSeconds(1) } },
            Topology with { Listeners = [Topology.Listeners[0] with { Http2 = ListenerHttp2.Off }] },
            Topology with { Listeners = [Topology.Listeners[0] with { Tls = new ListenerTlsSettings(new CertificateSettings("c.pem", "", "")) }] },
            Topology with { AccessLog = new AccessLogSettings("", AccessLogFormat.Json, 0) },
        ];
        Assert.Equal(all.Length, all.Select(t => TopologyFingerprint.Of(t)).Distinct().Count());
    }

    [Fact]
    public void Where_a_node_listens_and_has_its_files_and_what_its_machine_is_makes_none()
    {
        Topology other = Topology with
        {
            Listeners = [Topology.Listeners[0] with { Bind = new IPEndPoint(IPAddress.Any, 80), Loops = 3, Engine = ListenerEngine.Kestrel }],
            Limits = Topology.Limits with { Memory = 1 << 30 },
            Pools = Topology.Pools.Reverse().Aggregate(ImmutableDictionary<string, PoolSettings>.Empty, (all, p) => all.Add(p.Key, p.Value)),
        };
        Assert.Equal(TopologyFingerprint.Of(Topology), TopologyFingerprint.Of(other));
    }

    [Fact]
    public void A_token_of_the_admin_API_makes_another_by_its_name_its_role_and_its_digest()
    {
        var bob = new AdminToken("bob", TokenDigest.Of("a-token-of-bob"), AdminRole.Operate);
        EquatableArray<AdminToken>[] all = [[], [bob], [bob with { Name = "eve" }], [bob with { Role = AdminRole.Read }], [bob with { Digest = TokenDigest.Of("another-token") }]];
        Assert.Equal(all.Length, all.Select(t => TopologyFingerprint.Of(Topology, t)).Distinct().Count());
        AdminToken eve = bob with { Name = "eve" };
        Assert.Equal(TopologyFingerprint.Of(Topology, [bob, eve]), TopologyFingerprint.Of(Topology, [eve, bob]));
        Assert.Equal(TopologyFingerprint.Of(Topology), TopologyFingerprint.Of(Topology, []));
    }

    [Fact]
    public void A_secret_is_not_in_it()
    {
        Assert.Equal(Of("Bearer 1", "password"), Of("Bearer 2", "another"));
        Assert.NotEqual(Of("Bearer 1", "password"), TopologyFingerprint.Of(Topology));

        static uint Of(string header, string password) => TopologyFingerprint.Of(Topology.WithPool(Web with
        {
            Health = Web.Health with { Headers = [new ProbeField("Authorization", header)] },
            Tls = Web.Tls with { ClientCertificate = new CertificateSettings("c.pem", "", password) },
        }));
    }
}
