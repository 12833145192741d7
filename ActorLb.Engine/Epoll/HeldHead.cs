using ActorLb.Engine.Http1;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// The head of the request under way. It stays in its client's buffer until the body is asked for; its fields are the
/// loop's, and read again where another request's have taken their place.
/// </summary>
internal sealed class HeldHead(LaneLoop loop)
{
    private ClientConnection _client = null!;
    private RequestHead _head;
    private RequestId _requestId;

    /// <summary>By offsets into the client's buffer.</summary>
    public ref readonly RequestHead Head => ref _head;

    /// <summary>Bytes, at the beginning of the client's input.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Source => _client.Input.Unread[..Length];

    public ReadOnlySpan<byte> RequestId => _requestId.Value;

    /// <summary>One other protocol, not HTTP/2 in the clear, behind which anybody could speak past the balancer; and no body before it.</summary>
    public bool AsksUpgrade { get; private set; }

    public bool IsIdempotent => _head.Method
        is RequestMethod.Get or RequestMethod.Head or RequestMethod.Put or RequestMethod.Delete or RequestMethod.Options or RequestMethod.Trace;

    /// <summary>Holds a head that was just read into the loop's fields.</summary>
    /// <param name="length">Bytes of the head, at the beginning of the client's input.</param>
    public void Hold(ClientConnection client, in RequestHead head, int length)
    {
        _client = client;
        _head = head;
        Length = length;
        loop.FieldsOf = this;
        _requestId.Choose(Value(KnownField.XRequestId));
        AsksUpgrade = head.Has(RequestTraits.AsksUpgrade)
            && (head.Framing == BodyFraming.None || head is { Framing: BodyFraming.Length, ContentLength: 0 })
            && !head.Fields.Repeated.Contains(KnownField.Upgrade)
            && !ListMembers.Contains(Value(KnownField.Upgrade), "h2c"u8);
    }

    public ReadOnlySpan<HeaderField> Fields()
    {
        if (!ReferenceEquals(loop.FieldsOf, this))
        {
            RequestParser.Parse(Source, loop.Parts.MessageLimits, loop.RequestFields, out _);
            loop.FieldsOf = this;
        }

        return loop.RequestFields.AsSpan(0, _head.Fields.Count);
    }

    /// <summary>The ticket of a pool among the cookies.</summary>
    /// <param name="ticket">Receives <see cref="TicketCodec.TicketBytes"/> bytes.</param>
    public PresentedTicket TicketOf(PoolAffinity affinity, Span<byte> ticket)
    {
        if (!_head.Fields.Has(KnownField.Cookie))
        {
            return default;
        }

        int found = 0;
        ReadOnlySpan<byte> source = Source;
        ReadOnlySpan<byte> text = default;
        foreach (ref readonly HeaderField field in Fields())
        {
            if (field.Known == KnownField.Cookie)
            {
                affinity.Cookie.Find(field.Value(source), ref found, ref text);
            }
        }

        return PresentedTicket.Of(found, text, ticket);
    }

    private ReadOnlySpan<byte> Value(KnownField known)
    {
        foreach (ref readonly HeaderField field in Fields())
        {
            if (field.Known == known)
            {
                return field.Value(Source);
            }
        }

        return default;
    }
}
