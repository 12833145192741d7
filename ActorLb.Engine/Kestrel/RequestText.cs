using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>Writes head and pieces of the body of a request as its backend gets them.</summary>
internal static class RequestText
{
    /// <summary>What a chunk is longer by than its data.</summary>
    public const int ChunkFramingBytesMax = ChunkWriter.SizeLineBytesMax + 2;

    // Every part of it at most twice (Host is X-Forwarded-Host as well), with what is said of the client.
    public static int HeadBytesMax(Exchange exchange) => (2 * exchange.Source.Length) + exchange.Forwarded.Fields.Length + (exchange.Route.Filters?.RequestBytesMax ?? 0) + 2048;

    /// <summary>Writes the head; returns its length.</summary>
    public static int WriteHead(Exchange exchange, Uri backend, byte[] buffer)
    {
        var target = new HeadBuffer(buffer);
        ReceivedHead head = exchange.Received;
        head.Take(exchange.Route.Filters?.Request);
        ReadOnlySpan<byte> host = head.Head.Fields.Has(KnownField.Host) ? default : System.Text.Encoding.ASCII.GetBytes(backend.Authority);
        BackendHead.Write(ref target, head.Source, head.Head, head.Fields, exchange.Forwarded, head.RequestId, host, exchange.Trace, exchange.Route.Filters, exchange.Route.RequestLines, head.Upgrades);
        return target.Fits ? target.Length : throw new InvalidDataException("a head is longer than its parts");
    }

    /// <summary>Writes a piece of the body behind what is in the buffer; returns how much is there then.</summary>
    public static int WriteData(ReadOnlySpan<byte> data, bool isChunked, byte[] buffer, int length)
    {
        var target = new HeadBuffer(buffer.AsSpan(length));
        if (isChunked)
        {
            ChunkWriter.WriteSizeLine(ref target, data.Length);
        }

        target.Append(data);
        if (isChunked)
        {
            target.Append(ChunkWriter.DataEnd);
        }

        return target.Fits ? length + target.Length : throw new InvalidDataException("a chunk is longer than its parts");
    }
}
