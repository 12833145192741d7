using System.Net;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class FormatTests
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("2s", 2000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("30 minutes", 1_800_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    public void Durations_have_their_unit(string text, double milliseconds)
    {
        Assert.Null(Durations.Read(text, out TimeSpan value));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
    }

    [Theory]
    [InlineData("30", "'30' has no unit")]
    [InlineData("soon", "'soon' is no duration")]
    [InlineData("", "'' is no duration")]
    [InlineData("3 fortnights", "'3 fortnights' has an unknown unit")]
    [InlineData("99999999999d", "'99999999999d' is too long")]
    public void A_wrong_duration_says_what_is_wrong(string text, string problem) =>
        Assert.Equal(problem, Durations.Read(text, out _));

    [Fact]
    public void A_duration_that_was_written_is_read_as_the_same() =>
        Gen.Long[0, (long)TimeSpan.FromDays(10_000).TotalMicroseconds].Select(us => TimeSpan.FromMicroseconds(us)).Sample(duration =>
        {
            Assert.Null(Durations.Read(Durations.Write(duration), out TimeSpan read));
            Assert.Equal(duration, read);
        });

    [Theory]
    [InlineData("0", 0)]
    [InlineData("8192", 8192)]
    [InlineData("8KiB", 8192)]
    [InlineData("8k", 8192)]
    [InlineData("2 GiB", 2L << 30)]
    [InlineData("10MB", 10_000_000)]
    public void Sizes_count_bytes(string text, long bytes)
    {
        Assert.Null(ByteSizes.Read(text, out long value));
        Assert.Equal(bytes, value);
    }

    [Theory]
    [InlineData("big", "'big' is no number of bytes")]
    [InlineData("8 apples", "'8 apples' has an unknown unit")]
    [InlineData("9999999999GiB", "'9999999999GiB' is too large")]
    [InlineData("-9223372036854775808", "'-9223372036854775808' is too large")]
    public void A_wrong_size_says_what_is_wrong(string text, string problem) =>
        Assert.Equal(problem, ByteSizes.Read(text, out _));

    [Fact]
    public void A_size_that_was_written_is_read_as_the_same() =>
        Gen.Long[0, long.MaxValue].Sample(bytes =>
        {
            Assert.Null(ByteSizes.Read(ByteSizes.Write(bytes), out long read));
            Assert.Equal(bytes, read);
        });

    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0")]
    [InlineData("[::1]:8080", "[::1]:8080")]
    [InlineData("localhost:8080", "127.0.0.1:8080")]
    public void A_listener_binds_to_an_address_and_a_port(string text, string expected)
    {
        Assert.Null(Endpoints.Read(text, out IPEndPoint endpoint));
        Assert.Equal(expected, endpoint.ToString());
    }

    [Theory]
    [InlineData("127.0.0.1", "'127.0.0.1' has no port")]
    [InlineData("8080", "'8080' has no port")]
    [InlineData(":8080", "':8080' has no address before its port")]
    [InlineData("[::1]", "'[::1]' has no port")]
    [InlineData("127.0.0.1:http", "'http' is no port from 0 to 65535")]
    [InlineData("127.0.0.1:65536", "'65536' is no port from 0 to 65535")]
    [InlineData("example.net:80", "'example.net' is no IP address")]
    [InlineData("::1:80", "'::1' is no host name and no address")]
    [InlineData("1:80", "'1' is no IP address")]
    public void A_wrong_address_says_what_is_wrong(string text, string problem) =>
        Assert.Equal(problem, Endpoints.Read(text, out _));

    [Fact]
    public void A_host_with_a_port_is_read_as_it_is_written()
    {
        foreach (HostPort value in new[] { new HostPort("lb-1.example.net", 8110), new HostPort("::1", 1), new HostPort("10.0.0.1", 65535) })
        {
            Assert.Null(Endpoints.Read(value.ToString(), 1, out HostPort read));
            Assert.Equal(value, read);
        }
    }

    [Theory]
    [InlineData("intervall", "interval")]
    [InlineData("Interval", "interval")]
    [InlineData("itnerval", "interval")]
    [InlineData("fast", "fall")]
    [InlineData("zzzzzz", null)]
    public void The_nearest_name_is_the_one_with_the_fewest_edits(string written, string? nearest) =>
        Assert.Equal(nearest, NearestName.Of(written, ["interval", "fall", "fast-interval", "timeout"]));

    [Fact]
    public void Swapping_two_letters_is_one_edit() => Assert.Equal(1, NearestName.Distance("pools", "polos"));
}
