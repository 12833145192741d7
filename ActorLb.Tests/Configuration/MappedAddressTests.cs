using System.Net;
using ActorLb.Node.Configuration;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Configuration;

/// <summary>An IPv4 address that is written as an IPv6 one (RFC 4291, 2.5.5.2).</summary>
public sealed class MappedAddressTests
{
    [Fact]
    public void It_is_the_IPv4_address_wherever_an_address_is_written()
    {
        ConfigurationResult read = Reading.Read(
            """
            pools.web.backends = ["http://[::ffff:10.0.0.7]:9001", "https://[::FFFF:a00:8]"]
            listeners.h { bind = "[::ffff:127.0.0.1]:12330", trusted-proxies = ["::ffff:10.0.0.1", "::ffff:10.0.0.0/104", "::/0"] }
            admin { bind = "[::ffff:127.0.0.2]:12331", health-bind = "[::ffff:0.0.0.0]:12332" }
            cluster { host = "[::ffff:127.0.0.3]", discovery.seeds = ["[::ffff:127.0.0.3]:8110"] }
            """);

        Assert.Empty(read.Mistakes);
        NodeSettings settings = read.Settings!;
        ListenerSettings listener = Assert.Single(settings.Topology.Listeners);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:12330"), listener.Bind);
        Assert.Equal(["10.0.0.1/32", "10.0.0.0/8", "::/0"], listener.TrustedProxies.Select(n => n.ToString()));
        Assert.True(listener.TrustedProxies[1].Contains(IPAddress.Parse("10.200.1.1")));
        Assert.Equal(IPEndPoint.Parse("127.0.0.2:12331"), settings.Admin.Bind);
        Assert.Equal(IPEndPoint.Parse("0.0.0.0:12332"), settings.Admin.HealthBind);
        Assert.Equal("127.0.0.3", settings.Cluster.Host);
        Assert.Equal("127.0.0.3:8110", Assert.Single(settings.Cluster.Seeds).ToString());
        Assert.Equal(["http://10.0.0.7:9001/", "https://10.0.0.8/"], settings.Topology.Pools["web"].Backends.Select(b => b.Address.AbsoluteUri));
        Assert.Equal(["10.0.0.7:9001", "10.0.0.8:443"], settings.Topology.Pools["web"].Backends.Select(b => b.Id));
    }
}
