using System.Text;
using ActorLb.Engine.Http2.Hpack;
using Xunit;
using Xunit.Abstractions;

namespace ActorLb.Tests.Http2.Hpack;

/// <summary>What holds for any blocks, on connections of many of them.</summary>
public sealed class BlockPropertyTests(ITestOutputHelper output)
{
    private const int Connections = 150;
    private const int BlocksOfEach = 20;

    [Fact]
    public void What_the_encoder_writes_the_decoder_reads()
    {
        var random = new Random(Seed());
        for (int i = 0; i < 1000; i++)
        {
            string[][] fields = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => new[] { AnyName(random), AnyValue(random) })];
            var block = new byte[32 * 1024];
            int length = random.Next(2) == 0 ? HpackEncoder.WriteTableSize(0, block) : 0;
            foreach (string[] field in fields)
            {
                Assert.True(HpackEncoder.TryWrite(Encoding.Latin1.GetBytes(field[0]), Encoding.Latin1.GetBytes(field[1]), block.AsSpan(length), out int written));
                length += written;
            }

            var decoder = new HpackDecoder(4096);
            Assert.Equal(HpackStatus.Done, HeaderBlocks.Decode(decoder, block.AsSpan(0, length), out string[] read));
            Assert.Equal(fields.Select(f => f[0] + ": " + f[1]), read);
            Assert.Equal(0, decoder.Table.Count);
        }
    }

    [Fact]
    public void A_table_is_what_a_plain_list_would_be()
    {
        var random = new Random(Seed());
        for (int i = 0; i < Connections; i++)
        {
            int max = random.Next(5) * 100;
            var decoder = new HpackDecoder(max);
            var peer = new PlainPeer(random, max);
            for (int j = 0; j < BlocksOfEach; j++)
            {
                byte[] block = peer.NextBlock(out string[] fields);
                Assert.Equal(HpackStatus.Done, HeaderBlocks.Decode(decoder, block, out string[] read));
                Assert.Equal(fields, read);
                Assert.Equal(peer.Table, HeaderBlocks.Entries(decoder.Table));
                Assert.Equal(peer.Size, decoder.Table.Size);
            }
        }
    }

    [Fact]
    public void Blocks_without_room_leave_the_same_table()
    {
        var random = new Random(Seed());
        int tooLarge = 0;
        for (int i = 0; i < Connections; i++)
        {
            int max = random.Next(5) * 100;
            var decoder = new HpackDecoder(max);
            var peer = new PlainPeer(random, max);
            for (int j = 0; j < BlocksOfEach; j++)
            {
                byte[] block = peer.NextBlock(out string[] fields);
                var text = new byte[random.Next(200)];
                var found = new HpackField[random.Next(8)];
                HpackStatus status = decoder.Decode(block, text, found, out int count, out int length);
                tooLarge += status == HpackStatus.TooLarge ? 1 : 0;
                Assert.NotEqual(HpackStatus.Broken, status);
                Assert.Equal(status == HpackStatus.Done, count == fields.Length);
                Assert.Equal(fields.Take(count), found.Take(count).Select(f => HeaderBlocks.Line(f, text)));
                Assert.Equal(found.Take(count).Sum(f => f.NameLength + f.ValueLength), length);
                Assert.Equal(peer.Table, HeaderBlocks.Entries(decoder.Table));
            }
        }

        Assert.NotEqual(0, tooLarge);
    }

    [Fact]
    public void Random_and_damaged_blocks_end_and_write_nothing_outside()
    {
        var random = new Random(Seed());
        var statuses = new int[3];
        for (int i = 0; i < 20_000; i++)
        {
            int max = random.Next(4) * 64;
            var decoder = new HpackDecoder(max);
            var peer = new PlainPeer(random, max);
            for (int j = 0; j < 4; j++)
            {
                byte[] block = random.Next(4) == 0 ? AnyBytes(random, 40) : Damaged(random, peer.NextBlock(out _));
                HpackStatus status = DecodeBetweenGuards(random, decoder, block);
                statuses[(int)status]++;
                Assert.InRange(decoder.Table.Size, 0, max);
                Assert.Equal(decoder.Table.Size, HeaderBlocks.Entries(decoder.Table).Sum(e => e.Length - 2 + 32));
                if (status == HpackStatus.Broken)
                {
                    break;
                }
            }
        }

        Assert.All(statuses, s => Assert.NotEqual(0, s));
    }

    private static HpackStatus DecodeBetweenGuards(Random random, HpackDecoder decoder, byte[] block)
    {
        const int Guard = 8;
        int room = random.Next(300);
        int fieldRoom = random.Next(12);
        var text = new byte[room + (2 * Guard)];
        Array.Fill(text, (byte)0xa5);
        var fields = new HpackField[fieldRoom + 2];
        HpackStatus status = decoder.Decode(block, text.AsSpan(Guard, room), fields.AsSpan(1, fieldRoom), out int count, out int length);
        Assert.All(text[..Guard].Concat(text[^Guard..]), b => Assert.Equal(0xa5, b));
        Assert.Equal((default, default), (fields[0], fields[^1]));
        Assert.InRange(length, 0, room);
        Assert.InRange(count, 0, fieldRoom);
        int at = 0;
        foreach (HpackField field in fields.AsSpan(1, count))
        {
            Assert.Equal((at, at + field.NameLength), (field.NameStart, field.ValueStart));
            at = field.ValueStart + field.ValueLength;
        }

        Assert.Equal(length, at);
        return status;
    }

    private static byte[] Damaged(Random random, byte[] block)
    {
        for (int i = random.Next(3); i > 0 && block.Length > 0; i--)
        {
            block[random.Next(block.Length)] = (byte)random.Next(256);
        }

        return random.Next(4) == 0 ? block[..random.Next(block.Length + 1)] : block;
    }

    private static byte[] AnyBytes(Random random, int lengthMax)
    {
        var bytes = new byte[random.Next(lengthMax)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string AnyName(Random random) => random.Next(3) switch
    {
        0 => Encoding.ASCII.GetString(HpackStaticTable.NameOf(random.Next(1, 62))),
        _ => new string([.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => (char)('a' + random.Next(26)))]),
    };

    private static string AnyValue(Random random) => random.Next(3) switch
    {
        0 => Encoding.ASCII.GetString(HpackStaticTable.ValueOf(random.Next(1, 62))),
        1 => Encoding.Latin1.GetString(AnyBytes(random, 60)),
        _ => new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => (char)(' ' + random.Next(95)))]),
    };

    private int Seed()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return seed;
    }

    /// <summary>A peer that uses all that there is, and keeps its table as a list.</summary>
    private sealed class PlainPeer(Random random, int limitMax)
    {
        private readonly List<(string Name, string Value)> _table = [];
        private readonly int _limitMax = limitMax;
        private int _limit = limitMax;

        public IEnumerable<string> Table => _table.Select(e => e.Name + ": " + e.Value);

        public int Size => _table.Sum(e => e.Name.Length + e.Value.Length + 32);

        public byte[] NextBlock(out string[] fields)
        {
            List<byte> block = [];
            List<string> expected = [];
            for (int i = random.Next(8) == 0 ? random.Next(3) : 0; i > 0; i--)
            {
                _limit = random.Next(_limitMax + 1);
                Trim(0);
                block.AddRange(HeaderBlocks.Integer(_limit, 5, 0x20));
            }

            for (int i = random.Next(10); i > 0; i--)
            {
                (string name, string value) = Next(block);
                expected.Add(name + ": " + value);
            }

            fields = [.. expected];
            return [.. block];
        }

        private (string Name, string Value) Next(List<byte> block)
        {
            int index = random.Next(1, 62 + _table.Count);
            if (random.Next(3) == 0)
            {
                block.AddRange(HeaderBlocks.Integer(index, 7, 0x80));
                return Field(index);
            }

            byte kind = random.Next(4) switch { 0 => 0, 1 => 0x10, _ => 0x40 };
            bool isCoded = random.Next(2) == 0;
            string value = random.Next(10) == 0 ? new string('v', random.Next(500)) : Encoding.Latin1.GetString(AnyBytes(random, 30));
            string name = random.Next(2) == 0 ? AnyName(random) : Field(index).Name;
            block.AddRange(name == Field(index).Name
                ? HeaderBlocks.LiteralOf(kind, index, value, isCoded)
                : HeaderBlocks.Literal(kind, name, value, isCoded));
            if (kind == 0x40)
            {
                int size = name.Length + value.Length + 32;
                Trim(size);
                if (size <= _limit)
                {
                    _table.Insert(0, (name, value));
                }
            }

            return (name, value);
        }

        private (string Name, string Value) Field(int index) => index > 61
            ? _table[index - 62]
            : (Encoding.ASCII.GetString(HpackStaticTable.NameOf(index)), Encoding.ASCII.GetString(HpackStaticTable.ValueOf(index)));

        private void Trim(int size)
        {
            while (_table.Count > 0 && Size + size > _limit)
            {
                _table.RemoveAt(_table.Count - 1);
            }
        }
    }
}
