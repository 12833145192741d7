using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Clients;
using Xunit;

namespace ActorLb.Tests.Traffic;

public sealed class ClientAddressTests
{
    private static readonly ImmutableArray<IPNetwork> Trusted = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")];

    [Theory]
    [InlineData("192.0.2.1", "198.51.100.7", "192.0.2.1")]
    [InlineData("10.0.0.1", "", "10.0.0.1")]
    [InlineData("10.0.0.1", "198.51.100.7", "198.51.100.7")]
    [InlineData("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7")]
    [InlineData("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2 ,10.0.0.3", "198.51.100.7")]
    [InlineData("10.0.0.1", "10.0.0.2", "10.0.0.2")]
    [InlineData("10.0.0.1", "198.51.100.7, unknown", "10.0.0.1")]
    [InlineData("10.0.0.1", "198.51.100.7:4711", "198.51.100.7")]
    [InlineData("fd00::1", "[2001:db8::1]:443", "2001:db8::1")]
    [InlineData("::ffff:10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7")]
    [InlineData("10.0.0.1", ",", "10.0.0.1")]
    public void The_client_is_the_last_that_is_no_trusted_proxy(string peer, string forwardedFor, string client) =>
        Assert.Equal(IPAddress.Parse(client), ClientAddress.Of(IPAddress.Parse(peer), Trusted, forwardedFor));

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void One_network_of_IPv6_is_one_client(string one, string other, bool same) =>
        Assert.Equal(same, ClientKey.Of(IPAddress.Parse(one)) == ClientKey.Of(IPAddress.Parse(other)));
}
