using System.Text;
using ActorLb.Engine.Traffic;

namespace ActorLb.Tests;

/// <summary>Tickets as clients get them.</summary>
internal static class TicketTexts
{
    /// <summary>The Set-Cookie value for an assignment; null where there is no key.</summary>
    public static string? TicketFor(this TrafficDirector director, in Assignment assignment, bool secure)
    {
        var lines = new byte[4096];
        int length = director.WriteTicket(assignment, secure, lines);
        return length == 0 ? null : Encoding.UTF8.GetString(lines, 0, length).Split(": ", 2)[1].TrimEnd();
    }
}
