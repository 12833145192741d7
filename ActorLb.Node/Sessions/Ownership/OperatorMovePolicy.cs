using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.Ownership;

/// <summary>What an operator's move of a session comes to, at its owner and at a node that decides alone.</summary>
internal static class OperatorMovePolicy
{
    /// <param name="current">Where it lives.</param>
    /// <param name="from">It moves only while it lives there; None: wherever it lives.</param>
    /// <param name="to">None: <paramref name="chosen"/>.</param>
    /// <param name="chosen">By the hash, among the other backends that take new sessions; None: there is none.</param>
    /// <returns>The binding in force then: the same where there is nothing to do; its backend is None where nobody takes it.</returns>
    public static Binding Next(in Binding current, BackendKey from, BackendKey to, BackendKey chosen, PoolSnapshot pool)
    {
        if (current.IsEnded || (from != BackendKey.None && current.Backend != from) || current.Backend == to)
        {
            return current;
        }

        BackendKey home = to == BackendKey.None ? chosen : MayTake(pool.Find(to)) ? to : BackendKey.None;
        return home == BackendKey.None ? current with { Backend = BackendKey.None } : current.MovedTo(home, current.LastSeen);
    }

    /// <summary>Whether an operator may send a session there: one that would have to leave at once moves twice.</summary>
    public static bool MayTake(BackendSnapshot? backend) =>
        backend is { KeepsSessions: true, Operator: OperatorState.Ready, Health: not BackendHealth.Down };
}
