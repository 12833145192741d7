using System.Net;
using System.Text;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.ProxyProtocol;

public sealed class ProxyHeaderWriterTests
{
    [Theory]
    [InlineData("192.0.2.1:56324", "203.0.113.9:443", "PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\r\n")]
    [InlineData("[2001:db8::1]:1", "[::1]:80", "PROXY TCP6 2001:db8::1 ::1 1 80\r\n")]
    [InlineData("[::ffff:192.0.2.1]:1", "203.0.113.9:80", "PROXY TCP4 192.0.2.1 203.0.113.9 1 80\r\n")]
    [InlineData("192.0.2.1:1", "[2001:db8::1]:80", "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1 80\r\n")]
    [InlineData("[fe80::1%3]:1", "[fe80::2%3]:80", "PROXY TCP6 fe80::1 fe80::2 1 80\r\n")]
    public void A_line_of_version_1_names_both_ends(string source, string destination, string line) =>
        Assert.Equal(line, Encoding.ASCII.GetString(ProxyHeaderWriter.Of(ProxyHeaderVersion.V1, Client(source, destination))));

    [Theory]
    [InlineData("192.0.2.1:56324", "203.0.113.9:443")]
    [InlineData("[2001:db8::1]:1", "[::1]:80")]
    public void Version_2_names_both_ends(string source, string destination) =>
        Assert.Equal(BinaryHeaders.Of(source, destination), ProxyHeaderWriter.Of(ProxyHeaderVersion.V2, Client(source, destination)));

    [Theory]
    [InlineData(ProxyHeaderVersion.V1)]
    [InlineData(ProxyHeaderVersion.V2)]
    public void What_is_written_is_read(ProxyHeaderVersion version)
    {
        foreach ((string source, string destination) in (ReadOnlySpan<(string, string)>)[("0.0.0.0:0", "255.255.255.255:65535"), ("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[::]:0"), ("10.0.0.1:1", "[2001:db8::1]:2")])
        {
            byte[] header = ProxyHeaderWriter.Of(version, Client(source, destination));

            Assert.Equal(ProxyHeaderResult.Complete(header.Length, Client(source, destination)), ProxyHeaderParser.Parse(header));
        }
    }

    [Fact]
    public void A_probe_brings_no_client()
    {
        Assert.Equal("PROXY UNKNOWN\r\n"u8.ToArray(), ProxyHeaderWriter.WithoutClient(ProxyHeaderVersion.V1));
        Assert.Equal(BinaryHeaders.Of(0x20, 0), ProxyHeaderWriter.WithoutClient(ProxyHeaderVersion.V2));
        Assert.Empty(ProxyHeaderWriter.WithoutClient(ProxyHeaderVersion.Off));
    }

    private static AnnouncedClient Client(string source, string destination) => new(IPEndPoint.Parse(source), IPEndPoint.Parse(destination), IsTls: false);
}
