using ActorLb.Node.Reloads;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Reloads;

public sealed class LostSessionsTests
{
    private static readonly PoolSettings Web = TestPools.Pool("web", "http://10.0.0.1:8080", "http://10.0.0.2:8080");
    private static readonly Topology Before = TestPools.Node(Web, TestPools.Pool("api", "http://10.0.0.3:8080")).Topology;

    [Fact]
    public void Another_cookie_costs_all_sessions() =>
        Warns("pools.web.affinity.cookie.name", Web with { Affinity = Web.Affinity with { Cookie = Web.Affinity.Cookie with { Name = "SID" } } });

    [Fact]
    public void A_mode_without_sessions_costs_all_of_them() =>
        Warns("pools.web.affinity.mode", Web with { Affinity = Web.Affinity with { Mode = AffinityMode.Off } });

    [Fact]
    public void Another_way_to_know_a_client_costs_all_sessions()
    {
        PoolSettings header = Web with { Affinity = Web.Affinity with { Mode = AffinityMode.Header, Header = "X-Session" } };
        Warns("pools.web.affinity.mode", header);
        Assert.StartsWith(
            "pools.web.affinity.header",
            Assert.Single(LostSessions.Between(Before.WithPool(header), Before.WithPool(header with { Affinity = header.Affinity with { Header = "X-Client" } }))),
            StringComparison.Ordinal);
        Assert.Empty(LostSessions.Between(Before.WithPool(header), Before.WithPool(header with { Affinity = header.Affinity with { Header = "x-session" } })));
    }

    [Fact]
    public void Another_cookie_of_the_application_costs_all_sessions()
    {
        PoolSettings learn = Web with { Affinity = Web.Affinity with { Mode = AffinityMode.Learn, LearnedCookie = "JSESSIONID" } };
        Warns("pools.web.affinity.mode", learn);
        Assert.StartsWith(
            "pools.web.affinity.learn.cookie",
            Assert.Single(LostSessions.Between(Before.WithPool(learn), Before.WithPool(learn with { Affinity = learn.Affinity with { LearnedCookie = "SID" } }))),
            StringComparison.Ordinal);
        Assert.Empty(LostSessions.Between(Before.WithPool(learn), Before.WithPool(learn with { Affinity = learn.Affinity with { Keys = [] } })));
    }

    [Fact]
    public void A_key_that_is_gone_costs_the_sessions_that_it_signed() =>
        Warns("pools.web.affinity.keys", Web with { Affinity = Web.Affinity with { Keys = [TicketKey.FromText("another key for tests, long enough")] } });

    [Fact]
    public void Another_path_costs_what_lies_outside_of_both() =>
        Assert.Contains(
            LostSessions.Between(
                Before.WithPool(WithPath("/shop")), Before.WithPool(WithPath("/api"))),
            w => w.StartsWith("pools.web.affinity.cookie.path", StringComparison.Ordinal));

    [Fact]
    public void An_id_that_is_another_server_is_told() =>
        Warns("pools.web.backends", Web with { Backends = [Web.Backends[0] with { Address = new Uri("http://10.0.0.9:8080") }, Web.Backends[1]] });

    [Fact]
    public void A_pool_that_is_renamed_loses_its_sessions()
    {
        Topology after = Before with { Pools = Before.Pools.Remove("web").Add("www", Web with { Name = "www" }) };
        Assert.Contains("www", Assert.Single(LostSessions.Between(Before, after)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_keeps_sessions_is_not_warned_of()
    {
        PoolSettings grown = Web with
        {
            Backends = [.. Web.Backends.Skip(1), new BackendSettings("new", new Uri("http://10.0.0.7:8080"), 3)],
            Affinity = Web.Affinity with { Keys = [TicketKey.FromText("another key for tests, long enough"), .. Web.Affinity.Keys] },
            RetryAttempts = 9,
        };
        Assert.Empty(LostSessions.Between(Before, Before.WithPool(grown)));
    }

    [Fact]
    public void Who_had_no_sessions_loses_none()
    {
        Topology off = Before.WithPool(Web with { Affinity = Web.Affinity with { Mode = AffinityMode.Off } });
        Assert.Empty(LostSessions.Between(off, off.WithPool(Web with { Affinity = Web.Affinity with { Cookie = Web.Affinity.Cookie with { Name = "SID" } } })));
    }

    private static PoolSettings WithPath(string path) => Web with { Affinity = Web.Affinity with { Cookie = Web.Affinity.Cookie with { Path = path } } };

    private static void Warns(string key, PoolSettings changed) =>
        Assert.StartsWith(key, Assert.Single(LostSessions.Between(Before, Before.WithPool(changed))), StringComparison.Ordinal);

    [Fact]
    public void Another_scheme_is_another_server_and_seen()
    {
        PoolSettings pool = TestPools.Pool("web", "http://s:1");
        PoolSettings other = pool with { Backends = [pool.Backends[0] with { Address = new Uri("https://s:1") }] };
        Assert.Contains(
            "s:1 is another server now (http://s:1 before, https://s:1 from now on)",
            Assert.Single(LostSessions.Between(Before.WithPool(pool), Before.WithPool(other))),
            StringComparison.Ordinal);
    }
}
