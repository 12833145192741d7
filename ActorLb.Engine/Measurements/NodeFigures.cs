namespace ActorLb.Engine.Measurements;

/// <summary>What a node had counted at one moment. Of routes, one for each pool that it leads to, and one with pool "" for what was over before it had one.</summary>
public sealed record NodeFigures(IReadOnlyList<RouteFigures> Routes, IReadOnlyList<PoolFigures> Pools, IReadOnlyList<BackendFigures> Backends);

/// <param name="Route">Its host and path as they are written, with " (exact)" behind where it is; empty: no route was found, or looked for.</param>
/// <param name="Pool">Empty: of requests that were answered, or over, before they had one.</param>
/// <param name="Exemplars">Recorded requests among them.</param>
public sealed record RouteFigures(string Route, string Pool, RequestFigures Requests, Exemplars Exemplars);

/// <param name="Requests">That were led to it, whether a backend was found for them or not.</param>
public sealed record PoolFigures(string Pool, RequestFigures Requests);

/// <param name="Backend">Its id.</param>
/// <param name="Requests">That it was the last to be asked for.</param>
public sealed record BackendFigures(string Pool, string Backend, RequestFigures Requests);
