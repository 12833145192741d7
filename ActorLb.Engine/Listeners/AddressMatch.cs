using System.Net;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Listeners;

/// <summary>Which of the sockets that a node has serve the listeners that it is to have. Pure.</summary>
internal static class AddressMatch
{
    /// <summary>
    /// For each listener the socket that is at its address already, whoever it belonged to; null where there is none. A port of 0
    /// is whichever the listener of that name has.
    /// </summary>
    /// <param name="sockets">With the name of the listener that each serves.</param>
    public static T?[] Of<T>(IReadOnlyList<ListenerSettings> listeners, IReadOnlyList<T> sockets, Func<T, (IPEndPoint Bind, IPEndPoint Local, string Name)> of)
        where T : class
    {
        var taken = new HashSet<T>(ReferenceEqualityComparer.Instance);
        return [.. listeners.Select(listener =>
        {
            T? found = sockets.FirstOrDefault(s => !taken.Contains(s) && Fits(listener, of(s)));
            if (found is not null)
            {
                taken.Add(found);
            }

            return found;
        })];
    }

    /// <summary>Whether a client that connects to one of the two could mean the other.</summary>
    public static bool Overlap(IPEndPoint one, IPEndPoint other) =>
        one.Port != 0 && one.Port == other.Port && (one.Address.Equals(other.Address) || IsAny(one.Address) || IsAny(other.Address));

    private static bool Fits(ListenerSettings listener, (IPEndPoint Bind, IPEndPoint Local, string Name) socket) =>
        listener.Bind.Port == 0
            ? listener.Name == socket.Name && (listener.Bind.Equals(socket.Bind) || listener.Bind.Address.Equals(socket.Local.Address))
            : listener.Bind.Equals(socket.Bind) || listener.Bind.Equals(socket.Local);

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
