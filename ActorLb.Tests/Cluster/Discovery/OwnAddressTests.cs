using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Cluster.Discovery;
using Xunit;

namespace ActorLb.Tests.Cluster.Discovery;

public sealed class OwnAddressTests
{
    [Theory]
    [InlineData("10.0.0.2 10.0.0.3", "127.0.0.1 10.0.0.3 192.168.0.3", null, "10.0.0.3")]
    [InlineData("10.0.0.2", "127.0.0.1 192.168.0.3 10.0.0.3", "10.0.0.3", "10.0.0.3")]
    [InlineData("10.0.0.2", "127.0.0.1 192.168.0.3", null, "192.168.0.3")]
    [InlineData("", "127.0.0.1 192.168.0.3", null, "192.168.0.3")]
    [InlineData("127.0.0.1", "127.0.0.1 192.168.0.3", null, "127.0.0.1")]
    [InlineData("10.0.0.2", "127.0.0.1 192.168.0.3", "127.0.0.1", "192.168.0.3")]
    [InlineData("", "127.0.0.1", null, "127.0.0.1")]
    [InlineData("", "", null, "127.0.0.1")]
    public void It_is_the_one_that_the_name_leads_to_or_that_leads_to_the_name(string named, string local, string? toward, string own) =>
        Assert.Equal(own, OwnAddress.Choose(Addresses(named), Addresses(local), _ => toward is null ? null : IPAddress.Parse(toward)).ToString());

    private static ImmutableArray<IPAddress> Addresses(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)];
}
