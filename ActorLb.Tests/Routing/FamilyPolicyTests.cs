using System.Net;
using ActorLb.Node.Routing;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Routing;

public sealed class FamilyPolicyTests
{
    [Theory]
    [InlineData("::2 10.0.0.2 10.0.0.1 ::1", NameFamily.Auto, "10.0.0.1 10.0.0.2")]
    [InlineData("::2 ::1 ::2", NameFamily.Auto, "::1 ::2")]
    [InlineData("::1 10.0.0.1", NameFamily.IPv4, "10.0.0.1")]
    [InlineData("::1 10.0.0.1", NameFamily.IPv6, "::1")]
    [InlineData("::1 10.0.0.1", NameFamily.Both, "10.0.0.1 ::1")]
    [InlineData("10.0.0.1", NameFamily.IPv6, null)]
    [InlineData("", NameFamily.Both, null)]
    public void The_family_says_which_addresses_are_backends(string found, NameFamily family, string? chosen) =>
        Assert.Equal(chosen, FamilyPolicy.Choose([.. found.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)], family) is { } all
            ? string.Join(' ', all.Select(a => a.ToString()))
            : null);
}
