using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// One request's wait for a place at its backend. The word comes from whichever thread a place was left on, perhaps when
/// nobody waits any more: each wait has an object of its own.
/// </summary>
/// <param name="attempt">That waits: one that is over by then takes no place.</param>
internal sealed class PlaceWaiter(Placement placement, int attempt) : GateWaiter
{
    public override void OnAdmitted() => placement.OnAdmitted(attempt);
}
