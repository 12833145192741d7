using System.Buffers;
using System.IO.Pipelines;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Passes on a head before the final one (1xx) to a client of HTTP/1.1. The server has no way to send one; before an
/// answer has begun it writes nothing to the connection, so the line is free for it.
/// </summary>
internal static class InterimAnswer
{
    public static ValueTask<FlushResult> WriteAsync(
        PipeWriter connection, ReadOnlySpan<byte> source, in ResponseHead head, ReadOnlySpan<HeaderField> fields)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(source.Length + (4 * fields.Length) + 32);
        var target = new HeadBuffer(rented);
        ResponseWriter.WriteStart(ref target, source, head);
        ResponseWriter.WriteFields(ref target, source, fields, KnownFieldSet.None);
        ResponseWriter.WriteEnd(ref target);
        connection.Write(target.Written);
        ArrayPool<byte>.Shared.Return(rented);
        return connection.FlushAsync();
    }
}
