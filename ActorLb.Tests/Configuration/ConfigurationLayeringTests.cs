using System.Net;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class ConfigurationLayeringTests
{
    [Fact]
    public void Later_files_lie_over_earlier_ones_and_all_over_the_reference()
    {
        NodeSettings settings = ConfigurationLoader.FromTexts(
            [
                new("common.conf", "actorlb { pools.web { backends = [\"http://a:1\"], health.rise = 3, health.fall = 4 } }"),
                new("node.conf", "actorlb { node.name = two, pools.web { health { fall = 5 }, backends = [\"http://b:2\", \"http://c:3\"] } }"),
            ],
            Reading.Environment()).Settings!;
        Assert.Equal("two", settings.Name);
        PoolSettings pool = settings.Topology.Pools["web"];
        Assert.Equal(["b:2", "c:3"], pool.Backends.Select(b => b.Id));
        Assert.Equal((3, 5, 3), (pool.Health.Rise, pool.Health.Fall, pool.Health.Observers));
    }

    [Fact]
    public void What_is_set_under_defaults_holds_for_all_that_say_nothing_themselves()
    {
        NodeSettings settings = Reading.Read(
            """
            defaults { pool { retry.attempts = 7, health.interval = 9s }, listener.via = true, route.host = "a.example" }
            pools { web { backends = ["http://a:1"] }, api { backends = ["http://a:2"], retry.attempts = 0, affinity.cookie.name = API } }
            routes = [ { pool = web }, { pool = api, path = /api } ]
            listeners { one { bind = "127.0.0.1:1" }, two { bind = "127.0.0.1:2", via = false } }
            """).Settings!;
        Assert.Equal((7, 0), (settings.Topology.Pools["web"].RetryAttempts, settings.Topology.Pools["api"].RetryAttempts));
        Assert.All(settings.Topology.Pools.Values, p => Assert.Equal(TimeSpan.FromSeconds(9), p.Health.Interval));
        Assert.Equal([new RouteSettings("a.example", "/", "web"), new RouteSettings("a.example", "/api", "api")], settings.Topology.Routes.ToArray());
        Assert.Equal([true, false], settings.Topology.Listeners.Select(l => l.Via));
    }

    [Theory]
    [InlineData("", "actorlb", "ALB")]
    [InlineData("cluster.name = actorlb", "actorlb", "ALB")]
    [InlineData("cluster.name = shop-2.b_c", "shop-2.b_c", "ALB_shop-2.b_c")]
    [InlineData("cluster.name = shop\npools.web.affinity.cookie.name = S", "shop", "S")]
    [InlineData("cluster.name = shop\npools.web.affinity.cookie.name = ALB", "shop", "ALB")]
    [InlineData("cluster.name = shop\ndefaults.pool.affinity.cookie.name = S", "shop", "S")]
    public void A_cluster_with_a_name_of_its_own_has_a_cookie_of_its_own(string lines, string name, string cookie)
    {
        NodeSettings settings = Reading.ReadWithPool(lines).Settings!;
        Assert.Equal((name, cookie), (settings.Cluster.Name, settings.Topology.Pools["web"].Affinity.Cookie.Name));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("\"\"", false)]
    [InlineData("\"a b\"", false)]
    [InlineData("\"a;b\"", false)]
    [InlineData("\"\u00e9\"", false)]
    public void The_name_of_a_cluster_fits_into_the_name_of_a_cookie(string name, bool fits) =>
        Assert.Equal(fits, Reading.ReadWithPool("cluster.name = " + name).Settings is not null);

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void The_name_of_a_cluster_has_64_characters_at_most(int length, bool fits) =>
        Assert.Equal(fits, Reading.ReadWithPool("cluster.name = " + new string('a', length)).Settings is not null);

    [Fact]
    public void A_listener_that_is_changed_keeps_what_it_does_not_say()
    {
        ListenerSettings listener = Assert.Single(Reading.ReadWithPool("listeners.http.engine = kestrel").Settings!.Topology.Listeners);
        Assert.Equal(("http", ListenerEngine.Kestrel, IPEndPoint.Parse("0.0.0.0:8080"), ListenerHttp2.On), (listener.Name, listener.Engine, listener.Bind, listener.Http2));
    }

    [Fact]
    public void Who_names_a_listener_of_his_own_does_not_open_the_references_one()
    {
        ConfigurationResult read = Reading.ReadWithPool("listeners.public.bind = \"127.0.0.1:8081\"");
        Assert.Empty(read.Mistakes);
        Assert.Equal("public", Assert.Single(read.Settings!.Topology.Listeners).Name);
    }

    [Fact]
    public void Environment_variables_reach_every_layer()
    {
        NodeSettings settings = Reading.Read(
            """
            pools.web { backends = ${BACKENDS}, affinity.keys = [ ${?OLD_KEY}, ${KEY} ] }
            cluster { host = "127.0.0.2", host = ${?HOST}, port = ${PORT}, discovery.seeds = ${SEEDS} }
            """,
            ("ACTORLB_NODE_NAME", "from-outside"),
            ("ACTORLB_ADMIN_TOKEN", "secret-secret-secret"),
            ("BACKENDS", "http://a:1, http://b:2"),
            ("KEY", "7d1f09b3c25ae846"),
            ("PORT", "9110"),
            ("SEEDS", "127.0.0.2:9110,[::1]:9111")).Settings!;
        Assert.Equal("from-outside", settings.Name);
        Assert.Equal([new AdminToken("default", TokenDigest.Of("secret-secret-secret"), AdminRole.Operate)], settings.Admin.Tokens);
        Assert.Equal(["a:1", "b:2"], settings.Topology.Pools["web"].Backends.Select(b => b.Id));
        Assert.Equal([TicketKey.FromText("7d1f09b3c25ae846")], settings.Topology.Pools["web"].Affinity.Keys.ToArray());
        Assert.Equal(("127.0.0.2", 9110), (settings.Cluster.Host, settings.Cluster.Port));
        Assert.Equal([new HostPort("127.0.0.2", 9110), new HostPort("::1", 9111)], settings.Cluster.Seeds.ToArray());
    }

    [Theory]
    [InlineData("[]", 0, null, true)]
    [InlineData("[7d1f09b3c25ae846]", 1, null, false)]
    [InlineData("shared", 0, 0, true)]
    [InlineData("[shared, 7d1f09b3c25ae846]", 1, 0, true)]
    [InlineData("[7d1f09b3c25ae846, shared, e02c9f4b8a31d657]", 2, 1, true)]
    public void The_word_shared_stands_for_the_nodes_own_keys(string keys, int configured, int? sharedAt, bool uses)
    {
        AffinitySettings affinity = Reading.ReadWithPool($"pools.web.affinity.keys = {keys}").Settings!.Topology.Pools["web"].Affinity;
        Assert.Equal((configured, sharedAt, uses), (affinity.Keys.Length, affinity.SharedKeysAt, affinity.UsesSharedKeys));
    }

    [Fact]
    public void Empty_variables_are_as_good_as_none()
    {
        NodeSettings settings = Reading.ReadWithPool("", ("ACTORLB_NODE_NAME", ""), ("ACTORLB_ADMIN_TOKEN", "")).Settings!;
        Assert.Equal("machine-8110", settings.Name);
        Assert.Empty(settings.Admin.Tokens);
    }

    [Fact]
    public void Values_beside_actorlb_can_be_referred_to()
    {
        ConfigurationResult read = ConfigurationLoader.FromText(
            "node.conf", "home = \"10.0.0.9\"\nactorlb { pools.web.backends = [\"http://\"${home}\":80\"] }", Reading.Environment());
        Assert.Empty(read.Mistakes);
        Assert.Empty(read.Warnings);
        Assert.Equal("10.0.0.9:80", read.Settings!.Topology.Pools["web"].Backends[0].Id);
    }

    [Fact]
    public void Backends_are_addresses_or_objects()
    {
        ConfigurationResult read = Reading.Read(
            "pools.web.backends = [\"http://127.0.0.1:9001\", { id = web-2, address = \"https://Web.Example\", weight = 2 }, \"http://[::1]:80/\"]");
        Assert.Equal(
            [("127.0.0.1:9001", "http://127.0.0.1:9001/", 1), ("web-2", "https://web.example/", 2), ("[::1]:80", "http://[::1]/", 1)],
            read.Settings!.Topology.Pools["web"].Backends.Select(b => (b.Id, b.Address.ToString(), b.Weight)));
    }

    [Fact]
    public void A_backend_may_have_its_own_number_of_places()
    {
        PoolSettings pool = Reading.Read(
            """
            pools.web {
              max-connections = 50, queue { length = 10, timeout = 2s }
              backends = ["http://a:1", { address = "http://b:1", max-connections = 0, backup = true }, { address = "dns://c:1", max-connections = 7, backup = yes }]
            }
            """).Settings!.Topology.Pools["web"];
        Assert.Equal((50, new QueueSettings(10, TimeSpan.FromSeconds(2))), (pool.MaxConnections, pool.Queue));
        Assert.Equal([null, 0], pool.Backends.Select(b => b.MaxConnections));
        Assert.Equal(7, Assert.Single(pool.Names).MaxConnections);
        Assert.Equal([false, true, true], [.. pool.Backends.Select(b => b.IsBackup), pool.Names[0].IsBackup]);
    }

    [Fact]
    public void An_empty_list_of_seeds_means_the_node_itself() =>
        Assert.Equal(
            [new HostPort("127.0.0.1", 9110)],
            Reading.ReadWithPool("cluster { port = 9110, discovery.seeds = [] }").Settings!.Cluster.Seeds.ToArray());

    [Fact]
    public void Values_of_every_kind_are_read()
    {
        ConfigurationResult read = Reading.Read(
            """
            cluster { host = "0.0.0.0", tls { enabled = true, certificate = there.pfx, password = p } }
            listeners.https {
              bind = "[::]:8443", trusted-proxies = ["10.0.0.0/8", "192.168.1.1", "::1"], http2 = off, proxy-protocol = accept
              tls { enabled = true, certificate = there.pem, key = there.key }
            }
            pools.web {
              backends = ["http://a:1"], when-all-down = try-all, slow-start = 30s, retry-after = 1m
              balance = hash, hash.on = "header:X-User", proxy-protocol = v2
              retry { budget = 5%, statuses = [502, 503-504], body-bytes = 64k }
              affinity { mode = off, cookie { same-site = none, secure = always, max-age = 8h, domain = ".example.net" } }
              health { probe = tcp, expect = "200,204,301-302", host = "www.example.net:81", passive.statuses = ["500-599", 429] }
            }
            pools.api {
              backends = ["https://a:2", { address = "dns://b:3", family = both }], response-timeout = 5m
              health { port = 81, headers { X-Key = value } }
              tls { roots = there.pem, server-name = a.example, verify = off, client-certificate = there.pem, client-key = there.key }
            }
            defaults.pool { backend-idle-timeout = 3s, health.headers { X-Any = "1" } }
            routes = [{ pool = web }, { pool = api, path = /api }]
            limits { body-bytes-max = 2GiB, idle-timeout = 0s }
            """);
        Assert.Empty(read.Mistakes);
        NodeSettings settings = read.Settings!;
        Assert.Equal(new ClusterTlsSettings("there.pfx", "p"), settings.Cluster.Tls);
        ListenerSettings listener = Assert.Single(settings.Topology.Listeners);
        Assert.Equal(new ListenerTlsSettings(new CertificateSettings("there.pem", "there.key", "")), listener.Tls);
        Assert.Equal(["10.0.0.0/8", "192.168.1.1/32", "::1/128"], listener.TrustedProxies.Select(p => p.ToString()));
        Assert.Equal((ListenerHttp2.Off, true), (listener.Http2, listener.AcceptsProxyProtocol));
        PoolSettings api = settings.Topology.Pools["api"];
        Assert.Equal(new BackendTlsSettings("there.pem", "a.example", false, new CertificateSettings("there.pem", "there.key", "")), api.Tls);
        Assert.Equal([new ProbeField("X-Key", "value"), new ProbeField("X-Any", "1")], api.Health.Headers.ToArray());
        Assert.Equal((81, TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(3)), (api.Health.Port, api.ResponseTimeout, api.BackendIdleTimeout));
        Assert.Equal(NameFamily.Both, Assert.Single(api.Names).Family);
        PoolSettings pool = settings.Topology.Pools["web"];
        Assert.Equal((null, TimeSpan.FromSeconds(3)), (pool.ResponseTimeout, pool.BackendIdleTimeout));
        Assert.Equal(new RetrySettings(5, [new StatusRange(502, 502), new StatusRange(503, 504)]) { BodyBytes = 65536 }, pool.Retry);
        Assert.Equal(new BalanceSettings(BalanceKind.Hash, HashOn.Header, "X-User"), pool.Balance);
        Assert.Equal((ProxyHeaderVersion.V2, ProxyHeaderVersion.Off), (pool.ProxyProtocol, api.ProxyProtocol));
        Assert.Equal((WhenAllDown.TryAll, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1)), (pool.WhenAllDown, pool.SlowStart, pool.RetryAfter));
        Assert.Equal(new CookieSettings("ALB", "/", "example.net", CookieSameSite.None, CookieSecure.Always, true, TimeSpan.FromHours(8)), pool.Affinity.Cookie);
        Assert.Equal([new StatusRange(200, 200), new StatusRange(204, 204), new StatusRange(301, 302)], pool.Health.Expect.ToArray());
        Assert.Equal([new StatusRange(500, 599), new StatusRange(429, 429)], pool.Health.Passive.Statuses.ToArray());
        Assert.Equal((2L << 30, TimeSpan.Zero), (settings.Topology.Limits.BodyBytesMax, settings.Topology.Limits.IdleTimeout));
    }
}
