using System.Net;
using System.Text;
using ActorLb.Engine.ProxyProtocol;
using Xunit;

namespace ActorLb.Tests.ProxyProtocol;

public sealed class TextHeaderTests
{
    private const string Longest = "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe 65535 65535\r\n";

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\r\n", "192.0.2.1:56324", "203.0.113.9:443")]
    [InlineData("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", "0.0.0.0:0", "255.255.255.255:65535")]
    [InlineData("PROXY TCP6 2001:db8::1 ::1 1 80\r\n", "[2001:db8::1]:1", "[::1]:80")]
    [InlineData("PROXY TCP6 2001:DB8:0:0:0:0:0:AB :: 1 80\r\n", "[2001:db8::ab]:1", "[::]:80")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:c000:202 1 80\r\n", "192.0.2.1:1", "192.0.2.2:80")]
    [InlineData(Longest, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe]:65535")]
    public void A_line_says_who_comes_and_where_to(string line, string source, string destination)
    {
        ProxyHeaderResult result = Parse(line + "GET / HTTP/1.1\r\n");

        Assert.Equal((ProxyHeaderStatus.Complete, line.Length), (result.Status, result.Consumed));
        Assert.Equal(new AnnouncedClient(IPEndPoint.Parse(source), IPEndPoint.Parse(destination), IsTls: false), result.Client);
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY UNKNOWN 192.0.2.1 nonsense -1  \r\n")]
    [InlineData("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n")]
    public void Who_is_unknown_is_complete_and_names_nobody(string line)
    {
        ProxyHeaderResult result = Parse(line + "x");

        Assert.Equal((ProxyHeaderStatus.Complete, line.Length), (result.Status, result.Consumed));
        Assert.Null(result.Client);
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\r\n")]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData(Longest)]
    public void Every_part_of_a_line_needs_more(string line)
    {
        for (int length = 0; length < line.Length; length++)
        {
            Assert.Equal(ProxyHeaderResult.NeedMore, Parse(line[..length]));
        }
    }

    [Fact]
    public void A_byte_that_is_another_one_never_makes_another_length()
    {
        const string line = "PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\r\n";
        for (int at = 0; at < line.Length; at++)
        {
            for (int value = 0; value <= byte.MaxValue; value++)
            {
                byte[] bytes = Encoding.ASCII.GetBytes(line + "GET");
                bytes[at] = (byte)value;
                ProxyHeaderResult result = ProxyHeaderParser.Parse(bytes);
                bool mayBeRead = bytes[at] == line[at] || (at >= "PROXY TCP4 ".Length && at < line.Length - 2 && (char.IsAsciiDigit((char)value) || value is '.' or ' '));

                Assert.True(result.Status == ProxyHeaderStatus.Rejected || (mayBeRead && result.Consumed == line.Length), $"{value} at {at}: {result}");
            }
        }
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.01 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY TCP4 192.0.2 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY TCP4 192.0.2.256 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1.1 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY TCP4 192.0..1 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY TCP4 0xC0.0.2.1 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY TCP4 3221225985 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY TCP4 ::1 ::1 1 80\r\n")]
    [InlineData("PROXY TCP6 192.0.2.1 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY TCP6 [::1] ::1 1 80\r\n")]
    [InlineData("PROXY TCP6 fe80::1%eth0 ::1 1 80\r\n")]
    [InlineData("PROXY TCP6 ::1/64 ::1 1 80\r\n")]
    [InlineData("PROXY TCP6 1::2::3 ::1 1 80\r\n")]
    [InlineData("PROXY TCP6 12345::1 ::1 1 80\r\n")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7 ::1 1 80\r\n")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.01 ::1 1 80\r\n")]
    [InlineData("PROXY TCP6 ::192.0.2.1:1 ::1 1 80\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 65536 80\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 1 99999\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 1 100000\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 01 80\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 +1 80\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 -1 80\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 1 80 \r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 1  80\r\n")]
    [InlineData("PROXY TCP4  192.0.2.1 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1\t203.0.113.9 1 80\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 1 \r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 1 80 90\r\n")]
    [InlineData("PROXY TCP4\r\n")]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY TCP5 192.0.2.1 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY tcp4 192.0.2.1 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY UDP4 192.0.2.1 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY UNKNOWNS\r\n")]
    [InlineData("PROXY unknown\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 1 80\n")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 1 80\rG")]
    [InlineData("PROXY TCP4 192.0.2.1 203.0.113.9 1 80\r\r\n")]
    [InlineData("PROXY UNKNOWN\n\r\n")]
    [InlineData("PROXY UNKNOWN a\rb\r\n")]
    public void A_line_that_no_proxy_writes_is_refused(string line) =>
        Assert.Equal(ProxyHeaderResult.Rejected(ProxyHeaderFault.Line), Parse(line));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("proxy TCP4 192.0.2.1 203.0.113.9 1 80\r\n")]
    [InlineData("PROXY\tTCP4")]
    [InlineData("PROXZ")]
    [InlineData(" PROXY")]
    [InlineData("\0")]
    public void What_begins_otherwise_is_no_header(string text) =>
        Assert.Equal(ProxyHeaderResult.Rejected(ProxyHeaderFault.Missing), Parse(text));

    [Theory]
    [InlineData(105, true)]
    [InlineData(106, false)]
    [InlineData(107, false)]
    [InlineData(1000, false)]
    public void A_line_ends_within_107_bytes(int length, bool mayGoOn)
    {
        string line = "PROXY UNKNOWN ".PadRight(length, 'x');

        Assert.Equal(mayGoOn ? ProxyHeaderStatus.Complete : ProxyHeaderStatus.Rejected, Parse(line + "\r\n").Status);
        Assert.Equal(mayGoOn ? ProxyHeaderFault.None : ProxyHeaderFault.TooLong, Parse(line + "\r\n").Fault);
    }

    private static ProxyHeaderResult Parse(string text) => ProxyHeaderParser.Parse(Encoding.Latin1.GetBytes(text));
}
