using ActorLb.Bench.Http1.Corpus;
using ActorLb.Engine.Http1;
using Xunit;

namespace ActorLb.Tests.Http1;

/// <summary>What has arrived of a message never changes what it comes to.</summary>
public sealed class PrefixTests
{
    private static readonly HeaderField[] Fields = new HeaderField[100];

    public static IEnumerable<object[]> Files() => CorpusReader.All.Select(c => c.File).Distinct().Select(f => new object[] { f });

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_prefix_of_a_head_needs_more_and_consumes_nothing(string file)
    {
        foreach (CorpusCase c in CorpusReader.All.Where(c => c.File == file && c.IsAccepted))
        {
            int head = ParseHead(c, c.Bytes).Consumed;
            for (int length = 0; length < head; length++)
            {
                Assert.True(ParseHead(c, c.Bytes.AsSpan(0, length)) == ParseResult.NeedMore, $"{c}, {length} of {head} bytes");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_follows_a_head_does_not_change_it(string file)
    {
        foreach (CorpusCase c in CorpusReader.All.Where(c => c.File == file))
        {
            ParseResult alone = ParseHead(c, c.Bytes);
            if (alone.Status == ParseStatus.NeedMore)
            {
                continue;
            }

            foreach (byte filler in (byte[])[0, (byte)'\r', (byte)'\n', (byte)':', (byte)'x', 0xff])
            {
                byte[] longer = [.. c.Bytes, .. Enumerable.Repeat(filler, 200)];
                Assert.True(ParseHead(c, longer) == alone, $"{c}, then bytes of {filler}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_refusal_names_the_same_fault_however_much_has_arrived(string file)
    {
        foreach (CorpusCase c in CorpusReader.All.Where(c => c.File == file && !c.IsAccepted))
        {
            ParseResult whole = ParseHead(c, c.Bytes);
            bool decided = false;
            int step = c.Bytes.Length > 4096 ? 61 : 1;
            for (int length = 0; length <= c.Bytes.Length; length += step)
            {
                ParseResult part = ParseHead(c, c.Bytes.AsSpan(0, length));
                Assert.True(part == whole || (!decided && part == ParseResult.NeedMore), $"{c}, {length} bytes: {part.Status} {part.Fault}");
                decided |= part != ParseResult.NeedMore;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_head_means_the_same_wherever_its_buffer_ends(string file)
    {
        // The last 64, 32 or 16 bytes of a buffer are read in other ways than the rest.
        foreach (CorpusCase c in CorpusReader.All.Where(c => c.File == file && c.IsAccepted))
        {
            int head = ParseHead(c, c.Bytes).Consumed;
            (string Name, string Value)[] expected = [.. Read(c, c.Bytes)];
            for (int more = 0; more <= 130; more++)
            {
                byte[] longer = new byte[head + more];
                c.Bytes.AsSpan(0, head).CopyTo(longer);
                Assert.True(expected.SequenceEqual(Read(c, longer)), $"{c}, {more} bytes more");
            }
        }
    }

    [Fact]
    public void Nothing_needs_more() => Assert.Equal(ParseResult.NeedMore, RequestParser.Parse([], MessageReading.UsualLimits, Fields, out _));

    private static List<(string Name, string Value)> Read(CorpusCase c, byte[] bytes)
    {
        FieldSummary summary = c.IsRequest ? Request(bytes) : Response(c, bytes);
        return MessageText.Fields(bytes, Fields.AsSpan(0, summary.Count));
    }

    private static FieldSummary Request(byte[] bytes)
    {
        RequestParser.Parse(bytes, MessageReading.UsualLimits, Fields, out RequestHead head);
        return head.Fields;
    }

    private static FieldSummary Response(CorpusCase c, byte[] bytes)
    {
        ResponseParser.Parse(bytes, Method(c), c.Says("asked"), MessageReading.UsualLimits, Fields, out ResponseHead head);
        return head.Fields;
    }

    private static ParseResult ParseHead(CorpusCase c, ReadOnlySpan<byte> bytes) => c.IsRequest
        ? RequestParser.Parse(bytes, MessageReading.UsualLimits, Fields, out _)
        : ResponseParser.Parse(bytes, Method(c), c.Says("asked"), MessageReading.UsualLimits, Fields, out _);

    private static RequestMethod Method(CorpusCase c) => c["to"] == "HEAD" ? RequestMethod.Head : RequestMethod.Get;
}
