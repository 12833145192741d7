using System.Text;
using ActorLb.Engine.Http2.Hpack;
using Xunit;

namespace ActorLb.Tests.Http2.Hpack;

/// <summary>The budget of a header block: no byte of the managed heap, whether it is written, read or refused.</summary>
public sealed class AllocationTests
{
    private static readonly byte[][] Fields =
    [
        .. new[] { ":method", "POST", ":path", "/a/b", "content-type", "application/grpc", "authorization", "Bearer abcdefghij", "x-request-id", "0123456789abcdef" }
            .Select(s => Encoding.ASCII.GetBytes(s)),
    ];

    private static readonly byte[] Added = [.. HeaderBlocks.Literal(0x40, "name", "value", isCoded: true), 0xbe, .. HeaderBlocks.LiteralOf(0x40, 62, "other")];
    private static readonly byte[] Broken = [0x82, 0x80];

    [Fact]
    public void Blocks_are_written_and_read_without_allocation()
    {
        var decoder = new HpackDecoder(4096);
        var block = new byte[1024];
        var text = new byte[1024];
        var fields = new HpackField[32];
        long allocated = 0;

        // The first rounds make the table, and compile.
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                Exercise(decoder, block, text, fields);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static void Exercise(HpackDecoder decoder, byte[] block, byte[] text, HpackField[] fields)
    {
        int length = 0;
        for (int i = 0; i < Fields.Length; i += 2)
        {
            HpackEncoder.TryWrite(Fields[i], Fields[i + 1], block.AsSpan(length), out int written);
            length += written;
        }

        decoder.Decode(block.AsSpan(0, length), text, fields, out _, out _);
        decoder.Decode(Added, text, fields, out _, out _);
        decoder.Decode(Added, text.AsSpan(0, 4), fields, out _, out _);
        decoder.Decode(Broken, text, fields, out _, out _);
    }
}
