using System.Net;
using ActorLb.Engine.ProxyProtocol;
using Xunit;

namespace ActorLb.Tests.ProxyProtocol;

public sealed class BinaryHeaderTests
{
    private static readonly byte[] Plain = BinaryHeaders.Of("192.0.2.1:56324", "203.0.113.9:443");

    [Theory]
    [InlineData("192.0.2.1:56324", "203.0.113.9:443")]
    [InlineData("0.0.0.0:0", "255.255.255.255:65535")]
    [InlineData("[2001:db8::1]:1", "[::1]:80")]
    public void A_header_says_who_comes_and_where_to(string source, string destination)
    {
        byte[] header = BinaryHeaders.Of(source, destination);
        ProxyHeaderResult result = ProxyHeaderParser.Parse([.. header, .. "GET /"u8]);

        Assert.Equal((ProxyHeaderStatus.Complete, header.Length), (result.Status, result.Consumed));
        Assert.Equal(new AnnouncedClient(IPEndPoint.Parse(source), IPEndPoint.Parse(destination), IsTls: false), result.Client);
    }

    [Fact]
    public void A_mapped_address_is_the_one_of_IPv4()
    {
        byte[] header = BinaryHeaders.Of("[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:80");
        AnnouncedClient? client = ProxyHeaderParser.Parse(header).Client;

        Assert.Equal((IPEndPoint.Parse("192.0.2.1:1"), IPEndPoint.Parse("192.0.2.2:80")), (client!.Source, client.Destination));
    }

    [Theory]
    [InlineData(0x00, false)]
    [InlineData(0x01, true)]
    [InlineData(0x02, false)]
    [InlineData(0x07, true)]
    public void A_client_that_speaks_TLS_to_the_proxy_is_said_to(byte flags, bool isTls)
    {
        byte[] header = BinaryHeaders.Of("192.0.2.1:1", "192.0.2.2:80", [.. BinaryHeaders.Extension(0x05, 1, 2, 3), .. BinaryHeaders.Tls(flags)]);

        Assert.Equal(isTls, ProxyHeaderParser.Parse(header).Client!.IsTls);
    }

    public static TheoryData<byte, byte, int> Nameless => new()
    {
        { 0x20, 0x00, 0 },
        { 0x20, 0x11, 12 },
        { 0x20, 0x11, 3 },
        { 0x20, 0xFF, 5 },
        { 0x21, 0x00, 0 },
        { 0x21, 0x12, 12 },
        { 0x21, 0x22, 36 },
        { 0x21, 0x31, 216 },
        { 0x21, 0x32, 216 },
    };

    [Theory]
    [MemberData(nameof(Nameless))]
    public void A_proxy_that_speaks_for_itself_or_for_no_address_names_nobody(byte command, byte family, int length)
    {
        byte[] header = BinaryHeaders.Of(command, family, new byte[length]);

        Assert.Equal(ProxyHeaderResult.Complete(header.Length), ProxyHeaderParser.Parse([.. header, 1]));
    }

