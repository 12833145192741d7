namespace ActorLb.Engine.Listeners;

/// <summary>How a node divides the descriptors that it may have. Pure.</summary>
public static class DescriptorPolicy
{
    /// <summary>With fewer clients than this a node is of no use.</summary>
    public const int ClientsMin = 16;

    /// <summary>
    /// What connections never get: probes, the admin API (100), the other nodes, the file, and libraries that are loaded late,
    /// of which each costs two. A runtime that cannot open a library ends the process.
    /// </summary>
    private const int OwnReserve = 160;

    /// <summary>A probe, and a look-up of its name.</summary>
    private const int PerBackend = 2;

    /// <param name="limit">Descriptors that the process may have.</param>
    /// <param name="used">Those that it has before its first client.</param>
    /// <param name="wanted">Clients that the settings let in.</param>
    /// <returns>Null where there are not enough for <see cref="ClientsMin"/>.</returns>
    public static DescriptorShares? Divide(long limit, int used, int backends, long wanted)
    {
        long reserve = OwnReserve + Math.Min(PerBackend * backends, limit / 8);
        long free = limit - used - reserve;

        // Each client has one, its request another, and half a one more is for unused connections that are kept.
        long clients = Math.Min(wanted, free * 2 / 5);
        return clients < Math.Min(ClientsMin, wanted)
            ? null
            : new DescriptorShares((int)Math.Min(clients, int.MaxValue), (int)Math.Min(free - (2 * clients), int.MaxValue), (int)reserve);
    }
}
