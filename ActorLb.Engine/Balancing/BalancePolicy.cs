using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Balancing;

/// <summary>
/// Chooses the backend of a request of no session among those that take new ones. Made for one snapshot of a pool and never
/// changed; any thread, and without a lock.
/// </summary>
internal abstract class BalancePolicy
{
    /// <summary>It goes by a key of the request.</summary>
    public virtual bool GoesByKey => false;

    /// <param name="rotation">Turns of the candidates, by their places.</param>
    /// <param name="candidates">In the listed order; asked for once, where the policy needs more than turns.</param>
    /// <param name="places">Of all backends of the pool.</param>
    public static BalancePolicy Of(BalanceKind balance, Rotation rotation, Func<Candidate[]> candidates, int places) => balance switch
    {
        _ when rotation.Length == 0 => new RoundRobinPolicy(rotation),
        BalanceKind.LeastRequests => new LeastRequestsPolicy(rotation, new CandidateLoads(candidates(), places)),
        BalanceKind.PowerOfTwo => new PowerOfTwoPolicy(rotation, new CandidateLoads(candidates(), places)),
        BalanceKind.Hash => new HashPolicy(rotation, candidates()),
        _ => new RoundRobinPolicy(rotation),
    };

    /// <summary>The place in the pool of the backend that serves a request; -1 where nobody takes part.</summary>
    /// <param name="cursor">Of the pool: turns, and chance, which is a hash of them.</param>
    /// <param name="key">Of the request.</param>
    /// <param name="before">Where the request could not have its last choice, the place of that one; else -1.</param>
    public abstract int Next(RotationCursor cursor, BalanceKey key, int before);
}
