using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class ConfigurationWarningTests
{
    private const string TwoPools = "pools { api { backends = [\"http://a:1\"] } }\n";

    [Theory]
    [InlineData("pools.web.health.timeout = 3s", "actorlb.pools.web.health.timeout: a probe may take longer than the interval")]
    [InlineData("pools.web.health.fast-interval = 3s", "actorlb.pools.web.health.fast-interval: fast-interval (3s) is longer than interval (2s)")]
    [InlineData("pools.web.health { interval = 300ms, timeout = 100ms }", "actorlb.pools.web.health.interval: fast-interval (500ms) is longer than interval (300ms)")]
    [InlineData("pools.web.health { probe = tcp, body-contains = ok }", "actorlb.pools.web.health.body-contains: a tcp probe sees no body")]
    [InlineData("cluster { host = \"10.0.0.1\", allow-any-address = true, discovery.seeds = [\"10.0.0.1:8110\"] }", "actorlb.cluster.allow-any-address: whoever reaches 10.0.0.1:8110 owns this cluster: its keys, its sessions, its backends")]
    [InlineData("cluster { host = \"10.0.0.1\", secret = p0mFvoqAykz9TwKgUeQQLvLgFzE3c_nVrJ2yS8xhZ4o }", "actorlb.cluster.host: the seeds are still 127.0.0.1:8110")]
    [InlineData("cluster { host = \"127.0.0.1\", discovery.seeds = [\"localhost:8110\"] }", "actorlb.cluster.discovery.seeds[0]: localhost:8110 and cluster.host = 127.0.0.1 are two names")]
    [InlineData("cluster { host = localhost, discovery.seeds = [\"[::1]:8110\"] }", "actorlb.cluster.discovery.seeds[0]: [::1]:8110 and cluster.host = localhost are two names")]
    [InlineData("cluster.tls.certificate = there.pfx", "actorlb.cluster.tls.certificate: this is not used, because TLS is not enabled")]
    [InlineData("listeners.http.tls { enabled = true, certificates = [{ certificate = there.pem, key = there.key }, { certificate = there.pfx, password = p }] }", "actorlb.listeners.http.tls.certificates[1].certificate: the certificate in 'there.pfx' shares there with that in 'there.pem', which is listed before it and is shown in its place")]
    [InlineData("listeners.http.tls { enabled = true, certificates = [{ certificate = there.pem, key = there.key }, { certificate = nameless.pem }] }", "actorlb.listeners.http.tls.certificates[1].certificate: the certificate in 'nameless.pem' bears no DNS name, so no client gets it")]
    [InlineData("listeners.http.tls { enabled = true, certificates = [{ certificate = expired.pem }] }", "actorlb.listeners.http.tls.certificates[0].certificate: the certificate in 'expired.pem' expired on ")]
    [InlineData("listeners.http.tls.certificates = [{ certificate = there.pem }]", "actorlb.listeners.http.tls.certificates[0].certificate: this is not used, because TLS is not enabled")]
    [InlineData("listeners.http.tls.client-certificate = optional", "actorlb.listeners.http.tls.client-certificate: no certificate is asked for, because TLS is not enabled")]
    [InlineData("listeners.http.hsts = 1h", "actorlb.listeners.http.hsts: this is not used, because the listener has no TLS")]
    [InlineData("listeners.http { redirect-to-https = on, tls { enabled = true, certificate = there.pfx, password = p } }", "actorlb.listeners.http.redirect-to-https: this is not used, because all that comes here comes by https")]
    [InlineData("listeners.http.tls { enabled = true, certificate = there.pfx, password = p, client-roots = there.pem }", "actorlb.listeners.http.tls.client-roots: this is not used, because no certificate is asked for")]
    [InlineData("node.name = a\nnode.name = b", "'name' replaces what line 3 of the same file says")]
    [InlineData(TwoPools + "routes = [{ pool = web }, { pool = api, path = /api }]", "actorlb.pools.web: it shares the cookie ALB with the pool api")]
    [InlineData(TwoPools + "routes = [{ pool = web, host = \"*.x.org\" }, { pool = api, host = a.x.org }]", "actorlb.pools.web: it shares the cookie ALB with the pool api")]
    [InlineData(TwoPools + "routes = [{ pool = web }]", "actorlb.pools.api: no route leads to this pool")]
    [InlineData("pools.far { backends = [\"https://a:1\"], tls.verify = off, affinity.mode = off }\nroutes = [{ pool = web }, { pool = far, path = /far }]", "actorlb.pools.far.tls.verify: whoever answers at a backend's address is taken for the backend")]
    [InlineData("pools.web.tls.server-name = a.org", "actorlb.pools.web.tls.server-name: no backend of this pool is reached by https, so this is not used")]
    [InlineData("pools.web.health { probe = tcp, headers { X = y } }", "actorlb.pools.web.health.headers: a tcp probe sends no fields")]
    [InlineData("pools.web.affinity.cookie.path = /app\nroutes = [{ pool = web, path = /shop }]", "actorlb.pools.web.affinity.cookie.path: no route of this pool has a path below /app, so browsers never send the cookie back: /shop")]
    [InlineData("pools.web.affinity.cookie.path = /app\nroutes = [{ pool = web, path = /apple }]", "actorlb.pools.web.affinity.cookie.path: no route of this pool has a path below /app")]
    [InlineData("pools.web.affinity.cookie.path = /app", "actorlb.pools.web.affinity.cookie.path: requests outside of /app come without the cookie, and each is a session of its own: /")]
    [InlineData("pools.web.affinity.cookie.domain = a.org\nroutes = [{ pool = web, host = b.org }]", "actorlb.pools.web.affinity.cookie.domain: no route of this pool has a host in a.org, so browsers refuse the cookie: b.org")]
    [InlineData("pools.web.affinity.cookie.domain = x.a.org\nroutes = [{ pool = web, host = a.org }]", "actorlb.pools.web.affinity.cookie.domain: no route of this pool has a host in x.a.org")]
    [InlineData("pools.web.affinity.cookie.domain = a.org\nroutes = [{ pool = web, host = a.org }, { pool = web, host = \"*.b.org\" }]", "actorlb.pools.web.affinity.cookie.domain: hosts that are not in a.org cannot set the cookie, and browsers refuse it there: *.b.org")]
    [InlineData("pools.web.affinity.learn.cookie = SID", "actorlb.pools.web.affinity.learn.cookie: this is not used, because affinity.mode is cookie")]
    [InlineData("pools.web.affinity { mode = learn, first-burst = 2s }", "actorlb.pools.web.affinity.first-burst: this is not used, because affinity.mode is learn")]
    [InlineData("pools.web.affinity { mode = learn, cookie.name = SID }", "actorlb.pools.web.affinity.cookie.name: this is not used, because affinity.mode is learn: a client is known by the cookie JSESSIONID of the application")]
    [InlineData("pools.web.affinity { mode = learn, keys = [p0mFvoqAykz9TwKgUeQQLvLgFzE3c_nVrJ2yS8xhZ4o] }", "actorlb.pools.web.affinity.keys: this is not used, because affinity.mode is learn")]
    [InlineData("pools.web.affinity.header = X-Client", "actorlb.pools.web.affinity.header: this is not used, because affinity.mode is cookie")]
    [InlineData("pools.web.affinity { mode = header, cookie.same-site = strict }", "actorlb.pools.web.affinity.cookie.same-site: this is not used, because affinity.mode is header: a client has to send X-Session back, and no browser does by itself")]
    [InlineData("pools.web.affinity.mode = header\n" + TwoPools + "pools.api.affinity { mode = header, header = x-session }\nroutes = [{ pool = web }, { pool = api, path = /api }]", "actorlb.pools.web: it shares the header X-Session with the pool api")]
    [InlineData("node { shutdown-timeout = 30s, stop-delay = 15s }", "actorlb.node.stop-delay: stop-delay and limits.tunnel-grace are 20s together, and clients have 18s of shutdown-timeout: what is open then is cut off; make them shorter, or shutdown-timeout at least 33.333s")]
    [InlineData("limits.tunnel-grace = 20s", "actorlb.limits.tunnel-grace: stop-delay and limits.tunnel-grace are 22s together")]
    [InlineData("node.shutdown-timeout = 10s", "actorlb.node.shutdown-timeout: stop-delay and limits.tunnel-grace are 7s together, and clients have 6s")]
    [InlineData("node { shutdown-timeout = 4s, stop-delay = 0s }\nlimits.tunnel-grace = 1s", "actorlb.node.shutdown-timeout: 1.6s of it are left for leaving the cluster")]
    [InlineData("limits.header-timeout = 200s", "actorlb.limits.header-timeout: header-timeout (200s) is longer than idle-timeout (130s): a client that sends nothing is closed before")]
    [InlineData("limits.idle-timeout = 5s", "actorlb.limits.idle-timeout: header-timeout (10s) is longer than idle-timeout (5s)")]
    [InlineData("limits.backend-idle-timeout = 10m", "actorlb.limits.backend-idle-timeout: backend-idle-timeout (600s) is longer than connection-age-max (300s)")]
    [InlineData("limits.tunnel-timeout = 1m", "actorlb.limits.tunnel-timeout: response-timeout (120s) is longer than tunnel-timeout (60s)")]
    [InlineData("limits.connections-per-address-max = 30000", "actorlb.limits.connections-per-address-max: connections-per-address-max is larger than connections-max")]
    [InlineData("cluster.join-timeout = 2s", "actorlb.cluster.join-timeout: a starting node serves alone after join-timeout (2s)")]
    [InlineData("pools.web.affinity.cookie.max-age = 10m", "actorlb.pools.web.affinity.cookie.max-age: a browser forgets the cookie 600s after it got it last")]
    [InlineData("pools.web.affinity { cookie.max-age = 1h, idle-timeout = 2h }", "actorlb.pools.web.affinity.cookie.max-age: a browser forgets the cookie 3600s after")]
    [InlineData("pools.web.health.passive.window = 1s", "actorlb.pools.web.health.passive.window: health.passive.window (1s) is over before a connect has timed out")]
    [InlineData("limits.connect-timeout = 20s", "actorlb.limits.connect-timeout: health.passive.window (10s) is over before a connect has timed out")]
    [InlineData("pools.api { backends = [{ address = \"http://a:1\", backup = on }], affinity.cookie.name = API }\nroutes = [{ pool = web }, { pool = api, path = /api }]", "actorlb.pools.api.backends: all backends of the pool are backups, so they are used as any")]
    [InlineData(TwoPools + "routes = [{ pools = [{ pool = web, weight = 9 }, { pool = api }] }, { pool = web, path = /api }]", "actorlb.pools.web: it shares the cookie ALB with the pool api on the same host, so their sessions overwrite each other")]
    [InlineData(TwoPools + "routes = [{ pools = [{ pool = web, weight = 9 }, { pool = api }] }, { pool = api, path = /api }]", "actorlb.pools.web: it shares the cookie ALB with the pool api on the same host")]
    [InlineData("routes = [{ pool = web, path = \"/api/*\" }]", "actorlb.routes[0].path: a star in a path is a star, and stands for nothing else; path = \"/api\", which takes all below it as well")]
    [InlineData("routes = [{ redirect.to = \"//evil\", path = /x }, { pool = web }]", "actorlb.routes[0].redirect.to: '//evil' leads to another host, by the scheme of the request")]
    [InlineData("routes = [{ redirect.to = \"{path}{query}\", path = /x }, { pool = web }]", "actorlb.routes[0].redirect.to: this leads to /x, which takes the same route again, and clients go in circles")]
    [InlineData("routes = [{ redirect.to = \"{scheme}://{host}/x/y{rest}\", path = /x }, { pool = web }]", "actorlb.routes[0].redirect.to: this leads to /x/y, which takes the same route again")]
    [InlineData("routes = [{ redirect.to = \"/%78?y\", path = /x }, { pool = web }]", "actorlb.routes[0].redirect.to: this leads to /x, which")]
    [InlineData("pools.web.hash.on = path", "actorlb.pools.web.hash.on: nothing is hashed: the pool's balance is another one")]
    [InlineData("pools.web.drain.deadline = 1s", "actorlb.pools.web.drain.deadline: what is open at drain.deadline (1s) has limits.tunnel-grace (5s) to end")]
    public void What_is_probably_not_meant_is_a_warning_and_no_mistake(string line, string expected)
    {
        ConfigurationResult read = Reading.ReadWithPool(line);
        Assert.Empty(read.Mistakes);
        Assert.NotNull(read.Settings);
        Assert.Contains(": " + expected, Assert.Single(read.Warnings).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TwoPools + "routes = [{ pool = web, host = a.org }, { pool = api, host = b.org }]")]
    [InlineData(TwoPools + "routes = [{ pool = web }, { pool = api, path = /api }]\npools.api.affinity.cookie.name = API")]
    [InlineData(TwoPools + "routes = [{ pool = web }, { pool = api, path = /api }]\npools.api.affinity.cookie.path = /api")]
    [InlineData(TwoPools + "routes = [{ pool = web }, { pool = api, path = /api }]\npools.api.affinity.mode = off")]
    [InlineData("routes = [{ redirect.to = \"/x/new\", path = /x }, { pool = web, path = /x/new }]")]
    [InlineData("routes = [{ redirect.to = \"/x/\", path = /x, path-type = exact }, { pool = web }]")]
    [InlineData("routes = [{ redirect.to = \"https://{host}{path}{query}\", listeners = [http] }, { pool = web, path = /x }]\nlisteners.http.bind = \"127.0.0.1:81\"")]
    [InlineData(TwoPools + "routes = [{ pools = [{ pool = web }, { pool = api }] }, { path = /api, pools = [{ pool = api }, { pool = web }] }]")]
    [InlineData(TwoPools + "routes = [{ pools = [{ pool = web }, { pool = api }], host = a.org }]\ndefaults.pool.affinity.cookie.domain = a.org")]
    [InlineData(TwoPools + "routes = [{ pools = [{ pool = web }, { pool = api }] }, { pool = web, path = /api }]\npools.api.affinity.cookie.name = API")]
    [InlineData("cluster { host = \"10.0.0.1\", secret = p0mFvoqAykz9TwKgUeQQLvLgFzE3c_nVrJ2yS8xhZ4o, discovery.seeds = [\"10.0.0.1:8110\"] }")]
    [InlineData("cluster { host = \"[0:0::1]\", discovery.seeds = [\"[::1]:8110\", \"[0::1]:8111\"] }")]
    [InlineData("cluster { host = localhost, discovery.seeds = [\"localhost:8110\"] }")]
    [InlineData("cluster { host = \"127.0.0.2\", host = ${?NOBODY}, discovery.seeds = [\"10.0.0.1:8110\"] }")]
    [InlineData("pools.web.affinity.cookie { path = /app, domain = a.org }\nroutes = [{ pool = web, path = /app, host = a.org }, { pool = web, path = /app/x, host = \"*.a.org\" }]")]
    [InlineData("pools.web.affinity.cookie.path = /app/\nroutes = [{ pool = web, path = /app }]")]
    [InlineData("pools.web.affinity.cookie.domain = x.a.org\nroutes = [{ pool = web, host = \"*.a.org\" }]")]
    [InlineData("pools.far { backends = [\"https://a:1\"], affinity.mode = off, tls { roots = there.pem, server-name = a.org, client-certificate = there.pem, client-key = there.key } }\nroutes = [{ pool = web }, { pool = far, path = /far }]")]
    [InlineData("defaults.pool.tls.server-name = a.org")]
    [InlineData("defaults.listener { redirect-to-https = on, hsts = 1h }\nlisteners { a.bind = \"127.0.0.1:81\", b { bind = \"127.0.0.1:82\", tls { enabled = true, certificate = there.pfx, password = p } } }")]
    [InlineData("listeners.http { redirect-to-https = 8443, tls { enabled = true, certificate = there.pfx, password = p }, trusted-proxies = [\"10.0.0.0/8\"] }")]
    [InlineData("node { shutdown-timeout = 0s, stop-delay = 2s }")]
    [InlineData("node.shutdown-timeout = 12s")]
    [InlineData("limits { header-timeout = 0s, idle-timeout = 0s, connection-age-max = 0s, tunnel-timeout = 0s }")]
    [InlineData("limits { idle-timeout = 0s, backend-idle-timeout = 0s, response-timeout = 0s }")]
    [InlineData("pools.web.affinity { cookie.max-age = 1h, idle-timeout = 1h }")]
    [InlineData("pools.web.affinity { mode = off, cookie.max-age = 1s }")]
    public void What_may_well_be_meant_is_none(string line)
    {
        ConfigurationResult read = Reading.ReadWithPool(line);
        Assert.Empty(read.Mistakes);
        Assert.Empty(read.Warnings);
    }

    [Theory]
    [InlineData("node.stop-delay = 40s", "actorlb.node.stop-delay")]
    [InlineData("node { stop-delay = 10s, shutdown-timeout = 10s }", "actorlb.node.stop-delay")]
    [InlineData("node.shutdown-timeout = 2s", "actorlb.node.shutdown-timeout")]
    public void A_stop_that_cannot_end_in_time_is_a_mistake_that_says_what_to_write(string line, string key)
    {
        ConfigurationResult read = Reading.ReadWithPool(line);
        Assert.Null(read.Settings);
        string mistake = Assert.Single(read.Mistakes).ToString();
        Assert.Contains($": {key}: stop-delay (", mistake, StringComparison.Ordinal);
        Assert.Contains("; expected a stop-delay below ", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_delay_that_is_as_long_as_the_timeout_hears_what_passes_and_what_is_enough()
    {
        string mistake = Assert.Single(Reading.ReadWithPool("node { stop-delay = 60s, shutdown-timeout = 30s }").Mistakes).ToString();
        Assert.EndsWith(
            ": stop-delay (60s) is a part of shutdown-timeout (30s), and leaves nothing of it for requests under way and for leaving the cluster; "
            + "expected a stop-delay below 30s, or a shutdown-timeout above 60s; 108.333s is enough for what clients may have open",
            mistake,
            StringComparison.Ordinal);
        Assert.Empty(Reading.ReadWithPool("node { stop-delay = 29s, shutdown-timeout = 30s }").Mistakes);
        Assert.Empty(Reading.ReadWithPool("node { stop-delay = 60s, shutdown-timeout = 61s }").Mistakes);
    }

    [Theory]
    [InlineData("pools.web.health.interval = 5")]
    [InlineData("pools.web.health.timeout = never")]
    [InlineData("pools.web.health { probe = udp, body-contains = ok }")]
    [InlineData("defaults.pool.health.interval = 5")]
    [InlineData("node { stop-delay = 60s, shutdown-timeout = 5 }")]
    [InlineData("node { stop-delay = soon, shutdown-timeout = 10s }")]
    [InlineData("limits.idle-timeout = 5")]
    [InlineData("limits.tunnel-grace = 5")]
    [InlineData("limits.connect-timeout = 5")]
    [InlineData("cluster.join-timeout = 5")]
    [InlineData("cluster.form-after = 5")]
    [InlineData("pools.web.affinity.cookie.max-age = 5")]
    [InlineData("pools.web.affinity { cookie.max-age = 10m, idle-timeout = 5 }")]
    [InlineData("cluster { host = \"a b\", discovery.seeds = [\"localhost:8110\"] }")]
    [InlineData("cluster { host = \"10.0.0.1\", allow-any-address = perhaps, discovery.seeds = [\"10.0.0.1:8110\"] }")]
    [InlineData("cluster { host = \"10.0.0.1\", secret = short, discovery.seeds = [\"10.0.0.1:8110\"] }")]
    [InlineData("cluster { host = \"a b\", port = 8080 }")]
    [InlineData("cluster.tls { enabled = perhaps, certificate = there.pfx }")]
    [InlineData("pools.web.affinity.cookie.path = /app\nroutes = [{ pool = web, path = app }]")]
    [InlineData("pools.web.affinity.cookie.domain = a.org\nroutes = [{ pool = web, host = \"b c\" }]")]
    [InlineData(TwoPools + "routes = [{ pool = web }, { pool = apu, path = /api }]\npools.api.affinity.cookie.name = API")]
    [InlineData("pools.far { backends = [\"https//a:1\"], affinity.mode = off, tls.server-name = a.org }\nroutes = [{ pool = web }, { pool = far, path = /far }]")]
    [InlineData("pools.far { backends = [\"https://a:1\"], affinity.mode = off, tls { verify = perhaps, roots = there.pem } }\nroutes = [{ pool = web }, { pool = far, path = /far }]")]
    public void What_is_compared_with_a_value_that_is_a_mistake_is_not_told(string line)
    {
        ConfigurationResult read = Reading.ReadWithPool(line);
        Assert.Single(read.Mistakes);
        Assert.Empty(read.Warnings);
    }

    [Fact]
    public void Two_backends_with_one_address_are_a_warning()
    {
        ConfigurationResult read = Reading.Read(
            "pools.web.backends = [{ id = a, address = \"http://a:1\" }, { id = b, address = \"http://a:1\" }]");
        Assert.NotNull(read.Settings);
        Assert.Contains("actorlb.pools.web.backends[1]: a:1 is the address of 'a' too", Assert.Single(read.Warnings).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_beside_actorlb_that_nothing_refers_to_is_a_warning()
    {
        ConfigurationResult read = ConfigurationLoader.FromText("node.conf", "other = 1\nactorlb." + Reading.OnePool, Reading.Environment());
        Assert.NotNull(read.Settings);
        Assert.Equal(
            "node.conf:1:1: other: nothing reads this and no ${…} refers to it; all settings are in actorlb { … }",
            Assert.Single(read.Warnings).ToString());
    }

    [Theory]
    [InlineData(200, "the certificate in 'there.pem' expired on ")]
    [InlineData(-200, "the certificate in 'there.pem' is not valid before ")]
    public void A_certificate_that_clients_would_refuse_now_is_warned_of(int days, string expected)
    {
        ConfigurationResult read = ConfigurationLoader.FromText(
            "node.conf",
            "actorlb {\n" + Reading.OnePool + "\nlisteners.http.tls { enabled = true, certificate = there.pem, key = there.key } }",
            Reading.Environment() with { Time = new FixedTime(DateTimeOffset.UtcNow.AddDays(days)) });
        Assert.Empty(read.Mistakes);
        Assert.Contains(": actorlb.listeners.http.tls.certificate: " + expected, Assert.Single(read.Warnings).ToString(), StringComparison.Ordinal);
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
