using ActorLb.Engine.Listeners;
using Xunit;

namespace ActorLb.Tests.Listeners;

public sealed class DescriptorPolicyTests
{
    [Fact]
    public void Clients_get_what_they_want_where_there_is_enough()
    {
        DescriptorShares shares = DescriptorPolicy.Divide(1_048_576, used: 300, backends: 10, wanted: 20_000)!;
        Assert.Equal(20_000, shares.Clients);
        Assert.True(shares.Kept > 20_000);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(1024)]
    [InlineData(4096)]
    [InlineData(65_536)]
    public void All_that_is_given_out_fits_beside_what_is_kept_back(long limit)
    {
        DescriptorShares shares = DescriptorPolicy.Divide(limit, used: 300, backends: 50, wanted: long.MaxValue / 4)!;
        Assert.True(shares.Clients >= DescriptorPolicy.ClientsMin);
        Assert.True(300 + shares.Reserve + (2L * shares.Clients) + shares.Kept <= limit, $"{shares}");
        Assert.True(shares.Kept > 0);
    }

    [Fact]
    public void Where_there_is_room_for_too_few_there_is_none()
    {
        Assert.Null(DescriptorPolicy.Divide(500, used: 300, backends: 2, wanted: 20_000));
        Assert.Null(DescriptorPolicy.Divide(256, used: 300, backends: 2, wanted: 20_000));
    }

    [Fact]
    public void Many_backends_do_not_take_everything()
    {
        DescriptorShares shares = DescriptorPolicy.Divide(4096, used: 300, backends: 100_000, wanted: 20_000)!;
        Assert.True(shares.Clients > 1000);
    }
}
