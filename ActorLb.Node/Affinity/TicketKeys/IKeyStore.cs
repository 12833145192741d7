using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Affinity.TicketKeys;

/// <summary>Where a node keeps the ticket keys over restarts.</summary>
public interface IKeyStore
{
    /// <summary>The keys that are kept; empty where there are none or they cannot be read.</summary>
    StoredKeys Load();

    /// <summary>Keeps these keys instead of those before, wholly or not at all.</summary>
    /// <exception cref="IOException">They could not be written; those before are still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for lack of rights.</exception>
    void Save(TicketKeyRing ring);
}

/// <param name="Problem">What was wrong with the store, in words for the operator; null where nothing was.</param>
public sealed record StoredKeys(TicketKeyRing Ring, string? Problem);
