using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Corpus;

/// <summary>A message's body, read as a whole from what stands behind its head.</summary>
/// <param name="Status">Complete also where the body lasts until close, with all there is.</param>
/// <param name="Consumed">Bytes behind the head that belong to the message.</param>
internal sealed record BodyReading(
    ParseStatus Status, MessageFault Fault, byte[] Body, IReadOnlyList<(string Name, string Value)> Trailers, int Consumed)
{
    private static readonly BodyReading NeedMore = new(ParseStatus.NeedMore, MessageFault.None, [], [], 0);

    public static BodyReading Of(ReadOnlySpan<byte> bytes, BodyFraming framing, long length, in MessageLimits limits) => framing switch
    {
        BodyFraming.Chunked => OfChunks(bytes, limits),
        BodyFraming.Length when length > bytes.Length => NeedMore,
        BodyFraming.Length => Whole(bytes[..(int)length]),
        BodyFraming.UntilClose => Whole(bytes),
        _ => Whole(default),
    };

    private static BodyReading Whole(ReadOnlySpan<byte> body) => new(ParseStatus.Complete, MessageFault.None, body.ToArray(), [], body.Length);

    private static BodyReading OfChunks(ReadOnlySpan<byte> bytes, in MessageLimits limits)
    {
        var decoder = default(ChunkedDecoder);
        var fields = new HeaderField[limits.FieldCountMax];
        var body = new List<byte>();
        int at = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = bytes[at..];
            ChunkResult result = decoder.Next(rest, limits, fields);
            at += result.Consumed;
            switch (result.Status)
            {
                case ChunkStatus.NeedMore:
                    return NeedMore;
                case ChunkStatus.Rejected:
                    return new BodyReading(ParseStatus.Rejected, result.Fault, [.. body], [], 0);
                case ChunkStatus.End:
                    return new BodyReading(
                        ParseStatus.Complete, MessageFault.None, [.. body], MessageText.Fields(rest, fields.AsSpan(0, result.TrailerCount)), at);
                default:
                    body.AddRange(result.Data.Of(rest));
                    break;
            }
        }
    }
}
