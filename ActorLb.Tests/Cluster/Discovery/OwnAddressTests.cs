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

    [Theory]
    [InlineData("10.0.0.3", "127.0.0.1 10.0.0.3", false)]
    [InlineData("10.0.0.3", "127.0.0.1 10.0.0.4", true)]
    [InlineData("10.0.0.3", "127.0.0.1", false)]
    [InlineData("127.0.0.1", "127.0.0.1 10.0.0.4", true)]
    [InlineData("127.0.0.1", "127.0.0.1", false)]
    public void It_is_gone_when_the_machine_has_others_and_not_this_one(string own, string local, bool gone) =>
        Assert.Equal(gone, OwnAddress.IsGone(IPAddress.Parse(own), Addresses(local)));

    private static ImmutableArray<IPAddress> Addresses(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)];
}
