using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Traffic;

/// <summary>A live session of which a request presents a genuine ticket.</summary>
/// <param name="Binding">Where it lives: as the table says, or as the ticket where that knows more.</param>
/// <param name="Claim">Of its newest ticket.</param>
/// <param name="IsKnown">The table has it.</param>
/// <param name="TableIsBehind">The table has it not, or as it was before it moved.</param>
/// <param name="IsSecure">Its ticket came by the name that only TLS writes.</param>
/// <param name="IsContested">A later ticket of another session came with it: with a fresh one, this is the latest again.</param>
internal readonly record struct RecognisedSession(
    Binding Binding, TicketClaim Claim, bool IsKnown, bool TableIsBehind, bool IsSecure, bool IsContested)
{
    /// <summary>
    /// The one of two that counts. Tickets of one session are one: the higher version, then the later issue. Of two
    /// sessions, the one whose ticket only TLS can have written; the one in the table; with the latest use; else with
    /// the later issue.
    /// </summary>
    public static RecognisedSession Choose(in RecognisedSession left, in RecognisedSession right)
    {
        if (left.Claim.Session == right.Claim.Session)
        {
            RecognisedSession newer = IsNewer(right.Claim, left.Claim) ? right : left;
            return newer with { IsSecure = left.IsSecure || right.IsSecure, IsContested = left.IsContested || right.IsContested };
        }

        (RecognisedSession chosen, RecognisedSession other) = Precedes(right, left) ? (right, left) : (left, right);
        return chosen with { IsContested = chosen.IsContested || (chosen.IsSecure == other.IsSecure && other.Claim.IssuedAt > chosen.Claim.IssuedAt) };
    }

    private static bool IsNewer(in TicketClaim ticket, in TicketClaim other) =>
        ticket.Version != other.Version ? ticket.Version > other.Version : ticket.IssuedAt > other.IssuedAt;

    private static bool Precedes(in RecognisedSession session, in RecognisedSession other)
    {
        if (session.IsSecure != other.IsSecure)
        {
            return session.IsSecure;
        }

        if (session.IsKnown != other.IsKnown)
        {
            return session.IsKnown;
        }

        if (session.IsKnown && session.Binding.LastSeen != other.Binding.LastSeen)
        {
            return session.Binding.LastSeen > other.Binding.LastSeen;
        }

        return session.Claim.IssuedAt != other.Claim.IssuedAt
            ? session.Claim.IssuedAt > other.Claim.IssuedAt
            : session.Claim.Session > other.Claim.Session;
    }
}
