using System.Net;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Hocon;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class ReferenceConfigurationTests
{
    [Fact]
    public void A_pool_is_all_that_a_configuration_needs()
    {
        ConfigurationResult read = Reading.Read("pools { web { backends = [\"http://127.0.0.1:9001\"] } }");
        Assert.Empty(read.Mistakes);
        Assert.Empty(read.Warnings);
        NodeSettings settings = read.Settings!;
        Assert.Equal("machine-8110", settings.Name);
        Assert.Equal([new RouteSettings("*", "/", "web")], settings.Topology.Routes.ToArray());
        Assert.Equal(IPEndPoint.Parse("0.0.0.0:8080"), Assert.Single(settings.Topology.Listeners).Bind);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:8090"), settings.Admin.Bind);
        Assert.Empty(settings.Admin.Tokens);
        Assert.Equal([new HostPort("127.0.0.1", 8110)], settings.Cluster.Seeds.ToArray());
        Assert.Equal(0, settings.Topology.Limits.BodyBytesMax);
        Assert.Equal(TimeSpan.FromHours(1), settings.Topology.Limits.TunnelTimeout);
        Assert.Equal((20_000, 2000), (settings.Topology.Limits.ConnectionsMax, settings.Topology.Limits.ConnectionsPerAddressMax));
        Assert.Equal(new LogSettings(LogFormat.Console, LogThreshold.Information), settings.Log);
        Assert.Equal(new AccessLogSettings("", AccessLogFormat.Combined, 1 << 20), settings.Topology.AccessLog);
    }

    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        PoolSettings pool = Reading.ReadWithPool("").Settings!.Topology.Pools["web"];
        Assert.Equal("web", pool.Name);
        Assert.Equal(2, pool.RetryAttempts);
        Assert.Equal(TimeSpan.Zero, pool.SlowStart);
        Assert.Equal(WhenAllDown.Refuse, pool.WhenAllDown);
        Assert.Equal(BalanceSettings.RoundRobin, pool.Balance);
        Assert.Equal(new RetrySettings(20, []), pool.Retry);
        Assert.Equal((0, new QueueSettings(1000, TimeSpan.FromSeconds(5))), (pool.MaxConnections, pool.Queue));
        Assert.Equal(AffinityMode.Cookie, pool.Affinity.Mode);
        Assert.Equal(TimeSpan.FromMinutes(30), pool.Affinity.IdleTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(250), pool.Affinity.RebindTimeout);
        Assert.Equal(1_000_000, pool.Affinity.MaxSessions);
        Assert.Equal(new CookieSettings("ALB", "/", "", CookieSameSite.Lax, CookieSecure.Auto, true, null), pool.Affinity.Cookie);
        Assert.Equal(TimeSpan.FromSeconds(2), pool.Health.Interval);
        Assert.Equal(TimeSpan.FromMilliseconds(500), pool.Health.FastInterval);
        Assert.Equal([new StatusRange(200, 299)], pool.Health.Expect.ToArray());
        Assert.Equal((2, 2, 3), (pool.Health.Rise, pool.Health.Fall, pool.Health.Observers));
        Assert.Equal((3, TimeSpan.FromSeconds(10)), (pool.Health.Passive.Failures, pool.Health.Passive.Window));
        Assert.Empty(pool.Health.Passive.Statuses);
        Assert.Equal(50, pool.Health.Passive.MaxEjectedPercent);
        Assert.Empty(pool.Health.Headers);
        Assert.Equal(0, pool.Health.Port);
        Assert.Equal(BackendTlsSettings.Default, pool.Tls);
        Assert.Equal((null, null), (pool.ResponseTimeout, pool.BackendIdleTimeout));
        LimitSettings limits = Reading.ReadWithPool("").Settings!.Topology.Limits;
        Assert.Equal((TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(5)), (limits.ResponseTimeout, limits.BackendIdleTimeout, limits.ConnectionAgeMax));
    }

    [Fact]
    public void Every_key_of_the_reference_is_asked_for_by_a_reader()
    {
        // Unknown keys are mistakes, also in the reference itself.
        Assert.Empty(Reading.ReadWithPool("").Mistakes);
        Assert.Empty(Reading.Read("routes = [{ pool = web }]\n" + Reading.OnePool).Mistakes);
    }

    [Fact]
    public void A_key_that_no_reader_asks_for_would_be_noticed_in_every_section_of_the_reference()
    {
        foreach (string section in Sections(Parse(), ""))
        {
            ConfigurationResult read = ConfigurationLoader.FromTexts(
                [new("stray.conf", $"{section}.zzz = 1"), new("node.conf", "actorlb." + Reading.OnePool)], Reading.Environment());
            if (section is "actorlb.defaults.pool.health.headers" or "actorlb.observability.otlp.headers"
                || section is "actorlb.defaults.route.request-headers.set" or "actorlb.defaults.route.request-headers.add"
                    or "actorlb.defaults.route.response-headers.set" or "actorlb.defaults.route.response-headers.add")
            {
                // Its keys are the operator's own.
                Assert.Empty(read.Mistakes);
                continue;
            }

            bool namesAPool = section == "actorlb.pools";
            Assert.Contains(read.Mistakes, m => m.Key.StartsWith($"{section}.zzz", StringComparison.Ordinal));
            Assert.Equal(namesAPool || section == "actorlb.listeners" ? 0 : 1, read.Mistakes.Count(m => m.Problem == "unknown key"));
        }
    }

    [Fact]
    public void Every_key_of_the_reference_has_a_comment_directly_above()
    {
        string[] lines = ReferenceConfiguration.Text.Split('\n');
        var bare = new List<string>();
        Visit(Parse());
        Assert.Empty(bare);

        void Visit(HoconObject section)
        {
            foreach (HoconMember member in section.Members)
            {
                if (!lines[member.Origin.Line - 2].TrimStart().StartsWith('#'))
                {
                    bare.Add($"{member.Key} in line {member.Origin.Line}");
                }

                if (member.Value is HoconObject inner)
                {
                    Visit(inner);
                }
            }
        }
    }

    private static HoconObject Parse() => HoconParser.Parse("reference.conf", ReferenceConfiguration.Text);

    private static IEnumerable<string> Sections(HoconObject members, string path) => members.Members
        .Where(m => m.Value is HoconObject)
        .SelectMany(m => Sections((HoconObject)m.Value, $"{path}.{m.Key}".TrimStart('.')).Prepend($"{path}.{m.Key}".TrimStart('.')));
}
