using ActorLb.Bench.Http1.Corpus;
using ActorLb.Engine.Http1;
using Xunit;
using Xunit.Abstractions;

namespace ActorLb.Tests.Http1;

/// <summary>A chunked body comes out the same, however it arrives.</summary>
public sealed class ChunkSplitTests(ITestOutputHelper output)
{
    private static readonly HeaderField[] Trailers = new HeaderField[100];

    [Fact]
    public void The_same_bytes_in_any_split_give_the_same_body_trailers_and_fault()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        foreach (byte[] body in Bodies())
        {
            Decoded whole = Decode(body, _ => body.Length);
            Same(whole, Decode(body, _ => 1), "byte by byte");
            for (int i = 0; i < 20; i++)
            {
                Same(whole, Decode(body, left => random.Next(1, Math.Min(left, 40) + 1)), $"seed {seed}");
            }
        }

        void Same(Decoded expected, Decoded actual, string how)
        {
            Assert.True(expected.End == actual.End && expected.Data.SequenceEqual(actual.Data) && expected.Trailers.SequenceEqual(actual.Trailers), how);
            Assert.True(expected.Consumed == actual.Consumed || actual.End.Status != ChunkStatus.End, how);
        }
    }

    [Fact]
    public void Data_can_be_passed_by_the_decoder()
    {
        byte[] body = [.. "5\r\nhello\r\n3\r\nxyz\r\n0\r\n\r\n"u8];
        var decoder = default(ChunkedDecoder);

        ChunkResult first = decoder.Next(body.AsSpan(0, 5), MessageReading.UsualLimits, Trailers);
        Assert.Equal((ChunkStatus.Data, 5, 3), (first.Status, first.Consumed, (int)decoder.Remaining));
        decoder.Skip(3);
        ChunkResult second = decoder.Next(body.AsSpan(8), MessageReading.UsualLimits, Trailers);

        Assert.Equal((ChunkStatus.Data, new ByteRange(5, 3)), (second.Status, second.Data));
        Assert.Equal(ChunkStatus.End, decoder.Next("0\r\n\r\n"u8, MessageReading.UsualLimits, Trailers).Status);
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Skip(1));
    }

    [Fact]
    public void A_decoder_that_is_done_consumes_nothing_more()
    {
        var decoder = default(ChunkedDecoder);

        Assert.Equal((ChunkStatus.End, 5), decoder.Next("0\r\n\r\nGET"u8, MessageReading.UsualLimits, Trailers) is var end ? (end.Status, end.Consumed) : default);
        Assert.Equal((ChunkStatus.End, 0), decoder.Next("GET"u8, MessageReading.UsualLimits, Trailers) is var again ? (again.Status, again.Consumed) : default);
    }

    private static IEnumerable<byte[]> Bodies()
    {
        foreach (CorpusCase c in CorpusReader.All)
        {
            MessageReading reading = MessageReading.Of(c);
            if (reading.Start.Contains("chunked"))
            {
                yield return c.Bytes[reading.HeadLength..];
            }
        }
    }

    private static Decoded Decode(byte[] body, Func<int, int> next)
    {
        var decoder = default(ChunkedDecoder);
        var data = new List<byte>();
        int consumed = 0;
        int arrived = 0;
        while (true)
        {
            ReadOnlySpan<byte> input = body.AsSpan(consumed, arrived - consumed);
            ChunkResult result = decoder.Next(input, MessageReading.UsualLimits, Trailers);
            Assert.True(result.Status != ChunkStatus.NeedMore || result.Consumed == 0);
            Assert.True(result.Status != ChunkStatus.Data || !result.Data.IsEmpty);
            data.AddRange(result.Data.Of(input));
            consumed += result.Consumed;
            if (result.Status is ChunkStatus.End or ChunkStatus.Rejected || (result.Status == ChunkStatus.NeedMore && arrived == body.Length))
            {
                return new Decoded(data, MessageText.Fields(input, Trailers.AsSpan(0, result.TrailerCount)), (result.Status, result.Fault), consumed);
            }

            arrived += result.Status == ChunkStatus.NeedMore ? next(body.Length - arrived) : 0;
        }
    }

    private sealed record Decoded(
        List<byte> Data, List<(string Name, string Value)> Trailers, (ChunkStatus Status, MessageFault Fault) End, int Consumed);
}
