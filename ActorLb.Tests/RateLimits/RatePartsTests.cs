using ActorLb.Node.RateLimits;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.RateLimits;

public sealed class RatePartsTests
{
    [Theory]
    [InlineData(new[] { 0.0, 0, 0 }, new[] { 1 / 3.0, 1 / 3.0, 1 / 3.0 })]
    [InlineData(new[] { 0.4, 0, 0 }, new[] { 0.6, 0.2, 0.2 })]
    [InlineData(new[] { 1.0, 0, 0 }, new[] { 1.0, 0, 0 })]
    [InlineData(new[] { 500.0, 0, 0 }, new[] { 1.0, 0, 0 })]
    [InlineData(new[] { 500.0, 0.1, 0 }, new[] { 0.9, 0.1, 0 })]
    [InlineData(new[] { 500.0, 0.1, 400 }, new[] { 0.45, 0.1, 0.45 })]
    [InlineData(new[] { 2.0, 3, 4 }, new[] { 1 / 3.0, 1 / 3.0, 1 / 3.0 })]
    [InlineData(new[] { 7.0 }, new[] { 1.0 })]
    public void Each_gets_what_it_is_asked_for_and_the_rest_evenly(double[] demands, double[] shares)
    {
        RateParts.Share(demands, 1);
        Assert.Equal(shares.Select(s => Math.Round(s, 9)), demands.Select(d => Math.Round(d, 9)));
    }

    [Fact]
    public void All_shares_are_what_there_is_and_nobody_who_wants_less_gets_less_than_another() =>
        Gen.Select(Gen.Double[0, 5].Array[1, 100], Gen.Double[0, 1]).Sample((demands, available) =>
        {
            double[] shares = [.. demands];
            RateParts.Share(shares, available);
            Assert.Equal(available, shares.Sum(), tolerance: 1e-9);
            double highest = shares.Max();
            for (int i = 0; i < shares.Length; i++)
            {
                Assert.True(shares[i] >= 0);
                Assert.True(shares[i] >= Math.Min(demands[i], highest) - 1e-9);
            }
        });
}
