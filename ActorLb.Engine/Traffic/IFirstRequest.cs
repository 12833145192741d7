using ActorLb.Engine.Balancing;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Traffic;

/// <summary>A request as the director asks for it where it has no session.</summary>
internal interface IFirstRequest : IBalanceKeySource
{
    /// <summary>What its connection's first requests share; null: they come one after the other, or are those of many clients.</summary>
    FirstSession? First { get; }

    /// <summary>What tells its client from others, hashed; null where nobody can: somebody passes on what many ask.</summary>
    UInt128? Asker { get; }

    /// <summary>Its route shares sessions out over several pools.</summary>
    bool IsOfSplit => false;
}

/// <summary>Whose request it is.</summary>
internal static class RequestClient
{
    private static readonly BalanceSettings ByAddress = new(BalanceKind.Hash, HashOn.ClientAddress, "");

    /// <summary>A hash of its client's address, or of that which a trusted proxy names; 0: there is no request to ask.</summary>
    public static ulong ClientHash(this IFirstRequest? request) => request is null ? 0 : request.KeyFor(ByAddress).Value;
}
