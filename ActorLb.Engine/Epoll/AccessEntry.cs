using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// What the access log tells of one request. Kept from its beginning, since its head makes room for the body; used
/// again with its exchange.
/// </summary>
internal sealed class AccessEntry
{
    /// <summary>One more than a field of the line has room for, so that the line shows that it was cut.</summary>
    private const int FieldBytesMax = 2001;

    /// <summary>The same of a field that has less room.</summary>
    private const int ShortFieldBytesMax = 257;

    private const int Fields = 5;
    private const int BytesMax = Fields * FieldBytesMax;

    private readonly ByteRange[] _fields = new ByteRange[Fields];
    private byte[] _bytes = new byte[BytesMax];
    private ByteRange[] _headers = [];
    private AccessFields _wanted = AccessFields.Default;
    private int _used;

    private enum Field
    {
        Method,
        Target,
        Referer,
        UserAgent,
        Host,
    }

    /// <param name="wanted">Of the log, which may be another one by the end.</param>
    public void Begin(AccessFields wanted, ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<HeaderField> fields)
    {
        _used = 0;
        Keep(Field.Method, head.MethodName.Of(source));
        Keep(Field.Target, head.Target.Whole.Of(source));
        Keep(Field.Referer, default);
        Keep(Field.UserAgent, default);
        Keep(Field.Host, head.Authority.Of(source));
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.Other)
            {
                Find(field.Name(source), field.Value(source));
            }
        }

        KeepHeaders(wanted, source, fields);
    }

    /// <inheritdoc cref="AccessReport.Write"/>
    public void Write(AccessLog log, TimeProvider time, Exchange exchange, in AccessOutcome outcome)
    {
        var texts = new AccessTexts
        {
            Method = Kept(Field.Method),
            Target = Kept(Field.Target),
            Version = exchange.Facts.Head.Version == MessageVersion.Http11 ? "HTTP/1.1"u8 : "HTTP/1.0"u8,
            Referer = Kept(Field.Referer),
            UserAgent = Kept(Field.UserAgent),
            Host = Kept(Field.Host),
            Headers = ReferenceEquals(log.Fields, _wanted) ? _headers.AsSpan(0, _wanted.Headers.Length) : default,
            HeaderSource = _bytes,
        };
        AccessReport.Write(log, time, exchange.Facts, texts, outcome);
    }

    /// <summary>A request that was refused before it was read whole: of its head nothing is believed.</summary>
    public static void Write(AccessLog log, ClientConnection client, in OwnAnswer answer, ReadOnlySpan<byte> requestId, TimeProvider time) =>
        log.TryWrite(new AccessRecord
        {
            UnixMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Client = client.Forwarded.Address,
            Listener = client.Listener.Settings.Name,
            Status = answer.Status,
            BytesSent = answer.Body.Length,
            RequestId = requestId,
            Failure = answer.Failure.Reason,
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

    // Whoever wants more than there was room for gets it once.
    private void KeepHeaders(AccessFields wanted, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        _wanted = wanted;
        int count = wanted.Headers.Length;
        if (_headers.Length < count)
        {
            _headers = new ByteRange[count];
            Array.Resize(ref _bytes, BytesMax + (count * ShortFieldBytesMax));
        }

        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> value = HeaderSearch.Find(source, fields, wanted.Headers[i]).Of(source);
            value = value[..Math.Min(value.Length, ShortFieldBytesMax)];
            value.CopyTo(_bytes.AsSpan(_used));
            _headers[i] = new ByteRange(_used, value.Length);
            _used += value.Length;
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
