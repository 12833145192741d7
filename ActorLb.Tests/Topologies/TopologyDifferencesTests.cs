using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Topologies;

public sealed class TopologyDifferencesTests
{
    // What no key of the configuration says.
    private static readonly string[] NotWritten = ["RateWindow", "TakesNewSessions", "LeftAt", "IsTold", "FindsHost", "SharedKeysAt"];

    private static readonly CertificateSettings Certificate = new("tls.pem", "tls.key", "a password");

    private static readonly PoolSettings Web = TestPools.Pool("web", "http://10.0.0.1:8080", "http://10.0.0.2:8080") with
    {
        Names = [new NamedBackends("web.internal", 80, 1)],
        Tls = new BackendTlsSettings("roots.pem", "", true, Certificate),
    };

    private static readonly NodeSettings Node = TestPools.Node(Web, TestPools.Pool("api", "http://10.0.0.3:8080")).With(t => t with
    {
        Listeners = [.. t.Listeners.Select(l => l with { Tls = new ListenerTlsSettings(Certificate) })],
        AccessLog = new AccessLogSettings("access.log", AccessLogFormat.Json, 1 << 20),
    });

    private static readonly Topology Topology = Node.Topology;

    [Fact]
    public void Whatever_a_topology_says_otherwise_is_a_difference()
    {
        foreach ((string path, Topology changed) in SettingVariants.Of(Topology).Where(v => !NotWritten.Any(n => v.Path.EndsWith(n, StringComparison.Ordinal))))
        {
            Assert.False(TopologyDifferences.Between(Topology, changed).IsEmpty, path);
        }
    }

    [Fact]
    public void Whatever_a_node_is_otherwise_is_a_static_difference_and_no_other()
    {
        var started = Node with
        {
            Admin = Node.Admin with { Tls = new AdminTlsSettings(Certificate, ClientCertificateUse.Optional, "roots.pem") },
            Cluster = Node.Cluster with
            {
                Tls = new ClusterTlsSettings("c.pfx", "password"),
                Dns = new DnsDiscoverySettings("lb", 2),
                Seeds = [new HostPort("10.0.0.1", 8110)],
            },
        };
        foreach ((string path, NodeSettings changed) in SettingVariants.Of(started).Where(v => !v.Path.StartsWith("Files", StringComparison.Ordinal) && v.Path != "Written" && !NotWritten.Any(n => v.Path.EndsWith(n, StringComparison.Ordinal))))
        {
            Assert.True(TopologyDifferences.OfStatic(started, changed).IsEmpty == (path.StartsWith("Topology", StringComparison.Ordinal) || path.StartsWith("Admin.Token", StringComparison.Ordinal)), path);
        }
    }

    [Fact]
    public void What_says_the_same_differs_in_nothing() => Assert.Empty(TopologyDifferences.Between(Topology, Topology with { Limits = Topology.Limits with { } }));

    [Fact]
    public void A_difference_is_told_as_an_operator_writes_it()
    {
        PoolSettings weighted = Web with { Backends = [Web.Backends[0] with { Weight = 2 }, Web.Backends[1]], WhenAllDown = WhenAllDown.TryAll };
        Topology changed = Topology.WithPool(weighted) with { Limits = Topology.Limits with { IdleTimeout = TimeSpan.FromMinutes(3) } };
        Assert.Equal(
            [
                "limits.idle-timeout: 130s -> 3m",
                "pools.web.when-all-down: refuse -> try-all",
                "pools.web.backends.\"10.0.0.1:8080\".weight: 1 -> 2",
            ],
            Told(changed));
    }

    [Fact]
    public void What_comes_or_goes_as_a_whole_is_one_difference()
    {
        PoolSettings grown = Web with { Backends = [.. Web.Backends.Skip(1), new BackendSettings("web-3", new Uri("http://10.0.0.3:8080"), 4)] };
        Topology changed = Topology.WithPool(grown) with { Pools = Topology.Pools.Remove("api").SetItem("web", grown).Add("new", Web with { Name = "new" }) };
        Assert.Equal(
            [
                "pools.new: (none) -> { 3 backends }",
                "pools.web.backends.web-3: (none) -> { address = \"http://10.0.0.3:8080\", weight = 4 }",
                "pools.web.backends.\"10.0.0.1:8080\": { address = \"http://10.0.0.1:8080\", weight = 1 } -> (none)",
                "pools.api: { 1 backend } -> (none)",
            ],
            Told(changed));
    }

    [Fact]
    public void The_order_of_backends_is_a_difference_of_its_own() =>
        Assert.Equal(
            ["pools.web.backends (order): [10.0.0.1:8080, 10.0.0.2:8080, dns://web.internal:80] -> [10.0.0.2:8080, 10.0.0.1:8080, dns://web.internal:80]"],
            Told(Topology.WithPool(Web with { Backends = [.. Web.Backends.Reverse()] })));

    [Fact]
    public void A_route_in_front_of_the_others_is_one_difference() =>
        Assert.Equal(
            ["routes[0]: (none) -> { host = \"shop.example.com\", path = \"/\", pool = api }"],
            Told(Topology with { Routes = [new RouteSettings("shop.example.com", "/", "api"), .. Topology.Routes] }));

