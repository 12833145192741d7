using ActorLb.Bench.Http1.Corpus;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>What must hold for any bytes that stand where a chunked body is.</summary>
internal sealed class ChunkChecks(GuardedMemory memory, Random random)
{
    private readonly HeaderField[] _trailers = new HeaderField[200];
    private readonly byte[] _output = new byte[128 * 1024];

    /// <returns>Why the body was refused, or None.</returns>
    /// <exception cref="FuzzFailure">Something does not hold.</exception>
    public MessageFault Check(byte[] bytes, MessageLimits limits)
    {
        Decoded whole = Decode(bytes, limits, left => left);
        Decoded parts = Decode(bytes, limits, left => random.Next(1, Math.Min(left, 50) + 1));
        FuzzFailure.ThrowIf(!whole.SameAs(parts), $"{whole.Status} {whole.Fault} as a whole, {parts.Status} {parts.Fault} in pieces", bytes);
        Agree(bytes, limits, whole);
        if (whole.Status == ChunkStatus.End)
        {
            byte[] written = Write(bytes, limits, out int size);
            Decoded again = Decode(written, limits, left => left);
            FuzzFailure.ThrowIf(
                again.Status != ChunkStatus.End || again.Consumed != written.Length || !again.Data.SequenceEqual(whole.Data) || size != whole.Data.Count,
                $"another body when written as {CorpusText.FromBytes(written)}",
                bytes);
        }

        return whole.Fault;
    }

    private static void Agree(byte[] bytes, in MessageLimits limits, Decoded whole)
    {
        if (whole.Fault == MessageFault.ChunkOverheadTooLarge)
        {
            return;
        }

        (string Data, IReadOnlyList<(string Name, string Value)> Trailers, int Length)? plain = PlainBody.Decode(MessageText.Of(bytes), limits);
        FuzzFailure.ThrowIf(plain is not null != (whole.Status == ChunkStatus.End), $"chunks: {whole.Status} {whole.Fault}, but the grammar says otherwise", bytes);
        if (plain is { } expected)
        {
            FuzzFailure.ThrowIf(
                expected.Length != whole.Consumed || expected.Data != MessageText.Of(whole.Data.ToArray()) || !expected.Trailers.SequenceEqual(whole.Trailers),
                "another body",
                bytes);
        }
    }

    private Decoded Decode(byte[] bytes, MessageLimits limits, Func<int, int> next)
    {
        var decoder = default(ChunkedDecoder);
        var data = new List<byte>();
        int consumed = 0;
        int arrived = 0;
        while (true)
        {
            ReadOnlySpan<byte> input = memory.AtEnd(bytes.AsSpan(consumed, arrived - consumed));
            ChunkResult result = decoder.Next(input, limits, _trailers);
            data.AddRange(result.Data.Of(input));
            consumed += result.Consumed;
            FuzzFailure.ThrowIf(result.Status == ChunkStatus.NeedMore && result.Consumed != 0, "needs more and consumes", bytes);
            FuzzFailure.ThrowIf(result.Status == ChunkStatus.Data && result.Data.IsEmpty, "data without data", bytes);
            if (result.Status is ChunkStatus.End or ChunkStatus.Rejected || (result.Status == ChunkStatus.NeedMore && arrived == bytes.Length))
            {
                return new Decoded(result.Status, result.Fault, data, MessageText.Fields(input, _trailers.AsSpan(0, result.TrailerCount)), consumed);
            }

            arrived += result.Status == ChunkStatus.NeedMore ? next(bytes.Length - arrived) : 0;
        }
    }

    private byte[] Write(byte[] bytes, in MessageLimits limits, out int size)
    {
        var decoder = default(ChunkedDecoder);
        var target = new HeadBuffer(_output);
        ReadOnlySpan<byte> rest = bytes;
        size = 0;
        while (true)
        {
            ChunkResult result = decoder.Next(rest, limits, _trailers);
            if (result.Status != ChunkStatus.Data)
            {
                ChunkWriter.WriteEnd(ref target, rest, _trailers.AsSpan(0, result.TrailerCount), "X-A, X-Sum"u8);
                FuzzFailure.ThrowIf(!target.Fits, "does not fit", bytes);
                return target.Written.ToArray();
            }

            ChunkWriter.WriteSizeLine(ref target, result.Data.Length);
            target.Append(result.Data.Of(rest));
            target.Append(ChunkWriter.DataEnd);
            size += result.Data.Length;
            rest = rest[result.Consumed..];
        }
    }

    private sealed record Decoded(
        ChunkStatus Status, MessageFault Fault, List<byte> Data, List<(string Name, string Value)> Trailers, int Consumed)
    {
        // How much of what is in doubt was consumed before a fault depends on the split, and on nothing else.
        public bool SameAs(Decoded other) =>
            (Status, Fault) == (other.Status, other.Fault) && Data.SequenceEqual(other.Data) && Trailers.SequenceEqual(other.Trailers)
            && (Status != ChunkStatus.End || Consumed == other.Consumed);
    }
}
