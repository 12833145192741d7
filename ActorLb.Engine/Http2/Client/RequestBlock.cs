using System.Buffers;
using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2.Hpack;

namespace ActorLb.Engine.Http2.Client;

/// <summary>
/// A request's head as we write it for HTTP/1.1, as the header block of a stream (RFC 9113, 8.3.1): what concerns one connection
/// stays behind, and names are in lower case. Read by the same parser that reads clients: what that would refuse does not leave.
/// </summary>
internal ref struct RequestBlock
{
    private static readonly KnownFieldSet Dropped = KnownFieldSet.Of(
        KnownField.Host,
        KnownField.Connection,
        KnownField.KeepAlive,
        KnownField.ProxyConnection,
        KnownField.TransferEncoding,
        KnownField.Upgrade,
        KnownField.Http2Settings,
        KnownField.Te);

    private const int NameBytesMax = 256;

    /// <summary>What each field counts beyond name and value (RFC 9113, 6.5.2).</summary>
    private const int FieldBytesMore = 32;

    private readonly Span<byte> _target;
    private int _length;
    private long _listBytes;
    private bool _fits;

    private RequestBlock(Span<byte> target)
    {
        _target = target;
        _fits = true;
    }

    /// <summary>Writes the block; returns its length, or 0 where it does not fit or cannot be said in HTTP/2.</summary>
    /// <param name="opensWebSocket">The request's upgrade becomes an extended CONNECT (RFC 8441).</param>
    /// <param name="listBytes">As SETTINGS_MAX_HEADER_LIST_SIZE counts them.</param>
    public static int Write(
        ReadOnlySpan<byte> source,
        in RequestHead head,
        ReadOnlySpan<HeaderField> fields,
        ReadOnlySpan<byte> scheme,
        bool opensWebSocket,
        Span<byte> target,
        out long listBytes)
    {
        var block = new RequestBlock(target);
        block.Add(":method"u8, opensWebSocket ? "CONNECT"u8 : head.MethodName.Of(source));
        if (opensWebSocket)
        {
            block.Add(":protocol"u8, "websocket"u8);
        }

        block.Add(":scheme"u8, scheme);
        block.Add(":authority"u8, head.Authority.Of(source));
        block.Add(":path"u8, head.Target.PathAndQuery.Of(source) is { IsEmpty: false } path ? path : "*"u8);
        bool keepsTrailers = false;
        foreach (ref readonly HeaderField field in fields)
        {
            keepsTrailers |= field.Known == KnownField.Te && ListMembers.Contains(field.Value(source), "trailers"u8);
            if (!Dropped.Contains(field.Known) && !(opensWebSocket && Ascii.EqualsIgnoreCase(field.Name(source), "Sec-WebSocket-Key"u8)))
            {
                block.AddField(field.Name(source), field.Value(source));
            }
        }

        if (keepsTrailers)
        {
            block.Add("te"u8, "trailers"u8);
        }

        listBytes = block._listBytes;
        return block._fits ? block._length : 0;
    }

    /// <summary>The same of a body's trailers.</summary>
    public static int WriteTrailers(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, Span<byte> target, out long listBytes)
    {
        var block = new RequestBlock(target);
        foreach (ref readonly HeaderField field in fields)
        {
            block.AddField(field.Name(source), field.Value(source));
        }

        listBytes = block._listBytes;
        return block._fits ? block._length : 0;
    }

    private void AddField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.Length <= NameBytesMax)
        {
            Span<byte> lower = stackalloc byte[NameBytesMax];
            Ascii.ToLower(name, lower, out int length);
            Add(lower[..length], value);
            return;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(name.Length);
        Ascii.ToLower(name, rented, out int written);
        Add(rented.AsSpan(0, written), value);
        ArrayPool<byte>.Shared.Return(rented);
    }

    private void Add(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        _fits &= HpackEncoder.TryWrite(name, value, _target[_length..], out int written);
        _length += _fits ? written : 0;
        _listBytes += name.Length + value.Length + FieldBytesMore;
    }
}
