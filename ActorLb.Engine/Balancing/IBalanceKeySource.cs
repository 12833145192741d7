using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Balancing;

/// <summary>A request that can say its key. Asked for a request of no session alone, and only where its pool's policy goes by one.</summary>
internal interface IBalanceKeySource
{
    /// <summary>None where the request has not what the pool asks for.</summary>
    BalanceKey KeyFor(BalanceSettings balance);
}
