using System.Buffers.Binary;
using System.Net;
using ActorLb.Chaos.Names;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>What the name server of the trials answers, byte by byte: trials whose server is wrong show nothing.</summary>
public sealed class DnsAnswerTests
{
    private const int HeaderBytes = 12;

    /// <summary>What a resolver sends: id 0x1234, recursion wanted, one question for lb.test, type A, class IN.</summary>
    private static readonly byte[] Query =
        [0x12, 0x34, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, (byte)'l', (byte)'b', 4, (byte)'t', (byte)'e', (byte)'s', (byte)'t', 0, 0, 1, 0, 1];

    private static readonly DnsZone Zone = new("lb.test", [IPAddress.Parse("10.77.0.1"), IPAddress.Parse("10.77.0.2")], DnsManner.Answers);

    private enum Code
    {
        Good = 0,
        Malformed = 1,
        Failed = 2,
        NoSuchName = 3,
        NotImplemented = 4,
        Refused = 5,
    }

    [Fact]
    public void The_name_leads_to_its_addresses_after_the_question()
    {
        byte[] answer = DnsAnswer.To(Query, Zone)!;

        Assert.Equal([0x12, 0x34, 0x85, 0, 0, 1, 0, 2, 0, 0, 0, 0, .. Query[HeaderBytes..]], answer[..Query.Length]);
        byte[] first = [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 10, 77, 0, 1];
        byte[] second = [.. first[..^1], 2];
        Assert.Equal([.. first, .. second], answer[Query.Length..]);
    }

    [Fact]
    public void The_order_changes_with_the_question()
    {
        byte[] next = [0x12, 0x35, .. Query[2..]];

        Assert.Equal(2, DnsAnswer.To(next, Zone)![Query.Length + 15]);
    }

    [Fact]
    public void As_many_addresses_as_a_zone_may_have_fit_into_one_packet()
    {
        string longest = string.Join('.', new string('a', 63), new string('b', 63), new string('c', 63), new string('d', 61));
        var zone = new DnsZone(longest, [.. Enumerable.Repeat(IPAddress.Loopback, DnsZone.AddressesMax)], DnsManner.Answers);
        byte[] name = [.. longest.Split('.').SelectMany(l => l.Select(c => (byte)c).Prepend((byte)l.Length)), 0];

        Assert.InRange(DnsAnswer.To([.. Query[..HeaderBytes], .. name, 0, 1, 0, 1], zone)!.Length, 512 - 15, 512);
    }

    [Fact]
    public void Letters_of_any_case_are_the_same_name() => Assert.Equal(Code.Good, CodeOf(With(13, (byte)'L')));

    [Theory]
    [InlineData(28)]
    [InlineData(255)]
    public void Other_types_of_the_name_have_no_answers(byte type)
    {
        byte[] answer = DnsAnswer.To(With(22, type), Zone)!;

        Assert.Equal(Query.Length, answer.Length);
        Assert.Equal(Code.Good, (Code)(answer[3] & 0xF));
    }

    [Fact]
    public void Other_names_are_none() => Assert.Equal(Code.NoSuchName, CodeOf(With(13, (byte)'m')));

    [Fact]
    public void One_label_with_a_dot_in_it_is_another_name() =>
        Assert.Equal(Code.NoSuchName, CodeOf([.. Query[..HeaderBytes], 7, .. "lb.test"u8, 0, 0, 1, 0, 1]));

    [Fact]
    public void A_name_and_what_follows_it_may_be_cut_nowhere()
    {
        for (int length = 0; length < Query.Length; length++)
        {
            byte[]? answer = DnsAnswer.To(Query.AsSpan(0, length), Zone);
            Assert.Equal(length < HeaderBytes ? null : HeaderBytes, answer?.Length);
            Assert.True(answer is null || (Code)(answer[3] & 0xF) == Code.Malformed, $"{length} bytes");
        }
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(5, 2)]
    [InlineData(7, 1)]
    [InlineData(9, 1)]
    [InlineData(11, 1)]
    [InlineData(12, 0xC0)]
    [InlineData(12, 64)]
    [InlineData(15, 63)]
    public void What_is_not_one_whole_question_is_malformed(int at, byte value) => Assert.Equal(Code.Malformed, CodeOf(With(at, value)));

    [Fact]
    public void What_follows_the_question_is_malformed() => Assert.Equal(Code.Malformed, CodeOf([.. Query, 0]));

    [Fact]
    public void A_name_has_at_most_255_bytes()
    {
        Assert.Equal(Code.NoSuchName, CodeOf(Named(63, 63, 63, 61)));
        Assert.Equal(Code.Malformed, CodeOf(Named(63, 63, 63, 62)));

        static byte[] Named(params byte[] labels) =>
            [.. Query[..HeaderBytes], .. labels.SelectMany(l => Enumerable.Repeat((byte)'a', l).Prepend(l)), 0, 0, 1, 0, 1];
    }

    [Fact]
    public void Other_classes_are_refused() => Assert.Equal(Code.Refused, CodeOf(With(24, 3)));

    [Fact]
    public void Other_operations_are_not_implemented() => Assert.Equal(Code.NotImplemented, CodeOf(With(2, 0x28)));

    [Fact]
    public void Answers_are_not_answered() => Assert.Null(DnsAnswer.To(With(2, 0x80), Zone));

    [Fact]
    public void It_fails_as_it_is_told_to()
    {
        Assert.Equal((Code.NoSuchName, 0), As(DnsManner.NoSuchName));
        Assert.Equal((Code.Failed, 0), As(DnsManner.Fails));

        static (Code Code, int Addresses) As(DnsManner manner) => DnsAnswer.To(Query, Zone with { Manner = manner }) is { } answer
            ? ((Code)(answer[3] & 0xF), BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6)))
            : default;
    }

    [Fact]
    public void It_is_silent_when_it_is_told_to_be() => Assert.Null(DnsAnswer.To(Query, Zone with { Manner = DnsManner.Silent }));

    [Fact]
    public void No_packet_makes_it_throw()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        for (int i = 0; i < 100_000; i++)
        {
            byte[] packet = [.. Query[..random.Next(Query.Length + 1)], .. new byte[random.Next(8)]];
            for (int changes = random.Next(4); changes > 0 && packet.Length > 0; changes--)
            {
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            }

            Exception? thrown = Record.Exception(() => DnsAnswer.To(packet, Zone));
            Assert.True(thrown is null, $"seed {seed}, {Convert.ToHexString(packet)}: {thrown}");
        }
    }

    private static byte[] With(int at, byte value) => [.. Query[..at], value, .. Query[(at + 1)..]];

    private static Code CodeOf(byte[] packet) => (Code)(DnsAnswer.To(packet, Zone)![3] & 0xF);
}
