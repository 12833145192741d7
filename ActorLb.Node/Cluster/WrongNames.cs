using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>
/// Tells once by which wrong name this node is called. Akka tells it of every message: a node hears only who calls it by the
/// address that it has itself, as text, and is asked every second.
/// </summary>
internal sealed class WrongNames
{
    private const string Mark = "for non-local recipient [";
    private const string Called = "arriving at [";
    private const string Own = "] inbound addresses [";

    /// <summary>Whoever reaches the port can invent names.</summary>
    private const int NamesMax = 16;

    private readonly HashSet<string> _told = [];

    /// <summary>Whether Akka's text was of this, and has been dealt with.</summary>
    public bool Take(string text, ILogger logger)
    {
        if (!text.Contains(Mark, StringComparison.Ordinal))
        {
            return false;
        }

        int called = text.IndexOf(Called, StringComparison.Ordinal);
        int own = text.IndexOf(Own, StringComparison.Ordinal);
        if (called < 0 || own < called)
        {
            return false;
        }

        string name = HostOf(text[(called + Called.Length)..own]);
        lock (_told)
        {
            if (_told.Count >= NamesMax || !_told.Add(name))
            {
                return true;
            }
        }

        Log.WrongName(logger, name, HostOf(text[(own + Own.Length)..].TrimEnd().TrimEnd(']')));
        return true;
    }

    // Of akka.tcp://actorlb@localhost:8110, what follows '@'. An address of IPv6 in brackets has a port after them.
    private static string HostOf(string address) => address[(address.LastIndexOf('@') + 1)..];
}
