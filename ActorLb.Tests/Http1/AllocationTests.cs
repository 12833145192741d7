using ActorLb.Bench.Http1.Corpus;
using ActorLb.Engine.Http1;
using Xunit;

namespace ActorLb.Tests.Http1;

/// <summary>The budget of a message: no byte of the managed heap, whether it is read, refused or written.</summary>
public sealed class AllocationTests
{
    private static readonly HeaderField[] Fields = new HeaderField[100];
    private static readonly byte[] Output = new byte[64 * 1024];

    [Fact]
    public void Reading_refusing_and_writing_messages_allocates_nothing()
    {
        CorpusCase[] cases = [.. CorpusReader.All];
        bool[] toHead = [.. cases.Select(c => c["to"] == "HEAD")];
        bool[] asked = [.. cases.Select(c => c.Says("asked"))];
        long allocated = 0;

        // The first rounds are the runtime's: it makes type tables and compiles.
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < cases.Length; i++)
            {
                Exercise(cases[i].Bytes, i, cases, toHead, asked);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static void Exercise(byte[] bytes, int i, CorpusCase[] cases, bool[] toHead, bool[] asked)
    {
        if (!cases[i].IsRequest)
        {
            Response(bytes, toHead[i] ? RequestMethod.Head : RequestMethod.Get, asked[i]);
            return;
        }

        ParseResult result = RequestParser.Parse(bytes, MessageReading.UsualLimits, Fields, out RequestHead head);
        if (result.IsComplete)
        {
            var target = new HeadBuffer(Output);
            RequestWriter.WriteStart(ref target, bytes, head, "backend"u8);
            RequestWriter.WriteFields(ref target, bytes, Fields.AsSpan(0, head.Fields.Count), KnownFieldSet.None);
            RequestWriter.WriteFraming(ref target, head.Framing, head.ContentLength);
            RequestWriter.WriteEnd(ref target);
            Chunks(bytes.AsSpan(result.Consumed), head.Framing);
        }
    }

    private static void Response(byte[] bytes, RequestMethod method, bool asked)
    {
        ParseResult result = ResponseParser.Parse(bytes, method, asked, MessageReading.UsualLimits, Fields, out ResponseHead head);
        if (result.IsComplete)
        {
            var target = new HeadBuffer(Output);
            ResponseWriter.WriteStart(ref target, bytes, head);
            ResponseWriter.WriteFields(ref target, bytes, Fields.AsSpan(0, head.Fields.Count), KnownFieldSet.None);
            ResponseWriter.WriteFraming(ref target, head, head.Framing);
            ResponseWriter.WriteEnd(ref target);
            Chunks(bytes.AsSpan(result.Consumed), head.Framing);
        }
    }

    private static void Chunks(ReadOnlySpan<byte> bytes, BodyFraming framing)
    {
        var decoder = default(ChunkedDecoder);
        while (framing == BodyFraming.Chunked && decoder.Next(bytes, MessageReading.UsualLimits, Fields) is { Status: ChunkStatus.Data } piece)
        {
            var target = new HeadBuffer(Output);
            ChunkWriter.WriteSizeLine(ref target, piece.Data.Length);
            bytes = bytes[piece.Consumed..];
        }
    }
}