    [Fact]
    public void Every_part_of_a_header_needs_more()
    {
        byte[] header = BinaryHeaders.Of("[2001:db8::1]:1", "[::1]:80", BinaryHeaders.Tls(1));
        for (int length = 0; length < header.Length; length++)
        {
            Assert.Equal(ProxyHeaderResult.NeedMore, ProxyHeaderParser.Parse(header.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_byte_that_is_another_one_never_reads_what_is_not_there()
    {
        byte[] header = BinaryHeaders.Of("192.0.2.1:56324", "203.0.113.9:443", BinaryHeaders.Tls(1));
        for (int at = 0; at < header.Length; at++)
        {
            for (int value = 0; value <= byte.MaxValue; value++)
            {
                byte[] bytes = [.. header];
                bytes[at] = (byte)value;
                ProxyHeaderResult result = ProxyHeaderParser.Parse(bytes);

                Assert.True(result.Consumed <= bytes.Length);
                Assert.True(result.IsComplete || result.Consumed == 0);
                Assert.True(at >= BinaryHeaders.Signature.Length || value == header[at] || result.Fault == ProxyHeaderFault.Missing, $"{value} at {at}: {result}");
            }
        }
    }

    public static TheoryData<byte, byte, int, ProxyHeaderFault> Refused => new()
    {
        { 0x11, 0x11, 12, ProxyHeaderFault.Version },
        { 0x31, 0x11, 12, ProxyHeaderFault.Version },
        { 0x22, 0x11, 12, ProxyHeaderFault.Command },
        { 0x2F, 0x11, 12, ProxyHeaderFault.Command },
        { 0x21, 0x01, 12, ProxyHeaderFault.Family },
        { 0x21, 0x10, 12, ProxyHeaderFault.Family },
        { 0x21, 0x13, 12, ProxyHeaderFault.Family },
        { 0x21, 0x41, 216, ProxyHeaderFault.Family },
        { 0x21, 0x11, 11, ProxyHeaderFault.Addresses },
        { 0x21, 0x12, 0, ProxyHeaderFault.Addresses },
        { 0x21, 0x21, 35, ProxyHeaderFault.Addresses },
        { 0x21, 0x31, 215, ProxyHeaderFault.Addresses },
        { 0x21, 0x11, 13, ProxyHeaderFault.Extensions },
        { 0x21, 0x11, 14, ProxyHeaderFault.Extensions },
        { 0x20, 0x11, BinaryHeader.LengthMax + 1, ProxyHeaderFault.TooLong },
        { 0x21, 0x11, ushort.MaxValue, ProxyHeaderFault.TooLong },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_header_that_the_specification_does_not_have_is_refused(byte command, byte family, int length, ProxyHeaderFault fault) =>
        Assert.Equal(ProxyHeaderResult.Rejected(fault), ProxyHeaderParser.Parse(BinaryHeaders.Of(command, family, new byte[length])));

    [Fact]
    public void What_can_be_refused_is_refused_before_the_rest_has_come()
    {
        Assert.Equal(ProxyHeaderFault.Version, ProxyHeaderParser.Parse([.. BinaryHeaders.Signature, 0x11]).Fault);
        Assert.Equal(ProxyHeaderFault.TooLong, ProxyHeaderParser.Parse([.. BinaryHeaders.Signature, 0x20, 0, 0x10, 1]).Fault);
        Assert.Equal(ProxyHeaderFault.Addresses, ProxyHeaderParser.Parse([.. BinaryHeaders.Signature, 0x21, 0x11, 0, 3]).Fault);
    }

    [Fact]
    public void A_header_of_the_greatest_length_is_read()
    {
        byte[] header = BinaryHeaders.Of(0x20, 0, new byte[BinaryHeader.LengthMax]);

        Assert.Equal(ProxyHeaderResult.Complete(ProxyHeaderParser.BytesMax), ProxyHeaderParser.Parse(header));
    }

    public static TheoryData<byte[], ProxyHeaderFault> Extensions => new()
    {
        { [0x04, 0, 0], ProxyHeaderFault.None },
        { [0xE0, 0, 2, 1, 2], ProxyHeaderFault.None },
        { [0xE0, 0, 2, 1], ProxyHeaderFault.Extensions },
        { [0xE0, 0xFF, 0xFF, 1], ProxyHeaderFault.Extensions },
        { [0xE0, 0, 1, 1, 9], ProxyHeaderFault.Extensions },
        { [0x20, 0, 4, 1, 0, 0, 0], ProxyHeaderFault.Extensions },
        { [0x20, 0, 0], ProxyHeaderFault.Extensions },
        { [0x03, 0, 3, 1, 2, 3], ProxyHeaderFault.Extensions },
        { [0x03, 0, 4, 1, 2, 3, 4], ProxyHeaderFault.Checksum },
    };

    [Theory]
    [MemberData(nameof(Extensions))]
    public void Extensions_end_where_the_header_does(byte[] extensions, ProxyHeaderFault fault) =>
        Assert.Equal(fault, ProxyHeaderParser.Parse(BinaryHeaders.Of("192.0.2.1:1", "192.0.2.2:80", extensions)).Fault);

    [Fact]
    public void A_checksum_holds_for_all_bytes_but_its_own()
    {
        byte[] header = BinaryHeaders.Of("192.0.2.1:1", "192.0.2.2:80", [0x03, 0, 4, 0, 0, 0, 0, 0x04, 0, 1, 9]);
        uint crc = Crc32C(header);
        for (int i = 0; i < 4; i++)
        {
            header[16 + 12 + 3 + i] = (byte)(crc >> (24 - (8 * i)));
        }

        Assert.True(ProxyHeaderParser.Parse(header).IsComplete);
        header[^1] ^= 1;
        Assert.Equal(ProxyHeaderFault.Checksum, ProxyHeaderParser.Parse(header).Fault);
        Assert.Equal(0xE3069283u, Crc32C("123456789"u8.ToArray()));
    }

    [Fact]
    public void The_client_begins_where_the_header_ends() => Assert.Equal(28, ProxyHeaderParser.Parse([.. Plain, .. Plain]).Consumed);

    // Bit by bit, as RFC 3720, B.4 has it.
    private static uint Crc32C(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
            }
        }

        return ~crc;
    }
}
