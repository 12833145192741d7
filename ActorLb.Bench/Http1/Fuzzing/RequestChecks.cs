using ActorLb.Bench.Http1.Corpus;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>What must hold for any bytes that a client may send as a request.</summary>
internal sealed class RequestChecks(GuardedMemory memory, Random random)
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
        ParseResult whole = RequestParser.Parse(memory.AtEnd(bytes), limits, _fields, out RequestHead head);
        Agree(bytes, limits, whole, head);
        Split(bytes, limits, whole);
        if (whole.IsComplete)
        {
            Rewrite(bytes, limits, head);
            if (head.Framing == BodyFraming.Chunked && _chunks.Check(bytes[whole.Consumed..], limits) is var fault and not MessageFault.None)
            {
                return ParseResult.Rejected(fault);
            }
        }

        return whole;
    }

    private void Agree(byte[] bytes, in MessageLimits limits, ParseResult whole, in RequestHead head)
    {
        PlainRequest? plain = PlainRequest.Of(MessageText.Of(bytes), limits);
        FuzzFailure.ThrowIf(plain is not null != whole.IsComplete, $"{whole.Status} {whole.Fault}, but the grammar says otherwise", bytes);
        if (plain is null)
        {
            return;
        }

        FuzzFailure.ThrowIf(plain.Head.Length != whole.Consumed, $"consumes {whole.Consumed} of {plain.Head.Length}", bytes);
        FuzzFailure.ThrowIf(!plain.Head.Fields.SequenceEqual(MessageText.Fields(bytes, _fields.AsSpan(0, head.Fields.Count))), "other fields", bytes);
        FuzzFailure.ThrowIf(plain.Head.Start[0] != MessageText.Of(head.MethodName.Of(bytes)), "another method", bytes);
        FuzzFailure.ThrowIf(plain.Head.Start[1] != MessageText.Of(head.Target.Whole.Of(bytes)), "another target", bytes);
        FuzzFailure.ThrowIf(plain.Host != MessageText.Of(head.Authority.Of(bytes)), "another host", bytes);
        FuzzFailure.ThrowIf(plain.Body != (head.Framing, head.ContentLength), $"another body: {head.Framing} {head.ContentLength}", bytes);
        FuzzFailure.ThrowIf(plain.Traits != head.Traits, $"{head.Traits} instead of {plain.Traits}", bytes);
    }

    // The same bytes in any split come to the same end.
    private void Split(byte[] bytes, in MessageLimits limits, ParseResult whole)
    {
        for (int i = 0; i < Cuts; i++)
        {
            int length = random.Next(bytes.Length + 1);
            ReadOnlySpan<byte> place = random.Next(2) == 0 ? memory.AtEnd(bytes.AsSpan(0, length)) : memory.AtStart(bytes.AsSpan(0, length));
            ParseResult part = RequestParser.Parse(place, limits, _others, out _);
            bool isWhole = whole.IsComplete ? length >= whole.Consumed : whole.Status == ParseStatus.Rejected && part != ParseResult.NeedMore;
            FuzzFailure.ThrowIf(part != (isWhole ? whole : ParseResult.NeedMore), $"{part.Status} {part.Fault} after {length} bytes, {whole.Status} {whole.Fault} at the end", bytes);
        }
    }

    // What is accepted, is written and is read again means the same, and is written the same again.
    private void Rewrite(byte[] bytes, in MessageLimits limits, in RequestHead head)
    {
        MessageLimits roomy = limits with { LineBytesMax = _output.Length, FieldBytesMax = _output.Length, FieldCountMax = _others.Length };
        byte[] written = Write(bytes, head, _fields);
        ParseResult again = RequestParser.Parse(memory.AtEnd(written), roomy, _others, out RequestHead other);
        FuzzFailure.ThrowIf(!again.IsComplete || again.Consumed != written.Length, $"written as {CorpusText.FromBytes(written)}: {again.Status} {again.Fault}", bytes);

        string path = MessageText.Of(head.Target.PathAndQuery.Of(bytes));
        path = path.Length == 0 ? (head.Method == RequestMethod.Options ? "*" : "/") : path[0] == '?' ? "/" + path : path;
        bool isSame = MessageText.Of(head.MethodName.Of(bytes)) == MessageText.Of(other.MethodName.Of(written))
            && path == MessageText.Of(other.Target.Whole.Of(written))
            && (head.Framing, head.ContentLength) == (other.Framing, other.ContentLength)
            && MessageText.Of(head.Authority.Of(bytes)) is var host && (host.Length == 0 || host == MessageText.Of(other.Authority.Of(written)))
            && Kept(bytes, _fields.AsSpan(0, head.Fields.Count)).SequenceEqual(Kept(written, _others.AsSpan(0, other.Fields.Count)));
        FuzzFailure.ThrowIf(!isSame, $"means something else when written as {CorpusText.FromBytes(written)}", bytes);
        FuzzFailure.ThrowIf(!Write(written, other, _others).AsSpan().SequenceEqual(written), "is written differently the second time", bytes);
    }

    private byte[] Write(ReadOnlySpan<byte> source, in RequestHead head, HeaderField[] fields)
    {
        var target = new HeadBuffer(_output);
        RequestWriter.WriteStart(ref target, source, head, "backend"u8);
        RequestWriter.WriteFraming(ref target, head.Framing, head.ContentLength);
        RequestWriter.WriteFields(ref target, source, fields.AsSpan(0, head.Fields.Count), KnownFieldSet.None);
        RequestWriter.WriteEnd(ref target);
        FuzzFailure.ThrowIf(!target.Fits, "does not fit", source);
        return target.Written.ToArray();
    }

    private static List<(string Name, string Value)> Kept(ReadOnlySpan<byte> bytes, ReadOnlySpan<HeaderField> fields)
    {
        var kept = new List<(string Name, string Value)>();
        foreach (ref readonly HeaderField field in fields)
        {
            if (!RequestWriter.Dropped.Contains(field.Known) && (field.Traits & FieldTraits.Nominated) == 0)
            {
                kept.Add((MessageText.Of(field.Name(bytes)), MessageText.Of(field.Value(bytes))));
            }
        }

        return kept;
    }
}
