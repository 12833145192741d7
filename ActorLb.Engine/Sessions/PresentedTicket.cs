using Microsoft.Extensions.Primitives;

namespace ActorLb.Engine.Sessions;

/// <summary>What a request's cookies hold under the ticket's name, decoded and not yet believed.</summary>
public readonly ref struct PresentedTicket
{
    private PresentedTicket(int count, bool isReadable, ReadOnlySpan<byte> bytes, TicketClaim claim)
    {
        Count = count;
        IsReadable = isReadable;
        Bytes = bytes;
        Claim = claim;
    }

    /// <summary>How often the cookie is there. More than once is ambiguous: no ticket.</summary>
    public int Count { get; }

    /// <summary>It is there once and has a ticket's form.</summary>
    public bool IsReadable { get; }

    /// <summary>The ticket's <see cref="TicketCodec.TicketBytes"/> bytes where it is readable.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public TicketClaim Claim { get; }

    /// <param name="ticket">Receives the ticket: <see cref="TicketCodec.TicketBytes"/> bytes.</param>
    public static PresentedTicket Of(TicketCookie cookie, StringValues headers, Span<byte> ticket)
    {
        int count = cookie.Find(headers, out ReadOnlySpan<char> text);
        TicketClaim claim = default;
        bool isReadable = count == 1 && TicketCodec.TryRead(text, ticket, out claim);
        return new PresentedTicket(count, isReadable, ticket, claim);
    }

    /// <param name="count">How often the cookie was found.</param>
    /// <param name="text">Its value.</param>
    /// <param name="ticket">Receives the ticket: <see cref="TicketCodec.TicketBytes"/> bytes.</param>
    public static PresentedTicket Of(int count, ReadOnlySpan<byte> text, Span<byte> ticket)
    {
        TicketClaim claim = default;
        bool isReadable = count == 1 && TicketCodec.TryRead(text, ticket, out claim);
        return new PresentedTicket(count, isReadable, ticket, claim);
    }
}
