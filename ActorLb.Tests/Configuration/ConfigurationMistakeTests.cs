using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class ConfigurationMistakeTests
{
    private const string Secret = "p0mFvoqAykz9TwKgUeQQLvLgFzE3c_nVrJ2yS8xhZ4o";

    [Theory]
    [InlineData("node.nmae = x", "actorlb.node.nmae: unknown key; expected 'name'")]
    [InlineData("pools.web.health.intervall = 2s", "actorlb.pools.web.health.intervall: unknown key; expected 'interval'")]
    [InlineData("pools.web.qqqqqqqqqqqqq = 2s", "actorlb.pools.web.qqqqqqqqqqqqq: unknown key; expected one of affinity, backend-idle-timeout, backends,")]
    [InlineData("defaults.pool.backends = []", "actorlb.defaults.pool.backends: unknown key")]
    [InlineData("pool { }", "actorlb.pool: unknown key; expected 'pools'")]
    [InlineData("node.name = \"a b\"", "actorlb.node.name: 'a b' holds characters that names do not have; expected 1 to 128 letters")]
    [InlineData("node.data-dir = \"\"", "actorlb.node.data-dir: '' is no path")]
    [InlineData("node.shutdown-timeout = 30", "actorlb.node.shutdown-timeout: '30' has no unit; expected a duration from 0s to 1h")]
    [InlineData("node.shutdown-timeout = -1s", "actorlb.node.shutdown-timeout: -1s is out of range")]
    [InlineData("node = 3", "actorlb.node: this is a text; expected keys and values in curly braces")]
    [InlineData("access-log.path = \"logs/\"", "actorlb.access-log.path: 'logs/' is no path of a file; expected the path of a file, \"-\" for standard output")]
    [InlineData("access-log.format = common", "actorlb.access-log.format: 'common' is no choice here; expected combined or json")]
    [InlineData("access-log.buffer = 65535", "actorlb.access-log.buffer: 65535 is out of range; expected a number of bytes from 64KiB to 1GiB")]
    [InlineData("limits.connections-per-address-max = -1", "actorlb.limits.connections-per-address-max: -1 is out of range")]
    [InlineData("limits.tunnel-timeout = 8d", "actorlb.limits.tunnel-timeout: 8d is out of range; expected a duration from 0s to 7d")]
    [InlineData("cluster.host = \"a:b\"", "actorlb.cluster.host: 'a:b' is no host name and no address")]
    [InlineData("cluster.host = \"0.0.0.0\"", "actorlb.cluster.host: other machines may reach 0.0.0.0:8110, and whoever does owns the cluster; expected cluster.secret-file (\"actorlb keys secret > FILE\" makes one")]
    [InlineData("cluster.host = \"::\"", "actorlb.cluster.host: other machines may reach [::]:8110")]
    [InlineData("cluster.host = \"10.0.0.1\"", "actorlb.cluster.host: other machines may reach 10.0.0.1:8110")]
    [InlineData("cluster.host = lb-1", "actorlb.cluster.host: other machines may reach lb-1:8110")]
    [InlineData("cluster.discovery { method = dns, dns.name = lb }", "actorlb.cluster.discovery.method: other machines may reach port 8110")]
    [InlineData("cluster.secret = abc", "actorlb.cluster.secret: this secret has 2 bytes; expected 32 random bytes, as \"actorlb keys secret\" prints them")]
    [InlineData("cluster.secret = \"correct horse battery staple xx\"", "actorlb.cluster.secret: this text of 31 characters is no secret")]
    [InlineData("cluster.secret = " + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE", "actorlb.cluster.secret: this is a text in another writing, and could be guessed")]
    [InlineData("cluster.secret = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "actorlb.cluster.secret: these bytes are not random, and could be guessed")]
    [InlineData("cluster.secret = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "actorlb.cluster.secret: these bytes are not random")]
    [InlineData("cluster.secret = qYMC5cGCbDQrcy8S3VLWmQ", "actorlb.cluster.secret: this secret has 16 bytes")]
    [InlineData("cluster.secrets = [\"\"]", "actorlb.cluster.secrets[0]: this secret has 0 bytes")]
    [InlineData("cluster.secrets = [" + Secret + ", " + Secret + "]", "actorlb.cluster.secrets: the same secret is listed twice")]
    [InlineData("cluster { secret = " + Secret + ", secrets = [" + Secret + "] }", "actorlb.cluster.secrets: cluster.secret, cluster.secrets and cluster.secret-file say the same thing, and more than one is set")]
    [InlineData("cluster { secret = " + Secret + ", secret-file = there.key }", "actorlb.cluster.secret-file: cluster.secret, cluster.secrets")]
    [InlineData("cluster.secret-file = gone", "actorlb.cluster.secret-file: there is no file 'gone'")]
    [InlineData("cluster.secret-file = there.key", "actorlb.cluster.secret-file: 'there.key', line 1: this text of 27 characters is no secret")]
    [InlineData("cluster { secret = " + Secret + ", tls { enabled = true, certificate = there.pfx, password = p } }", "actorlb.cluster.tls.enabled: nodes know each other by a secret already")]
    [InlineData("cluster.tls { enabled = true, certificate = there.pfx, password = p, names = [elsewhere] }", "actorlb.cluster.tls.certificate: the certificate in 'there.pfx' bears none of the names in cluster.tls.names")]
    [InlineData("cluster.tls { enabled = true, certificate = there.pfx, password = p, names = [\"a b\"] }", "actorlb.cluster.tls.names[0]: 'a b' is no name that a certificate bears")]
    [InlineData("cluster.port = 65536", "actorlb.cluster.port: 65536 is out of range; expected a whole number from 0 to 65535")]
    [InlineData("cluster.port = many", "actorlb.cluster.port: 'many' is no whole number")]
    [InlineData("cluster.port = [1]", "actorlb.cluster.port: this is a list; expected a whole number")]
    [InlineData("cluster { secret = " + Secret + ", discovery { method = dns, dns.name = \"a b\" } }", "actorlb.cluster.discovery.dns.name: 'a b' is no host name")]
    [InlineData("cluster { secret = " + Secret + ", port = 0, discovery.method = dns }", "actorlb.cluster.port: 0 is out of range")]
    [InlineData("cluster.discovery.seeds = [lb-1]", "actorlb.cluster.discovery.seeds[0]: 'lb-1' has no port; expected host:port")]
    [InlineData("cluster.discovery.seeds = [\"a:0\"]", "actorlb.cluster.discovery.seeds[0]: '0' is no port from 1 to 65535")]
    [InlineData("cluster.discovery.seeds = [\"a:1\", \"a:1\"]", "actorlb.cluster.discovery.seeds[1]: a:1 is listed twice")]
    [InlineData("cluster.discovery.seeds { }", "actorlb.cluster.discovery.seeds: this is no list")]
    [InlineData("cluster.tls.enabled = true", "actorlb.cluster.tls.certificate: TLS is enabled without a certificate")]
    [InlineData("cluster.tls.enabled = maybe", "actorlb.cluster.tls.enabled: 'maybe' is no choice here; expected true, false, on, off, yes or no")]
    [InlineData("admin.health-bind = \"8091\"", "actorlb.admin.health-bind: '8091' has no port")]
    [InlineData("admin.health-bind = \"127.0.0.1:8090\"", "actorlb.admin.health-bind: port 8090 is already taken by actorlb.admin.bind")]
    [InlineData("admin { bind = \"0.0.0.0:8090\", token = fifteen-letters }", "actorlb.admin.token: the token has 15 characters and the admin API can be reached from other machines; expected 16 characters or more")]
    [InlineData("admin { bind = \"0.0.0.0:8090\", token = aaaaaaaaaaaaaaaa }", "actorlb.admin.token: the token is a pattern that could be guessed and the admin API can be reached from other machines; expected 16 characters or more")]
    [InlineData("admin { bind = \"[::ffff:10.0.0.1]:8090\", token = abcabcabcabcabcabc }", "actorlb.admin.token: the token is a pattern")]
    [InlineData("cluster.host = \"::ffff:10.0.0.1\"", "actorlb.cluster.host: other machines may reach 10.0.0.1:8110")]
    [InlineData("listeners { a.bind = \"127.0.0.1:81\", b.bind = \"[::ffff:127.0.0.1]:81\" }", "actorlb.listeners.b.bind: port 81 is already taken by actorlb.listeners.a.bind")]
    [InlineData("admin.tls.enabled = true", "actorlb.admin.tls.certificate: TLS is enabled without a certificate")]
    [InlineData("admin.tls { enabled = true, certificate = none.pem }", "actorlb.admin.tls.certificate: ")]
    [InlineData("admin.tls { enabled = true, certificate = there.pfx, password = wrong }", "actorlb.admin.tls.password: the password does not open 'there.pfx'")]
    [InlineData("admin.tls { enabled = true, certificate = there.pfx, password = p, client-certificate = required }", "actorlb.admin.tls.client-certificate: nothing says whose certificates are good; expected client-roots")]
    [InlineData("admin.tls { enabled = true, certificate = there.pfx, password = p, client-certificate = always }", "actorlb.admin.tls.client-certificate: 'always' is no choice here; expected none, optional or required")]
    [InlineData("admin.tls { enabled = true, certificate = there.pfx, password = p, client-certificate = optional, client-roots = none.pem }", "actorlb.admin.tls.client-roots: ")]
    [InlineData("access-log { format = json, fields = [time, colour] }", "actorlb.access-log.fields[1]: 'colour' is no field of the access log; expected a field of docs/logs.md")]
    [InlineData("access-log { format = json, fields = [time, \"header:\"] }", "actorlb.access-log.fields[1]: 'header:' is no field of the access log")]
    [InlineData("access-log { format = json, fields = [time, \"header:a b\"] }", "actorlb.access-log.fields[1]: 'header:a b' is no field of the access log")]
    [InlineData("access-log { format = json, fields = [\"header:X-A\", \"header:x-a\"] }", "actorlb.access-log.fields[1]: 'header:x-a' is listed twice; expected each field once")]
    [InlineData("access-log { format = json, fields = [] }", "actorlb.access-log.fields: these are 0 fields; expected 1 to 40")]
    [InlineData("access-log.fields = [time]", "actorlb.access-log.fields: the fields of combined are always the same; expected format = json")]
    [InlineData("node.log.format = xml", "actorlb.node.log.format: 'xml' is no choice here; expected console or json")]
    [InlineData("node.log.level = loud", "actorlb.node.log.level: 'loud' is no choice here; expected trace, debug, information, warning, error, critical or none")]
    [InlineData("admin.audit-log.path = \"dir/\"", "actorlb.admin.audit-log.path: 'dir/' is no path of a file")]
    [InlineData("admin.audit-log.buffer = 1KiB", "actorlb.admin.audit-log.buffer: ")]
    [InlineData("observability.otlp.endpoint = \"collector:4318\"", "actorlb.observability.otlp.endpoint: 'collector:4318' is no address of http or https; expected the address of a collector")]
    [InlineData("observability.otlp.endpoint = \"http://a:b@collector:4318\"", "actorlb.observability.otlp.endpoint: names and passwords belong into headers")]
    [InlineData("observability.otlp.endpoint = \"http://collector:4318/?x\"", "actorlb.observability.otlp.endpoint: it has more than a path")]
    [InlineData("observability.otlp.interval = 10ms", "actorlb.observability.otlp.interval: ")]
    [InlineData("observability.otlp.headers { \"a b\" = c }", "actorlb.observability.otlp.headers.\"a b\": 'a b' is no name of a field")]
    [InlineData("observability.otlp.headers { Content-Type = c }", "actorlb.observability.otlp.headers.Content-Type: a push has no Content-Type of yours")]
    [InlineData("observability.traces = on", "actorlb.observability.traces: this is a text; expected keys and values in curly braces")]
    [InlineData("observability.traces.sample = 0.1", "actorlb.observability.traces.sample: traces have nowhere to go; expected observability.otlp.endpoint, or 0 here")]
    [InlineData("observability.traces.sample = often", "actorlb.observability.traces.sample: 'often' is no part of all; expected a part from 0 to 1, or a percentage from 0% to 100%")]
    [InlineData("observability.traces.sample = 101%", "actorlb.observability.traces.sample: 101% is out of range")]
    [InlineData("observability.traces.sample = -0.1", "actorlb.observability.traces.sample: '-0.1' is no part of all")]
    [InlineData("observability.traces.max-per-second = 0", "actorlb.observability.traces.max-per-second: 0 is out of range")]
    [InlineData("admin.tokens = { name = ci }", "actorlb.admin.tokens: this is no list; expected a list in square brackets")]
    [InlineData("admin.tokens = [ci]", "actorlb.admin.tokens[0]: this is a text; expected keys and values in curly braces")]
    [InlineData("admin.tokens = [{ name = ci, token = t }]", "actorlb.admin.tokens[0].role: a value is missing; expected read or operate")]
    [InlineData("admin.tokens = [{ name = ci, token = t, role = write }]", "actorlb.admin.tokens[0].role: 'write' is no choice here; expected read or operate")]
    [InlineData("admin.tokens = [{ token = t, role = read }]", "actorlb.admin.tokens[0].name: a value is missing; expected 1 to 128")]
    [InlineData("admin.tokens = [{ name = \"a b\", token = t, role = read }]", "actorlb.admin.tokens[0].name: 'a b' holds characters")]
    [InlineData("admin.tokens = [{ name = ci, role = read }]", "actorlb.admin.tokens[0].token: a value is missing; expected a text, or sha256:")]
    [InlineData("admin.tokens = [{ name = ci, token = \"\", role = read }]", "actorlb.admin.tokens[0].token: the token is empty")]
    [InlineData("admin.tokens = [{ name = ci, token = \"s3cret \u00e9\", role = read }]", "actorlb.admin.tokens[0].token: the token holds blanks")]
    [InlineData("admin.tokens = [{ name = ci, token = \"sha256:0123\", role = read }]", "actorlb.admin.tokens[0].token: behind sha256: there are 4 characters; expected the 64 hexadecimal digits")]
    [InlineData("admin.tokens = [{ name = ci, token = \"sha256:g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\", role = read }]", "actorlb.admin.tokens[0].token: behind sha256: there are 64 characters, and not all are hexadecimal digits")]
    [InlineData("admin.tokens = [{ name = ci, token = \"SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\", role = read }]", "actorlb.admin.tokens[0].token: this is the SHA-256 of an empty text")]
    [InlineData("admin.tokens = [{ name = ci, token = t, role = read }, { name = ci, token = u, role = read }]", "actorlb.admin.tokens[1].name: there is a token named 'ci' already; expected another name")]
    [InlineData("admin { token = t, tokens = [{ name = default, token = u, role = read }] }", "actorlb.admin.tokens[0].name: there is a token named 'default' already; expected another name; admin.token has this one")]
    [InlineData("admin { token = t, tokens = [{ name = ci, token = \"sha256:e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8\", role = read }] }", "actorlb.admin.tokens[0].token: this is the token of 'default' (admin.token, node.conf:")]
    [InlineData("admin { bind = \"0.0.0.0:8090\", tokens = [{ name = ci, token = fifteen-letters, role = read }] }", "actorlb.admin.tokens[0].token: the token has 15 characters and the admin API can be reached from other machines; expected 16 characters or more")]
    [InlineData("admin.tokens = [{ name = ci, token = t, role = read, rôle = x }]", "actorlb.admin.tokens[0].rôle: unknown key; expected 'role'")]
    [InlineData("admin.bind = \"0.0.0.0:8090\"", "actorlb.admin.bind: 0.0.0.0:8090 can be reached from other machines and there is no token; expected admin.token set")]
    [InlineData("admin.bind = \"8090\"", "actorlb.admin.bind: '8090' has no port; expected an address and a port")]
    [InlineData("listeners.http.loops = -1", "actorlb.listeners.http.loops: -1 is out of range")]
    [InlineData("listeners.https.via = true", "actorlb.listeners.https.bind: a value is missing; expected an address and a port")]
    [InlineData("listeners.http.tls.enabled = true", "actorlb.listeners.http.tls.certificate: TLS is enabled without a certificate")]
    [InlineData("listeners.http.tls { enabled = true, certificate = gone.pem }", "actorlb.listeners.http.tls.certificate: there is no file 'gone.pem'")]
    [InlineData("listeners.http.tls { enabled = true, certificate = there.pem }", "actorlb.listeners.http.tls.key: 'there.pem' holds a certificate without its private key; expected a PEM file with the certificate's own key")]
    [InlineData("listeners.http.tls { enabled = true, certificate = there.pem, key = gone.key }", "actorlb.listeners.http.tls.key: there is no file 'gone.key'")]
    [InlineData("listeners.http.tls { enabled = true, certificate = there.pfx, password = no }", "actorlb.listeners.http.tls.password: the password does not open 'there.pfx'")]
    [InlineData("listeners.http.tls { enabled = true, certificates = there.pem }", "actorlb.listeners.http.tls.certificates: this is no list; expected a list in square brackets")]
    [InlineData("listeners.http.tls { enabled = true, certificates = [there.pem] }", "actorlb.listeners.http.tls.certificates[0]: this is a text; expected keys and values in curly braces")]
    [InlineData("listeners.http.tls { enabled = true, certificates = [{ key = there.key }] }", "actorlb.listeners.http.tls.certificates[0].certificate: a value is missing; expected the path of a file")]
    [InlineData("listeners.http.tls { enabled = true, certificates = [{ certificate = there.pfx, password = p }, { certificate = there.pem }] }", "actorlb.listeners.http.tls.certificates[1].key: 'there.pem' holds a certificate without its private key")]
    [InlineData("listeners.http.tls { enabled = true, certificates = [{ certificate = there.pfx }] }", "actorlb.listeners.http.tls.certificates[0].password: 'there.pfx' needs a password, and there is none")]
    [InlineData("listeners.http.tls { enabled = true, certificates = [{ certificate = there.pem, key = other.key }] }", "actorlb.listeners.http.tls.certificates[0].key: the key in 'other.key' does not belong to the certificate in 'there.pem'")]
    [InlineData("listeners.http.tls { enabled = true, certificates = [{ certificate = there.pfx, password = p, keys = there.key }] }", "actorlb.listeners.http.tls.certificates[0].keys: unknown key; expected 'key'")]
    [InlineData("listeners.http.tls { enabled = true, certificate = there.pem, certificates = [{ certificate = there.pfx, password = p }] }", "actorlb.listeners.http.tls.certificates: certificate, key and password are the list of one, and there is a list as well; expected the one or the other")]
    [InlineData("listeners.http.tls.min-version = \"1.1\"", "actorlb.listeners.http.tls.min-version: '1.1' is no choice here; expected 1.2 or 1.3")]
    [InlineData("listeners.http.tls { enabled = true, certificate = there.pfx, password = p, client-certificate = required }", "actorlb.listeners.http.tls.client-certificate: nothing says whose certificates are good; expected client-roots")]
    [InlineData("listeners.http.tls { enabled = true, certificate = there.pfx, password = p, client-certificate = optional, client-roots = gone.pem }", "actorlb.listeners.http.tls.client-roots: there is no file 'gone.pem'")]
    [InlineData("listeners.http.tls.client-certificate = always", "actorlb.listeners.http.tls.client-certificate: 'always' is no choice here; expected none, optional or required")]
    [InlineData("listeners.http.redirect-to-https = maybe", "actorlb.listeners.http.redirect-to-https: 'maybe' is neither a switch nor a port; expected off, on for port 443, or the port")]
    [InlineData("listeners.http.redirect-to-https = 0", "actorlb.listeners.http.redirect-to-https: '0' is neither a switch nor a port")]
    [InlineData("listeners.http.redirect-to-https = 65536", "actorlb.listeners.http.redirect-to-https: '65536' is neither a switch nor a port")]
    [InlineData("listeners.http.hsts = 500ms", "actorlb.listeners.http.hsts: browsers count whole seconds, and 0 has them forget it; expected 0s for none, or 1s and more")]
    [InlineData("listeners.http.hsts = 3651d", "actorlb.listeners.http.hsts: 3651d is out of range")]
    [InlineData("defaults.listener.tls { enabled = true, certificate = there.pfx }", "actorlb.defaults.listener.tls.password: 'there.pfx' needs a password, and there is none")]
    [InlineData("cluster.tls { enabled = true, certificate = there.pfx, password = no }", "actorlb.cluster.tls.password: the password does not open 'there.pfx'")]
    [InlineData("pools.web.tls.roots = gone.pem", "actorlb.pools.web.tls.roots: there is no file 'gone.pem'; expected a PEM file of certificates")]
    [InlineData("pools.web.tls.roots = there.key", "actorlb.pools.web.tls.roots: 'there.key' holds no certificate")]
    [InlineData("pools.web.tls.server-name = \"a b\"", "actorlb.pools.web.tls.server-name: 'a b' is no host; expected a host name")]
    [InlineData("pools.web.tls.verify = maybe", "actorlb.pools.web.tls.verify: 'maybe' is no choice here")]
    [InlineData("pools.web.tls { client-certificate = there.pfx, client-password = no }", "actorlb.pools.web.tls.client-password: the password does not open 'there.pfx'")]
    [InlineData("pools.web.tls { client-certificate = there.pem }", "actorlb.pools.web.tls.client-key: 'there.pem' holds a certificate without its private key")]
    [InlineData("pools.web.tls { client-key = there.key }", "actorlb.pools.web.tls.client-certificate: there is a key, and no certificate")]
    [InlineData("pools.web.health.port = 65536", "actorlb.pools.web.health.port: 65536 is out of range; expected a whole number from 0 to 65535")]
    [InlineData("pools.web.health.headers = 3", "actorlb.pools.web.health.headers: this is a text; expected keys and values in curly braces")]
    [InlineData("pools.web.health.headers { Host = a }", "actorlb.pools.web.health.headers.Host: Host has a key of its own; expected health.host")]
    [InlineData("pools.web.health.headers { content-length = 3 }", "actorlb.pools.web.health.headers.content-length: a probe has no content-length of yours")]
    [InlineData("pools.web.health.headers { \"X Y\" = 3 }", "actorlb.pools.web.health.headers.\"X Y\": 'X Y' is no name of a field")]
    [InlineData("pools.web.health.headers { X = \"a\\nb\" }", "actorlb.pools.web.health.headers.X: the value holds characters that no field may hold")]
    [InlineData("pools.web.affinity.header = \"X Session\"", "actorlb.pools.web.affinity.header: 'X Session' is no name of a header; expected the name of a header of your own, such as X-Session")]
    [InlineData("pools.web.affinity.header = \"\"", "actorlb.pools.web.affinity.header: '' is no name of a header")]
    [InlineData("pools.web.affinity { mode = learn, learn.cookie = \"\" }", "actorlb.pools.web.affinity.learn.cookie: '' is no name for a cookie; expected the name of the application's own cookie, such as JSESSIONID")]
    [InlineData("pools.web.affinity { mode = learn, learn.cookie = \"a b\" }", "actorlb.pools.web.affinity.learn.cookie: 'a b' is no name for a cookie")]
    [InlineData("pools.web.affinity.learn.cookies = SID", "actorlb.pools.web.affinity.learn.cookies: unknown key; expected 'cookie'")]
    [InlineData("pools.web.affinity.first-burst = 11s", "actorlb.pools.web.affinity.first-burst: 11s is out of range; expected a duration from 0s to 10s")]
    [InlineData("pools.web.affinity.first-burst = on", "actorlb.pools.web.affinity.first-burst: 'on' is no duration")]
    [InlineData("pools.web.affinity.header = Authorization", "actorlb.pools.web.affinity.header: Authorization has a meaning of its own, and would never reach the backend")]
    [InlineData("pools.web.affinity.header = x-forwarded-for", "actorlb.pools.web.affinity.header: x-forwarded-for has a meaning of its own")]
    [InlineData("pools.web.affinity.header = X_Forwarded_For", "actorlb.pools.web.affinity.header: X_Forwarded_For has a meaning of its own")]
    [InlineData("pools.web.affinity.header = Content-Type", "actorlb.pools.web.affinity.header: Content-Type has a meaning of its own")]
    [InlineData("pools.web.response-timeout = 30", "actorlb.pools.web.response-timeout: '30' has no unit")]
    [InlineData("defaults.pool.backend-idle-timeout = 8d", "actorlb.defaults.pool.backend-idle-timeout: 8d is out of range; expected a duration from 0s to 7d")]
    [InlineData("limits.response-timeout = 30", "actorlb.limits.response-timeout: '30' has no unit")]
    [InlineData("limits.connection-age-max = 8d", "actorlb.limits.connection-age-max: 8d is out of range")]
    [InlineData("pools.web.affinity.cookie.partitioned = on", "actorlb.pools.web.affinity.cookie.partitioned: browsers drop a partitioned cookie that is not secure; expected secure = always")]
    [InlineData("pools.web.backends = [{ address = \"dns://web:80\", family = ipv5 }]", "actorlb.pools.web.backends[0].family: 'ipv5' is no choice here; expected auto, ipv4, ipv6 or both")]
    [InlineData("pools.web.backends = [{ address = \"http://web:80\", family = both }]", "actorlb.pools.web.backends[0].family: only the addresses of dns:// are chosen by it")]
    [InlineData("listeners.http.trusted-proxies = [\"10.0.0.0/33\"]", "actorlb.listeners.http.trusted-proxies[0]: '10.0.0.0/33' is no address and no network")]
    [InlineData("listeners.http.proxy-protocol = accept", "actorlb.listeners.http.proxy-protocol: headers are accepted from trusted-proxies alone, and there are none; expected trusted-proxies = [\"10.0.0.0/8\"], or off")]
    [InlineData("pools.web.protocol = h2", "actorlb.pools.web.protocol: 'h2' is no choice here; expected http1 or http2")]
    [InlineData("pools.web { protocol = http2, proxy-protocol = v1 }", "actorlb.pools.web.proxy-protocol: connections of HTTP/2 are shared by clients, and a header would name one of them; expected proxy-protocol = off, or protocol = http1")]
    [InlineData("pools.web.health.probe = grpc", "actorlb.pools.web.health.probe: gRPC is spoken over HTTP/2 alone; expected protocol = http2, or probe = http")]
    [InlineData("pools.web.http2.streams-max = 0", "actorlb.pools.web.http2.streams-max: 0 is out of range")]
    [InlineData("listeners.http.http2 = h2c", "actorlb.listeners.http.http2: 'h2c' is no choice here; expected on, off or cleartext")]
    [InlineData("listeners.http { http2 = cleartext, engine = epoll }", "actorlb.listeners.http.engine: the epoll lane speaks no HTTP/2; expected auto or kestrel")]
    [InlineData("pools.web.proxy-protocol = accept", "actorlb.pools.web.proxy-protocol: 'accept' is no choice here; expected off, v1 or v2")]
    [InlineData("listeners.http.proxy-protocol = v2", "actorlb.listeners.http.proxy-protocol: 'v2' is no choice here; expected off or accept")]
    [InlineData("listeners.http.bind = \"127.0.0.1:8090\"", "actorlb.listeners.http.bind: port 8090 is already taken by actorlb.admin.bind")]
    [InlineData("listeners { a.bind = \"0.0.0.0:80\", b.bind = \"127.0.0.1:80\" }", "actorlb.listeners.b.bind: port 80 is already taken by actorlb.listeners.a.bind (0.0.0.0)")]
    [InlineData("listeners.http.bind = \"127.0.0.1:8110\"", "actorlb.listeners.http.bind: port 8110 is already taken by actorlb.cluster.port")]
    [InlineData("listeners.\"a b\".bind = \"127.0.0.1:80\"", "actorlb.listeners.\"a b\": 'a b' holds characters that names do not have")]
    [InlineData("defaults.listener.tls.enabled = true", "actorlb.defaults.listener.tls.certificate: TLS is enabled without a certificate")]
    [InlineData("routes = [{ pool = wbe }]", "actorlb.routes[0].pool: there is no pool 'wbe'; expected 'web'")]
    [InlineData("routes = [{ path = / }]", "actorlb.routes[0].pool: a value is missing; expected one of web")]
    [InlineData("routes = [{ pool = web, host = \"http://x\" }]", "actorlb.routes[0].host: 'http://x' is no host")]
    [InlineData("routes = [{ pool = web, host = \"a*.x\" }]", "actorlb.routes[0].host: 'a*.x' is no host")]
    [InlineData("routes = [{ pool = web, path = app }]", "actorlb.routes[0].path: 'app' is no path; expected a path that begins with /")]
    [InlineData("routes = [{ pool = web, path = \"/c?x=1\" }]", "actorlb.routes[0].path: '/c?x=1' has a query, which is no part of a path (a question mark in a path is %3F); expected a path")]
    [InlineData("routes = [{ pool = web, path = \"/c#x\" }]", "actorlb.routes[0].path: '/c#x' has a fragment, which no request has")]
    [InlineData("routes = [{ pool = web, path = \"/c/%2e%2e/../x\" }]", "actorlb.routes[0].path: '/c/%2e%2e/../x' leads out of /")]
    [InlineData("routes = [{ pool = web, path = \"/a\\nb\" }]", "actorlb.routes[0].path: the path holds control characters")]
    [InlineData("routes = [{ pool = web, path = \"/%61\" }, { pool = web, path = \"/b/../a\" }]", "actorlb.routes[1]: host * with path /a is routed twice")]
    [InlineData("routes = [{ pool = web, path = \"/a%2fb\" }, { pool = web, path = \"/a%2Fb\" }]", "actorlb.routes[1]: host * with path /a%2Fb is routed twice")]
    [InlineData("routes = [{ pool = web, path = \"/x?y\" }, { pool = web }]", "actorlb.routes[0].path: '/x?y' has a query")]
    [InlineData("routes = [{ pool = web, host = \"a b\" }, { pool = web }]", "actorlb.routes[0].host: 'a b' is no host")]
    [InlineData("routes = [{ pool = web, path = \"/my files\", rewrite.strip-prefix = \"/my%20file\" }]", "actorlb.routes[0].rewrite.strip-prefix: paths that this route takes begin with /my files, not with /my file")]
    [InlineData("routes = [{ pool = web }, { pool = web, host = \"*\" }]", "actorlb.routes[1]: host * with path / is routed twice")]
    [InlineData("routes = [{ pool = web, methods = [GET, PUT], headers = [{ name = A }, { name = B }] }, { pool = web, methods = [PUT, GET], headers = [{ name = b }, { name = a }] }]", "actorlb.routes[1]: host * with path / is routed twice, with the same methods, headers and listeners")]
    [InlineData("routes = [{ pool = web, redirect { to = / } }]", "actorlb.routes[0].redirect: this route has pool and redirect, and each of them ends it; expected one of pool, pools, redirect and respond")]
    [InlineData("routes = [{ pool = web, pools = [{ pool = web }] }]", "actorlb.routes[0].pools: this route has pool and pools, and each of them ends it")]
    [InlineData("routes = [{ pools = [{ pool = wbe }] }]", "actorlb.routes[0].pools[0].pool: there is no pool 'wbe'; expected 'web'")]
    [InlineData("routes = [{ pools = [] }]", "actorlb.routes[0].pools: no pool gets new sessions; expected a weight above 0 for one of them")]
    [InlineData("routes = [{ pools = [{ pool = web, weight = 0 }] }]", "actorlb.routes[0].pools: no pool gets new sessions")]
    [InlineData("routes = [{ pools = [{ pool = web }, { pool = web }] }]", "actorlb.routes[0].pools[1].pool: the pool 'web' is there twice")]
    [InlineData("routes = [{ pools = [{ pool = web, weight = 1001 }] }]", "actorlb.routes[0].pools[0].weight: 1001 is out of range")]
    [InlineData("pools.web.affinity.mode = learn\nroutes = [{ pools = [{ pool = web }] }]", "actorlb.routes[0].pools[0].pool: the pool 'web' learns the application's own cookie")]
    [InlineData("routes = [{ pool = web, auth.basic.users-file = gone }]", "actorlb.routes[0].auth.basic.users-file: there is no file 'gone'; expected lines of NAME:HASH as \"htpasswd -B\" writes them")]
    [InlineData("routes = [{ pool = web, auth.basic.users-file = there.key }]", "actorlb.routes[0].auth.basic.users-file: 'there.key', line 1: there is no colon behind a name")]
    [InlineData("defaults.route.auth.basic.users-file = gone", "actorlb.defaults.route.auth.basic.users-file: there is no file 'gone'")]
    [InlineData("routes = [{ pool = web, auth { basic.users-file = gone, forward.url = \"http://auth.internal\" } }]", "actorlb.routes[0].auth.basic.users-file: there is no file 'gone'")]
    [InlineData("routes = [{ pool = web, auth { basic.users-file = there.users, forward.url = \"http://auth.internal\" } }]", "actorlb.routes[0].auth.basic.users-file: auth.basic and auth.forward both say who may ask, and a route has one of them")]
    [InlineData("defaults.route.auth.forward.url = \"http://auth.internal\"\nroutes = [{ pool = web, auth.basic.users-file = there.users }]", "actorlb.routes[0].auth.basic.users-file: auth.basic and auth.forward both say who may ask")]
    [InlineData("routes = [{ pool = web, auth.basic { users-file = there.users, realm = \"\" } }]", "actorlb.routes[0].auth.basic.realm: '' is nothing that browsers show")]
    [InlineData("routes = [{ pool = web, auth.basic { users-file = there.users, realm = \"\\u00e9\" } }]", "actorlb.routes[0].auth.basic.realm: ")]
    [InlineData("routes = [{ pool = web, auth.basic.realm = x }]", "actorlb.routes[0].auth.basic: without users-file nobody is asked for a password, and everybody may go on")]
    [InlineData("routes = [{ pool = web, auth.basic.users-file = ${?ACTORLB_NO_SUCH_VARIABLE} }]", "actorlb.routes[0].auth.basic: without users-file nobody is asked for a password")]
    [InlineData("routes = [{ pool = web, auth.forward { copy-headers = [X-User] } }]", "actorlb.routes[0].auth.forward: without url nobody is asked, and everybody may go on")]
    [InlineData("routes = [{ pool = web, allow = [] }]", "actorlb.routes[0].allow: this lets nobody in, and without it everybody may come")]
    [InlineData("routes = [{ pool = web, allow = \"\" }]", "actorlb.routes[0].allow: this lets nobody in")]
    [InlineData("routes = [{ pool = web, allow = [${?ACTORLB_NO_SUCH_VARIABLE}] }]", "actorlb.routes[0].allow: this lets nobody in")]
    [InlineData("routes = [{ pool = web, allow = ${?ACTORLB_NO_SUCH_VARIABLE} }]", "actorlb.routes[0].allow: allow would be empty: everybody would be let in; expected the variable set, or no allow")]
    [InlineData("routes = [{ pool = web, allow = ${?ACTORLB_NO_SUCH_VARIABLE}${?ACTORLB_NOR_THIS} }]", "actorlb.routes[0].allow: allow would be empty")]
    [InlineData("routes = [{ pool = web, allow = ${?ACTORLB_NO_SUCH_VARIABLE}, allow = ${?ACTORLB_NOR_THIS} }]", "actorlb.routes[0].allow: allow would be empty")]
    [InlineData("defaults.route.allow = ${?ACTORLB_NO_SUCH_VARIABLE}", "actorlb.defaults.route.allow: allow would be empty")]
    [InlineData("defaults.route.allow = ${?ACTORLB_NO_SUCH_VARIABLE}\nroutes = [{ pool = web }]", "actorlb.defaults.route.allow: allow would be empty")]
    [InlineData("routes = [{ pool = web, auth.forward.url = \"auth.internal\" }]", "actorlb.routes[0].auth.forward.url: 'auth.internal' is no address of a server")]
    [InlineData("routes = [{ pool = web, auth.forward.url = \"http://u:p@auth.internal\" }]", "actorlb.routes[0].auth.forward.url: the address holds a user or a password")]
    [InlineData("routes = [{ pool = web, auth.forward.url = \"u:p@auth.internal\" }]", "actorlb.routes[0].auth.forward.url: the address holds a user or a password")]
    [InlineData("pools.web.backends = [\"u:p@127.0.0.1\"]", "actorlb.pools.web.backends[0]: this is no address, and may hold a password")]
    [InlineData("pools.web.backends = [{ id = \"..\", address = \"http://127.0.0.1:9001\" }]", "actorlb.pools.web.backends[0].id: '..' is a step in a path of a URL")]
    [InlineData("routes = [{ pool = web, auth.forward.copy-headers = [Host] }]", "actorlb.routes[0].auth.forward.copy-headers[0]: Host has a key of its own, rewrite.host")]
    [InlineData("routes = [{ pool = web, auth.forward.timeout = 0s }]", "actorlb.routes[0].auth.forward.timeout: 0s is out of range")]
    [InlineData("admin.tls.client-certificate = required", "actorlb.admin.tls.client-certificate: a certificate is required, and TLS, which asks for it, is not enabled; expected enabled = true beside it")]
    [InlineData("routes = [{ redirect {} }]", "actorlb.routes[0].redirect.to: a value is missing")]
    [InlineData("routes = [{ redirect { to = new } }]", "actorlb.routes[0].redirect.to: 'new' begins with neither / nor http:// nor https://")]
    [InlineData("routes = [{ redirect { to = \"/{port}\" } }]", "actorlb.routes[0].redirect.to: '{port}' is none of {scheme}, {host}, {path}, {query}, {rest}")]
    [InlineData("routes = [{ redirect { to = \"/a b\" } }]", "actorlb.routes[0].redirect.to: '/a b' is no address")]
    [InlineData("routes = [{ redirect { to = /, status = 200 } }]", "actorlb.routes[0].redirect.status: '200' is no status that leads elsewhere; expected 301, 302, 303, 307 or 308")]
    [InlineData("routes = [{ respond { status = 100 } }]", "actorlb.routes[0].respond.status: 100 is out of range")]
    [InlineData("routes = [{ respond { status = 100 } }]", "actorlb.routes[0].respond.status: 100 is out of range; expected a whole number from 200 to 599")]
    [InlineData("routes = [{ respond { status = 204, body = x } }]", "actorlb.routes[0].respond.body: an answer with 204 has no body")]
    [InlineData("routes = [{ respond { content-type = \"a\\r\\nb\" } }]", "actorlb.routes[0].respond.content-type: the value holds a line end, another control character, or a character beyond ASCII")]
    [InlineData("routes = [{ pool = web, rewrite.strip-prefix = /app }]", "actorlb.routes[0].rewrite.strip-prefix: paths that this route takes begin with /, not with /app")]
    [InlineData("routes = [{ pool = web, path = /apple, rewrite.strip-prefix = /app }]", "actorlb.routes[0].rewrite.strip-prefix: paths that this route takes begin with /apple, not with /app")]
    [InlineData("routes = [{ pool = web, rewrite.prefix = \"/a?b\" }]", "actorlb.routes[0].rewrite.prefix: '/a?b' is no path")]
    [InlineData("routes = [{ pool = web, rewrite.host = \"http://a\" }]", "actorlb.routes[0].rewrite.host: 'http://a' is no host")]
    [InlineData("routes = [{ pool = web, rewrite.host = \"a:0\" }]", "actorlb.routes[0].rewrite.host: 'a:0' is no host")]
    [InlineData("routes = [{ pool = web, request-headers.set.X-Forwarded-For = a }]", "actorlb.routes[0].request-headers.set.X-Forwarded-For: X-Forwarded-For is written by the balancer itself")]
    [InlineData("routes = [{ pool = web, request-headers.remove = [Host] }]", "actorlb.routes[0].request-headers.remove[0]: Host has a key of its own, rewrite.host")]
    [InlineData("routes = [{ pool = web, request-headers.set.X-Real-IP = a }]", "actorlb.routes[0].request-headers.set.X-Real-IP: X-Real-IP is removed from what clients send, who could write anything there, and written by nobody: backends are told of the client in X-Forwarded-For")]
    [InlineData("routes = [{ pool = web, request-headers.set.te = a }]", "actorlb.routes[0].request-headers.set.te: te concerns one connection")]
    [InlineData("routes = [{ pool = web, response-headers.add { \"X(A\" = a } }]", "actorlb.routes[0].response-headers.add.X(A: 'X(A' is no name of a header")]
    [InlineData("routes = [{ pool = web, allow = [\"10.0.0.0/33\"] }]", "actorlb.routes[0].allow[0]: ")]
    [InlineData("routes = [{ pool = web, deny = nobody }]", "actorlb.routes[0].deny[0]: ")]
    [InlineData("routes = [{ pool = web, rate-limit { requests = 5, scope = region } }]", "actorlb.routes[0].rate-limit.scope: 'region' is no choice here; expected node or cluster")]
    [InlineData("routes = [{ pool = web, rate-limit { requests = 5, scpoe = cluster } }]", "actorlb.routes[0].rate-limit.scpoe: unknown key; expected 'scope'")]
    [InlineData("routes = [{ pool = web, rate-limit.requests = -1 }]", "actorlb.routes[0].rate-limit.requests: -1 is out of range")]
    [InlineData("routes = [{ pool = web, rate-limit.per = 0s }]", "actorlb.routes[0].rate-limit.per: 0s is out of range")]
    [InlineData("routes = [{ pool = web, rate-limit.by = \"header:\" }]", "actorlb.routes[0].rate-limit.by: 'header:' is nothing that requests can be told apart by; expected client-address, \"header:NAME\" or route")]
    [InlineData("routes = [{ pool = web, response-headers.add { X-A = \"a\\nX-B: 1\" } }]", "actorlb.routes[0].response-headers.add.X-A: the value holds a line end, another control character, or a character beyond ASCII")]
    [InlineData("routes = [{ pool = web, path-type = regex }]", "actorlb.routes[0].path-type: 'regex' is no choice here; expected prefix or exact")]
    [InlineData("routes = [{ pool = web, methods = [get] }]", "actorlb.routes[0].methods[0]: methods are told apart by case, and clients send no 'get'")]
    [InlineData("routes = [{ pool = web, methods = [\"A B\"] }]", "actorlb.routes[0].methods[0]: 'A B' is no method")]
    [InlineData("routes = [{ pool = web, headers = [{ value = 1 }] }]", "actorlb.routes[0].headers[0].name: a value is missing")]
    [InlineData("routes = [{ pool = web, headers = [{ name = host, value = a }] }]", "actorlb.routes[0].headers[0].name: Host has a key of its own, host")]
    [InlineData("routes = [{ pool = web, headers = [{ name = \"A:\" }] }]", "actorlb.routes[0].headers[0].name: 'A:' is no name of a header")]
    [InlineData("routes = [{ pool = web, headers = [{ name = A, value = \"\\u00e9\" }] }]", "actorlb.routes[0].headers[0].value: the value holds a line end, another control character, or a character beyond ASCII")]
    [InlineData("routes = [{ pool = web, headers = [{ name = A, vlaue = 1 }] }]", "actorlb.routes[0].headers[0].vlaue: unknown key; expected 'value'")]
    [InlineData("routes = [{ pool = web, listeners = [https] }]", "actorlb.routes[0].listeners[0]: there is no listener 'https'; expected 'http'")]
    [InlineData("routes = [web]", "actorlb.routes[0]: this is a text; expected keys and values")]
    [InlineData("routes = [{ pool = web, hots = x }]", "actorlb.routes[0].hots: unknown key; expected 'host'")]
    [InlineData("pools.api { backends = [\"http://a:1\"] }", "actorlb.routes: there are 2 pools and no route; expected routes = [ { host = \"*\"")]
    [InlineData("pools.web.backends = []", "actorlb.pools.web.backends: the pool has no backend")]
    [InlineData("pools.web.backends = [\"dns://10.0.0.1:80\"]", "actorlb.pools.web.backends[0]: 'dns://10.0.0.1:80' has an address where a name belongs")]
    [InlineData("pools.web.backends = [\"dns://web\"]", "actorlb.pools.web.backends[0]: 'dns://web' has no usable port")]
    [InlineData("pools.web.backends = [\"dns://web:80\", \"dns://web:80\"]", "actorlb.pools.web.backends[1]: dns://web:80 is given twice in this pool")]
    [InlineData("pools.web.backends = [{ id = a, address = \"dns://web:80\" }]", "actorlb.pools.web.backends[0].id: each address of a name is a backend of its own")]
    [InlineData("pools.web.backends = [\"127.0.0.1:9001\"]", "actorlb.pools.web.backends[0]: '127.0.0.1:9001' is no address; expected \"http://host:port\"")]
    [InlineData("pools.web.backends = [\"ftp://a:1\"]", "actorlb.pools.web.backends[0]: 'ftp://a:1' is neither http nor https")]
    [InlineData("pools.web.backends = [\"http://a:1/app\"]", "actorlb.pools.web.backends[0]: 'http://a:1/app' has more than scheme, host and port")]
    [InlineData("pools.web.backends = [\"http://a:1?\"]", "actorlb.pools.web.backends[0]: 'http://a:1?' has more than scheme, host and port")]
    [InlineData("pools.web.backends = [\"http://u:p@a:1\"]", "actorlb.pools.web.backends[0]: the address holds a user or a password")]
    [InlineData("pools.web.backends = [\"http://a:0\"]", "actorlb.pools.web.backends[0]: 'http://a:0' has no usable port")]
    [InlineData("pools.web.backends = [{ id = x }]", "actorlb.pools.web.backends[0].address: a value is missing")]
    [InlineData("pools.web.backends = [{ id = \"x/y\", address = \"http://a:1\" }]", "actorlb.pools.web.backends[0].id: 'x/y' holds characters")]
    [InlineData("pools.web.backends = [{ address = \"http://a:1\", weight = 0 }]", "actorlb.pools.web.backends[0].weight: 0 is out of range: a backend that is to get nothing new is drained, and keeps its sessions meanwhile; expected a whole number from 1 to 256, and \"actorlb drain POOL/BACKEND\"")]
    [InlineData("pools.web.backends = [{ address = \"http://a:1\", wieght = 2 }]", "actorlb.pools.web.backends[0].wieght: unknown key; expected 'weight'")]
    [InlineData("pools.web.backends = [\"http://a:1\", \"http://a:1\"]", "actorlb.pools.web.backends[1]: the id 'a:1' is given twice")]
    [InlineData("pools.web.backends = [[\"http://a:1\"]]", "actorlb.pools.web.backends[0]: this is a list")]
    [InlineData("pools.web.backends = [{ address = \"http://a:1\", max-connections = -1 }]", "actorlb.pools.web.backends[0].max-connections: -1 is out of range; expected a whole number from 0 to 1000000")]
    [InlineData("pools.web.max-connections = 1000001", "actorlb.pools.web.max-connections: 1000001 is out of range")]
    [InlineData("pools.web.queue.length = -1", "actorlb.pools.web.queue.length: -1 is out of range")]
    [InlineData("pools.web.queue.timeout = 0s", "actorlb.pools.web.queue.timeout: 0s is out of range; expected a duration from 1ms to 1h")]
    [InlineData("pools.web.balance = least-connections", "actorlb.pools.web.balance: 'least-connections' is no choice here; expected round-robin, least-requests, power-of-two or hash")]
    [InlineData("pools.web.backends = [{ address = \"http://a:1\", backup = spare }]", "actorlb.pools.web.backends[0].backup: 'spare' is no choice here; expected true, false, on, off, yes or no")]
    [InlineData("pools.web.health.passive.max-ejected = 101%", "actorlb.pools.web.health.passive.max-ejected: 101% is out of range; expected a percentage from 0% to 100%")]
    [InlineData("pools.web.health.passive.max-ejected = 50", "actorlb.pools.web.health.passive.max-ejected: '50' is no percentage")]
    [InlineData("pools.web.health.passive.max-ejected = -1%", "actorlb.pools.web.health.passive.max-ejected: '-1%' is no percentage")]
    [InlineData("pools.web.retry.budget = 0.2", "actorlb.pools.web.retry.budget: '0.2' is no percentage; expected a percentage from 0% to 100%")]
    [InlineData("pools.web.retry.statuses = [200]", "actorlb.pools.web.retry.statuses[0]: 200 holds statuses that are no errors; expected status codes from 400 to 599")]
    [InlineData("pools.web.retry.statuses = [503, 399-502]", "actorlb.pools.web.retry.statuses[1]: 399-502 holds statuses that are no errors")]
    [InlineData("pools.web.retry.statuses = [teapot]", "actorlb.pools.web.retry.statuses[0]: 'teapot' is no status code and no range of them")]
    [InlineData("pools.web.retry.body-bytes = 16385k", "actorlb.pools.web.retry.body-bytes: 16385k is out of range; expected a number of bytes from 0 to 16MiB")]
    [InlineData("pools.web.retry.body-bytes = some", "actorlb.pools.web.retry.body-bytes: 'some' is no number of bytes")]
    [InlineData("pools.web.hash.on = ip", "actorlb.pools.web.hash.on: 'ip' is nothing that is hashed; expected \"header:NAME\", \"cookie:NAME\", path or client-address")]
    [InlineData("pools.web.hash.on = header", "actorlb.pools.web.hash.on: 'header' is nothing that is hashed")]
    [InlineData("pools.web.hash.on = \"path:x\"", "actorlb.pools.web.hash.on: 'path:x' is nothing that is hashed")]
    [InlineData("pools.web.hash.on = \"header:\"", "actorlb.pools.web.hash.on: '' is no name of a header")]
    [InlineData("pools.web.hash.on = \"cookie:a=b\"", "actorlb.pools.web.hash.on: 'a=b' is no name of a cookie")]
    [InlineData("defaults.pool.hash.on = \"header:X User\"", "actorlb.defaults.pool.hash.on: 'X User' is no name of a header")]
    [InlineData("pools.web.hash.key = path", "actorlb.pools.web.hash.key: unknown key; expected one of on")]
    [InlineData("pools.web.affinity.mode = ip", "actorlb.pools.web.affinity.mode: 'ip' is no choice here; expected cookie, header, learn or off")]
    [InlineData("pools.web.affinity.cookie.name = \"a b\"", "actorlb.pools.web.affinity.cookie.name: 'a b' is no name for a cookie; expected a token of RFC 6265")]
    [InlineData("pools.web.affinity.cookie.name = \"\"", "actorlb.pools.web.affinity.cookie.name: '' is no name for a cookie")]
    [InlineData("pools.web.affinity.cookie.path = \"/a;b\"", "actorlb.pools.web.affinity.cookie.path: '/a;b' is no path for a cookie")]
    [InlineData("pools.web.affinity.cookie.domain = \"a b\"", "actorlb.pools.web.affinity.cookie.domain: 'a b' is no domain for a cookie")]
    [InlineData("pools.web.affinity.cookie.same-site = none", "actorlb.pools.web.affinity.cookie.same-site: browsers drop a cookie with same-site none that is not secure")]
    [InlineData("pools.web.affinity.cookie.name = __Secure-A", "actorlb.pools.web.affinity.cookie.name: browsers drop a cookie '__Secure-A' that is not secure")]
    [InlineData("pools.web.affinity.cookie { name = __Host-A, secure = always, path = /x }", "actorlb.pools.web.affinity.cookie.name: browsers drop a cookie '__Host-A' with another path or a domain")]
    [InlineData("pools.web.affinity.cookie.max-age = forever", "actorlb.pools.web.affinity.cookie.max-age: 'forever' is no duration; expected session, or a duration")]
    [InlineData("pools.web.affinity.cookie.max-age = 500d", "actorlb.pools.web.affinity.cookie.max-age: 500d is out of range")]
    [InlineData("pools.web.affinity.idle-timeout = 0s", "actorlb.pools.web.affinity.idle-timeout: 0s is out of range; expected a duration from 1s to 366d")]
    [InlineData("pools.web.affinity.max-sessions = 0", "actorlb.pools.web.affinity.max-sessions: 0 is out of range")]
    [InlineData("pools.web.affinity.rebind-timeout = 0s", "actorlb.pools.web.affinity.rebind-timeout: 0s is out of range")]
    [InlineData("pools.web.affinity.keys = [short]", "actorlb.pools.web.affinity.keys[0]: this key has 5 characters; expected random texts of 16 characters")]
    [InlineData("pools.web.affinity.keys = [0123456789abcdef]", "actorlb.pools.web.affinity.keys[0]: this key is a pattern that could be guessed; expected random texts of 16 characters")]
    [InlineData("pools.web.affinity.keys = [shared, 7d1f09b3c25ae846, shared]", "actorlb.pools.web.affinity.keys[2]: \"shared\" is listed twice")]
    [InlineData("pools.web.affinity.keys = [7d1f09b3c25ae846, 7d1f09b3c25ae846]", "actorlb.pools.web.affinity.keys[1]: this key is listed twice")]
    [InlineData("pools.web.health.probe = udp", "actorlb.pools.web.health.probe: 'udp' is no choice here; expected http, tcp or grpc")]
    [InlineData("pools.web.health.path = healthz", "actorlb.pools.web.health.path: 'healthz' is no path")]
    [InlineData("pools.web.health.expect = \"2xx\"", "actorlb.pools.web.health.expect: '2xx' is no status code and no range of them; expected status codes from 100 to 599")]
    [InlineData("pools.web.health.expect = \"299-200\"", "actorlb.pools.web.health.expect: '299-200' ends before it begins")]
    [InlineData("pools.web.health.expect = \"200-600\"", "actorlb.pools.web.health.expect: '200-600' is no status code and no range of them")]
    [InlineData("pools.web.health.host = \"a b\"", "actorlb.pools.web.health.host: 'a b' is no host")]
    [InlineData("pools.web.health.interval = 9ms", "actorlb.pools.web.health.interval: 9ms is out of range; expected a duration from 10ms to 1h")]
    [InlineData("pools.web.health.rise = 0", "actorlb.pools.web.health.rise: 0 is out of range; expected a whole number from 1 to 1000")]
    [InlineData("pools.web.health.fall = 0", "actorlb.pools.web.health.fall: 0 is out of range")]
    [InlineData("pools.web.health.observers = 0", "actorlb.pools.web.health.observers: 0 is out of range")]
    [InlineData("pools.web.health.passive.statuses = [teapot]", "actorlb.pools.web.health.passive.statuses[0]: 'teapot' is no status code")]
    [InlineData("pools.web.retry.attempts = -1", "actorlb.pools.web.retry.attempts: -1 is out of range")]
    [InlineData("pools.web.when-all-down = panic", "actorlb.pools.web.when-all-down: 'panic' is no choice here; expected refuse or try-all")]
    [InlineData("routes = [{ pool = web }]\npools.\"a/b\" { backends = [\"http://a:1\"] }", "actorlb.pools.a/b: 'a/b' holds characters that names do not have")]
    [InlineData("defaults.pool.health.rise = 0", "actorlb.defaults.pool.health.rise: 0 is out of range")]
    [InlineData("limits.header-bytes-max = 10 apples", "actorlb.limits.header-bytes-max: '10 apples' has an unknown unit; expected a number of bytes from 256 to 16MiB")]
    [InlineData("limits.body-bytes-max = -1", "actorlb.limits.body-bytes-max: -1 is out of range")]
    [InlineData("limits.connect-timeout = 0s", "actorlb.limits.connect-timeout: 0s is out of range; expected a duration from 1ms")]
    public void A_mistake_names_the_file_and_the_line_and_the_key_and_what_would_be_right(string line, string expected)
    {
        ConfigurationResult read = Reading.ReadWithPool(line);
        Assert.Null(read.Settings);
        ConfigurationMistake mistake = Assert.Single(read.Mistakes);
        Assert.StartsWith("node.conf:", mistake.ToString(), StringComparison.Ordinal);
        Assert.Contains(": " + expected, mistake.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_allow_of_which_nothing_is_left_is_told_where_it_stands()
    {
        ConfigurationResult read = ConfigurationLoader.FromText(
            "node.conf", "lan {\n  allow = ${?NOBODY}\n}\nactorlb {\n" + Reading.OnePool + "\nroutes = [${lan} { pool = web }]\n}", Reading.Environment());
        Assert.Equal(
            "node.conf:2:3: actorlb.routes[0].allow: allow would be empty: everybody would be let in; expected the variable set, or no allow",
            Assert.Single(read.Mistakes).ToString());
    }

    [Theory]
    [InlineData("routes = [{ pool = web, allow = ${?LAN} }]", "10.0.0.0/8")]
    [InlineData("routes = [{ pool = web, allow = [\"10.1.0.0/16\"], allow = ${?NOBODY} }]", "10.1.0.0/16")]
    [InlineData("defaults.route.allow = [\"10.1.0.0/16\"]\nroutes = [{ pool = web, allow = ${?NOBODY} }]", "10.1.0.0/16")]
    [InlineData("routes = [{ pool = web, deny = ${?NOBODY} }]", "")]
    public void A_list_of_which_something_is_left_is_none(string text, string allowed)
    {
        ConfigurationResult read = Reading.ReadWithPool(text, ("LAN", "10.0.0.0/8"));
        Assert.Empty(read.Mistakes);
        Assert.Equal(allowed, string.Join(' ', read.Settings!.Topology.Routes[0].Filters.Allow));
    }

    [Fact]
    public void The_event_loops_speak_no_tls()
    {
        ConfigurationResult read = Reading.ReadWithPool("listeners.http { engine = epoll, tls { enabled = true, certificate = gone.pem } }");
        Assert.Null(read.Settings);
        Assert.Contains(
            read.Mistakes,
            m => m.ToString().Contains(": actorlb.listeners.http.engine: the epoll lane speaks no TLS; expected auto or kestrel", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_pool_a_node_has_nothing_to_do()
    {
        Assert.Equal("(reference.conf)", Assert.Single(ConfigurationLoader.FromTexts([], Reading.Environment()).Mistakes).Origin.File);
        Assert.StartsWith(
            "node.conf:1:1: actorlb.pools: there is no pool; expected pools { web {",
            Assert.Single(Reading.Read("").Mistakes).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_of_all_files_are_reported_at_once_in_the_order_of_files_and_lines()
    {
        ConfigurationResult read = ConfigurationLoader.FromTexts(
            [
                new("common.conf", "actorlb {\n  pools.web {\n    backends = [\"http://a:1/x\"]\n    health { intervall = 2s, rise = 0 }\n  }\n}"),
                new("node.conf", "actorlb.listeners.http.bind = nowhere\nactorlb.routes = [{ pool = wbe }]\nactorlb.node.name = ${NOBODY}"),
            ],
            Reading.Environment());
        Assert.Null(read.Settings);
        Assert.Equal(
            [
                "common.conf:3:17: actorlb.pools.web.backends[0]: 'http://a:1/x' has more than scheme, host and port; expected \"http://host:port\", \"https://host:port\" or \"dns://name:port\"",
                "common.conf:4:14: actorlb.pools.web.health.intervall: unknown key; expected 'interval'",
                "common.conf:4:30: actorlb.pools.web.health.rise: 0 is out of range; expected a whole number from 1 to 1000",
                "node.conf:1:1: actorlb.listeners.http.bind: 'nowhere' has no port; expected an address and a port to listen on, such as \"127.0.0.1:8080\", \"0.0.0.0:8080\" or \"[::]:8080\"",
                "node.conf:2:21: actorlb.routes[0].pool: there is no pool 'wbe'; expected 'web'",
                "node.conf:3:21: NOBODY is neither a key nor an environment variable; expected the variable set, or ${?NOBODY} where the value may be missing",
            ],
            read.Mistakes.Select(m => m.ToString()));
    }

    [Fact]
    public void A_broken_file_is_reported_at_its_line_with_those_of_other_files()
    {
        ConfigurationResult read = ConfigurationLoader.FromTexts(
            [new("one.conf", "actorlb {\n  pools {\n"), new("two.conf", "actorlb { a = } }")], Reading.Environment());
        Assert.Equal(
            [
                "one.conf:2:9: the { that opens here is never closed; expected a closing }",
                "two.conf:1:15: a value is missing here; expected a value; \"\" for an empty text",
            ],
            read.Mistakes.Select(m => m.ToString()));
    }

    [Fact]
    public void Files_that_cannot_be_read_are_mistakes()
    {
        string directory = Directory.CreateTempSubdirectory().FullName;
        string latin1 = Path.Combine(directory, "latin1.conf");
        File.WriteAllBytes(latin1, [(byte)'#', 0xE9]);
        string missing = Path.Combine(directory, "missing.conf");
        ConfigurationResult read = ConfigurationLoader.Load([missing, directory, latin1], Reading.Environment());
        Assert.Equal(
            [
                $"{missing}: there is no such file; expected a HOCON file in UTF-8 that this process may read",
                $"{directory}: this is a directory; expected a HOCON file in UTF-8 that this process may read",
                $"{latin1}: this is no UTF-8 text; expected a HOCON file in UTF-8 that this process may read",
            ],
            read.Mistakes.Select(m => m.ToString()));
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("pools.web.backends = [\"http://a:1\"]", "pools: this stands outside of actorlb; expected 'actorlb.pools'")]
    [InlineData("actrolb.pools.web.backends = [\"http://a:1\"]", "actrolb: unknown key; expected 'actorlb'")]
    public void A_section_at_the_wrong_place_is_a_mistake(string text, string expected) =>
        Assert.Contains(
            ConfigurationLoader.FromText("node.conf", text, Reading.Environment()).Mistakes,
            m => m.ToString().Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void Secrets_are_in_no_message()
    {
        ConfigurationResult read = Reading.ReadWithPool(
            "admin.token = \"s3cret \u00e9\"\npools.web.affinity.keys = [s3cret, s3cret]\npools.web.backends = [\"http://u:s3cret@a:1\"]");
        Assert.Equal(4, read.Mistakes.Length);
        Assert.All(read.Mistakes, m => Assert.DoesNotContain("s3cret", m.ToString(), StringComparison.Ordinal));
    }
}
