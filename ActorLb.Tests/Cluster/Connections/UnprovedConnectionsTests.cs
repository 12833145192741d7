using System.Net;
using ActorLb.Node.Cluster.Connections;
using Xunit;

namespace ActorLb.Tests.Cluster.Connections;

public sealed class UnprovedConnectionsTests
{
    private static readonly IPAddress First = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress Second = IPAddress.Parse("10.0.0.2");

    [Fact]
    public void An_address_has_so_many_and_its_oldest_goes_for_the_next()
    {
        var unproved = new UnprovedConnections<string>(perAddressMax: 2, max: 10);
        Assert.Null(unproved.Add(Second, "other"));
        Assert.Null(unproved.Add(First, "a"));
        Assert.Null(unproved.Add(First, "b"));
        Assert.Equal("a", unproved.Add(First, "c"));
        Assert.Equal("b", unproved.Add(First, "d"));
        Assert.Equal(3, unproved.Count);
    }

    [Fact]
    public void All_addresses_together_have_so_many_and_the_oldest_of_all_goes()
    {
        var unproved = new UnprovedConnections<string>(perAddressMax: 2, max: 3);
        Assert.Null(unproved.Add(First, "a"));
        Assert.Null(unproved.Add(Second, "b"));
        Assert.Null(unproved.Add(Second, "c"));
        Assert.Equal("a", unproved.Add(IPAddress.Loopback, "d"));
    }

    [Fact]
    public void Who_proved_itself_or_left_makes_room()
    {
        var unproved = new UnprovedConnections<string>(perAddressMax: 1, max: 3);
        unproved.Add(First, "a");
        unproved.Remove("a");
        unproved.Remove("a");
        Assert.Null(unproved.Add(First, "b"));
        Assert.Equal(1, unproved.Count);
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    public void One_host_has_a_whole_network_of_IPv6(string one, string other, bool same) => Assert.Equal(
        same,
        UnprovedConnections<string>.NetworkOf(IPAddress.Parse(one)).Equals(UnprovedConnections<string>.NetworkOf(IPAddress.Parse(other))));
}
