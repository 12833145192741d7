using ActorLb.Node.Admin;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class DrainDeadlineTests
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("5 minutes", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData(" 10 s ", 10_000)]
    [InlineData("365d", 31_536_000_000)]
    public void A_number_with_a_unit_is_a_span(string text, long milliseconds)
    {
        Assert.True(DrainDeadline.TryParse(text, out TimeSpan span));
        Assert.Equal(milliseconds, (long)span.TotalMilliseconds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("0s")]
    [InlineData("-5m")]
    [InlineData("5M")]
    [InlineData("1.2.3s")]
    [InlineData("366d")]
    [InlineData("99999999999999999999999999999999999h")]
    [InlineData("٥m")]
    public void Anything_else_is_refused(string? text) => Assert.False(DrainDeadline.TryParse(text, out _));
}
