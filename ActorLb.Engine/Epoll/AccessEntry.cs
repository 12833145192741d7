using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// What the access log tells of one request. Kept from its beginning, since its head makes room for the body; used
/// again with its exchange.
/// </summary>
internal sealed class AccessEntry(TimeProvider time)
{
    /// <summary>One more than a field of the line has room for, so that the line shows that it was cut.</summary>
    private const int FieldBytesMax = 2001;

    private const int Fields = 4;

    private readonly byte[] _bytes = new byte[Fields * FieldBytesMax];
    private readonly ByteRange[] _fields = new ByteRange[Fields];
    private int _used;
    private long _beganAt;

    private enum Field
    {
        Method,
        Target,
        Referer,
        UserAgent,
    }

    /// <summary>Bytes of the answer's body that were handed on.</summary>
    public long BytesSent { get; set; }

    public void Begin(ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<HeaderField> fields)
    {
        _beganAt = time.GetTimestamp();
        _used = 0;
        BytesSent = 0;
        Keep(Field.Method, head.MethodName.Of(source));
        Keep(Field.Target, head.Target.Whole.Of(source));
        Keep(Field.Referer, default);
        Keep(Field.UserAgent, default);
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.Other)
            {
                Find(field.Name(source), field.Value(source));
            }
        }
    }

    /// <inheritdoc cref="AccessReport.Write"/>
    public void Write(AccessLog log, Exchange exchange, int status, FailureReason failure)
    {
        var texts = new AccessTexts
        {
            Method = Kept(Field.Method),
            Target = Kept(Field.Target),
            Version = exchange.Head.Version == MessageVersion.Http11 ? "HTTP/1.1"u8 : "HTTP/1.0"u8,
            Referer = Kept(Field.Referer),
            UserAgent = Kept(Field.UserAgent),
        };
        AccessReport.Write(log, time, _beganAt, exchange, texts, status, BytesSent, failure);
    }

    /// <summary>A request that was refused before it was read whole: of its head nothing is believed.</summary>
    public static void Write(AccessLog log, ClientConnection client, FailureAnswer failure, ReadOnlySpan<byte> requestId, TimeProvider time) =>
        log.TryWrite(new AccessRecord
        {
            UnixMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Client = client.Forwarded.Address,
            Status = failure.Status,
            BytesSent = failure.Body.Length,
            RequestId = requestId,
            Failure = failure.Reason,
        });

    private void Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.Length == 7 && System.Text.Ascii.EqualsIgnoreCase(name, "Referer"u8))
        {
            Keep(Field.Referer, value);
        }
        else if (name.Length == 10 && System.Text.Ascii.EqualsIgnoreCase(name, "User-Agent"u8))
        {
            Keep(Field.UserAgent, value);
        }
    }

    private void Keep(Field field, ReadOnlySpan<byte> value)
    {
        int length = Math.Min(Math.Min(value.Length, FieldBytesMax), _bytes.Length - _used);
        value[..length].CopyTo(_bytes.AsSpan(_used));
        _fields[(int)field] = new ByteRange(_used, length);
        _used += length;
    }

    private ReadOnlySpan<byte> Kept(Field field) => _fields[(int)field].Of(_bytes);
}
