using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Routing;

namespace ActorLb.Engine.Exchanges;

/// <summary>How a request begins: it is refused, goes to a pool, or waits for somebody who is asked.</summary>
/// <param name="Refused">None: it is not.</param>
/// <param name="Pool">Null: it is refused, or waits.</param>
internal readonly record struct Opening(FailureReason Refused, PoolSnapshot? Pool = null)
{
    /// <summary>Null: it does not wait. Else it goes on with <see cref="RequestLife.GoOn"/>.</summary>
    public Task<FilterVerdict>? Asked { get; init; }

    /// <summary>By which it goes on.</summary>
    public ChosenRoute Route { get; init; }
}