    [Fact]
    public void Routes_that_stay_as_they_are_are_no_difference_wherever_others_change()
    {
        RouteSettings[] routes = [.. Enumerable.Range(0, 6).Select(i => new RouteSettings("*", $"/r{i}", "api"))];
        Topology before = Topology with { Routes = [.. routes] };
        Topology after = Topology with
        {
            Routes = [routes[0] with { Pool = "web" }, routes[2], routes[4], routes[3], new RouteSettings("a.example", "/", "api"), routes[5] with { Methods = ["GET"] }],
        };

        Assert.Equal(
            [
                "routes[0]: { host = \"*\", path = \"/r0\", pool = api } -> { host = \"*\", path = \"/r0\", pool = web }",
                "routes[1]: { host = \"*\", path = \"/r1\", pool = api } -> (none)",
                "routes[2] (moved): routes[4] -> { host = \"*\", path = \"/r4\", pool = api }",
                "routes[4]: (none) -> { host = \"a.example\", path = \"/\", pool = api }",
                "routes[5]: { host = \"*\", path = \"/r5\", pool = api } -> { host = \"*\", path = \"/r5\", methods = [GET], pool = api }",
            ],
            TopologyDifferences.Between(before, after).Select(d => d.ToString()));
    }

    [Fact]
    public void What_is_told_of_routes_makes_the_one_list_of_the_other() => Gen.Select(Gen.Int[0, 8].Array[0, 10], Gen.Int[0, 8].Array[0, 10]).Sample((before, after) =>
    {
        string[] old = [.. before.Distinct().Select(i => $"r{i}")];
        string[] now = [.. after.Distinct().Select(i => $"r{i}")];
        SettingDifference[] told = [.. SequenceDifferences.Between("l", [.. old], [.. now])];

        Assert.DoesNotContain(told, d => d.Old == d.New);
        List<string> rest = [.. old];
        foreach (SettingDifference gone in told)
        {
            Assert.True(rest.Remove(gone.Key.EndsWith(" (moved)", StringComparison.Ordinal) ? gone.New! : gone.Old ?? "none") || gone.Old is null);
        }

        foreach ((int place, string item) in told.Where(d => d.New is not null).Select(d => (int.Parse(d.Key[2..].Split(']')[0], CultureInfo.InvariantCulture), d.New!)).OrderBy(d => d.Item1))
        {
            rest.Insert(place, item);
        }

        Assert.Equal(now, rest);
    });

    [Fact]
    public void A_listener_that_comes_says_all_that_it_says()
    {
        ListenerSettings listener = Topology.Listeners[0] with { Name = "new", RedirectToHttps = 443, TrustedProxies = [System.Net.IPNetwork.Parse("10.0.0.0/8")] };
        string told = Assert.Single(Told(Topology with { Listeners = [.. Topology.Listeners, listener] }));

        Assert.StartsWith("listeners.new: (none) -> { bind = \"127.0.0.1:0\", ", told, StringComparison.Ordinal);
        Assert.All(
            ["http2 = on", "tls.enabled = on", "tls.certificate = \"tls.pem\"", "tls.password = (secret)", "redirect-to-https = 443", "trusted-proxies = [\"10.0.0.0/8\"]"],
            key => Assert.Contains(key, told, StringComparison.Ordinal));
    }

    [Fact]
    public void No_secret_is_ever_told()
    {
        string[] secrets = ["a password", "Bearer 1", "Bearer 2", "another password"];
        NodeSettings first = Node with { Cluster = Node.Cluster with { Secrets = [new ClusterSecret(new byte[32])] } };
        NodeSettings second = first with { Cluster = Node.Cluster with { Secrets = [new ClusterSecret([.. Enumerable.Repeat((byte)7, 32)])] } };
        PoolSettings probed = Web with { Health = Web.Health with { Headers = [new ProbeField("Authorization", "Bearer 1")] } };
        PoolSettings changed = Web with
        {
            Health = Web.Health with { Headers = [new ProbeField("Authorization", "Bearer 2")] },
            Affinity = Web.Affinity with { Keys = [TicketKey.FromText("one more key for tests, long enough")] },
            Tls = Web.Tls with { ClientCertificate = Certificate with { Password = "another password" } },
        };
        ImmutableArray<SettingDifference> found =
        [
            .. TopologyDifferences.Between(Topology.WithPool(probed), Topology.WithPool(changed)),
            .. TopologyDifferences.OfStatic(first, second),
        ];
        Assert.Equal(
            ["cluster.secrets", "pools.web.affinity.keys", "pools.web.health.headers.\"Authorization\"", "pools.web.tls.client-password"],
            found.Select(d => d.Key).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(found, d => secrets.Any(s => d.ToString().Contains(s, StringComparison.Ordinal)));
        Assert.DoesNotContain(found, d => d.ToString().Contains("0707", StringComparison.Ordinal));
        Assert.Contains(found, d => d.ToString() == "cluster.secrets: [(secret)] -> (another secret)");
        Assert.DoesNotContain(TopologyTree.Of(Topology).AllLines, l => l.ToString().Contains("a password", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Told(Topology changed) => TopologyDifferences.Between(Topology, changed).Select(d => d.ToString());
}
