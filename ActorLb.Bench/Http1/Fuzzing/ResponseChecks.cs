using ActorLb.Bench.Http1.Corpus;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>What must hold for any bytes that a backend may send as a response.</summary>
internal sealed class ResponseChecks(GuardedMemory memory, Random random)
{
    private const int Cuts = 3;

    private readonly HeaderField[] _fields = new HeaderField[200];
    private readonly HeaderField[] _others = new HeaderField[200];
    private readonly byte[] _output = new byte[128 * 1024];
    private readonly ChunkChecks _chunks = new(memory, random);

    /// <returns>What became of head and body.</returns>
    /// <exception cref="FuzzFailure">Something does not hold.</exception>
    public ParseResult Check(byte[] bytes, MessageLimits limits)
    {
        RequestMethod method = random.Next(5) == 0 ? RequestMethod.Head : RequestMethod.Get;
        bool asked = random.Next(2) == 0;
        ParseResult whole = ResponseParser.Parse(memory.AtEnd(bytes), method, asked, limits, _fields, out ResponseHead head);
        Agree(bytes, method, asked, limits, whole, head);
        for (int i = 0; i < Cuts; i++)
        {
            int length = random.Next(bytes.Length + 1);
            ReadOnlySpan<byte> place = random.Next(2) == 0 ? memory.AtEnd(bytes.AsSpan(0, length)) : memory.AtStart(bytes.AsSpan(0, length));
            ParseResult part = ResponseParser.Parse(place, method, asked, limits, _others, out _);
            bool isWhole = whole.IsComplete ? length >= whole.Consumed : whole.Status == ParseStatus.Rejected && part != ParseResult.NeedMore;
            FuzzFailure.ThrowIf(part != (isWhole ? whole : ParseResult.NeedMore), $"{part.Status} {part.Fault} after {length} bytes, {whole.Status} {whole.Fault} at the end", bytes);
        }

        if (whole.IsComplete)
        {
            Rewrite(bytes, method, asked, limits, head);
            if (head.Framing == BodyFraming.Chunked && _chunks.Check(bytes[whole.Consumed..], limits) is var fault and not MessageFault.None)
            {
                return ParseResult.Rejected(fault);
            }
        }

        return whole;
    }

    private void Agree(byte[] bytes, RequestMethod method, bool asked, in MessageLimits limits, ParseResult whole, in ResponseHead head)
    {
        PlainResponse? plain = PlainResponse.Of(MessageText.Of(bytes), method == RequestMethod.Head, asked, limits);
        FuzzFailure.ThrowIf(plain is not null != whole.IsComplete, $"{whole.Status} {whole.Fault}, but the grammar says otherwise", bytes);
        if (plain is null)
        {
            return;
        }

        FuzzFailure.ThrowIf(plain.Head.Length != whole.Consumed, $"consumes {whole.Consumed} of {plain.Head.Length}", bytes);
        FuzzFailure.ThrowIf(!plain.Head.Fields.SequenceEqual(MessageText.Fields(bytes, _fields.AsSpan(0, head.Fields.Count))), "other fields", bytes);
        FuzzFailure.ThrowIf(plain.Head.Start[1] != $"{head.Status}" || plain.Head.Start[2] != MessageText.Of(head.Reason.Of(bytes)), "another status", bytes);
        FuzzFailure.ThrowIf(plain.Framing != head.Framing || plain.Length != head.ContentLength, $"another body: {head.Framing} {head.ContentLength}", bytes);
        FuzzFailure.ThrowIf(plain.KeepAlive != head.KeepAlive, $"keeps: {head.KeepAlive}", bytes);
    }

    private void Rewrite(byte[] bytes, RequestMethod method, bool asked, in MessageLimits limits, in ResponseHead head)
    {
        MessageLimits roomy = limits with { LineBytesMax = _output.Length, FieldBytesMax = _output.Length, FieldCountMax = _others.Length };
        byte[] written = Write(bytes, head, _fields);
        ParseResult again = ResponseParser.Parse(memory.AtEnd(written), method, asked, roomy, _others, out ResponseHead other);
        FuzzFailure.ThrowIf(!again.IsComplete || again.Consumed != written.Length, $"written as {CorpusText.FromBytes(written)}: {again.Status} {again.Fault}", bytes);

        // 204, 205 and 1xx lose the length that they must not have.
        bool isSame = head.Status == other.Status
            && MessageText.Of(head.Reason.Of(bytes)) == MessageText.Of(other.Reason.Of(written))
            && head.Framing == other.Framing
            && (head.ContentLength == other.ContentLength || head.Status is < 200 or 204 or 205);
        FuzzFailure.ThrowIf(!isSame, $"means something else when written as {CorpusText.FromBytes(written)}", bytes);
        FuzzFailure.ThrowIf(!Write(written, other, _others).AsSpan().SequenceEqual(written), "is written differently the second time", bytes);
    }

    private byte[] Write(ReadOnlySpan<byte> source, in ResponseHead head, HeaderField[] fields)
    {
        var target = new HeadBuffer(_output);
        ResponseWriter.WriteStart(ref target, source, head);
        ResponseWriter.WriteFraming(ref target, head, head.Framing);
        ResponseWriter.WriteFields(ref target, source, fields.AsSpan(0, head.Fields.Count), KnownFieldSet.None);
        ResponseWriter.WriteEnd(ref target);
        FuzzFailure.ThrowIf(!target.Fits, "does not fit", source);
        return target.Written.ToArray();
    }
}
