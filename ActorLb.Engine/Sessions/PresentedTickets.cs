using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// What a request's cookies hold under the ticket's names, decoded and not yet believed. Browsers send every cookie of a
/// name that fits (RFC 6265, 5.4): of a host and of its domain, of two paths. The first few different ones are looked at.
/// </summary>
internal ref struct PresentedTickets
{
    /// <summary>Different tickets that are looked at: browsers send two or three, and each that is new costs two HMACs.</summary>
    public const int Max = 8;

    public const int BufferBytes = Max * TicketCodec.TicketBytes;

    private readonly Span<byte> _buffer;
    private int _secure;

    /// <param name="buffer">Receives the tickets: <see cref="BufferBytes"/> bytes.</param>
    public PresentedTickets(Span<byte> buffer) => _buffer = buffer;

    /// <summary>Different tickets that have a ticket's form.</summary>
    public int Count { get; private set; }

    /// <summary>Cookies that have not, or came when there were enough.</summary>
    public int Unreadable { get; private set; }

    /// <summary>A ticket's <see cref="TicketCodec.TicketBytes"/> bytes.</summary>
    public readonly ReadOnlySpan<byte> this[int index] =>
        _buffer.Slice(index * TicketCodec.TicketBytes, TicketCodec.TicketBytes);

    /// <summary>It came by the name that only TLS writes.</summary>
    public readonly bool IsSecure(int index) => (_secure >> index & 1) != 0;

    /// <summary>Of a session that a value names, where clients have no tickets: the different ones in the order in which they came.</summary>
    public readonly SessionId IdAt(int index) => SessionId.Read(this[index]);

    /// <summary>Adds a session that a value names. What is beyond <see cref="Max"/> is not looked at.</summary>
    public void Add(SessionId id)
    {
        for (int i = 0; i < Count; i++)
        {
            if (IdAt(i) == id)
            {
                return;
            }
        }

        if (Count < Max)
        {
            id.Write(Next);
            Count++;
        }
    }

    /// <summary>Adds a cookie's value.</summary>
    internal void Add(ReadOnlySpan<char> text, bool secure) => Added(Count < Max && TicketCodec.TryRead(text, Next), secure);

    /// <inheritdoc cref="Add(ReadOnlySpan{char}, bool)"/>
    internal void Add(ReadOnlySpan<byte> text, bool secure) => Added(Count < Max && TicketCodec.TryRead(text, Next), secure);

    private readonly Span<byte> Next => _buffer.Slice(Count * TicketCodec.TicketBytes, TicketCodec.TicketBytes);

    private void Added(bool isReadable, bool secure)
    {
        if (!isReadable)
        {
            Unreadable++;
            return;
        }

        int index = 0;
        while (index < Count && !this[index].SequenceEqual(Next))
        {
            index++;
        }

        _secure |= secure ? 1 << index : 0;
        Count = Math.Max(Count, index + 1);
    }
}
