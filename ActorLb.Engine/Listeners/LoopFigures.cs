namespace ActorLb.Engine.Listeners;

/// <summary>What one event loop of the epoll lane has in its hands at a moment.</summary>
/// <param name="Clients">Connections of clients.</param>
/// <param name="BackendConnectionsKept">Connections to backends that wait for their next request.</param>
/// <param name="LentBytes">Unmanaged memory that connections hold.</param>
/// <param name="KeptBytes">Unmanaged memory that is kept for the next who asks.</param>
/// <param name="Restarts">Times that it failed as a whole and was begun anew.</param>
public sealed record LoopFigures(int Clients, int BackendConnectionsKept, long LentBytes, long KeptBytes, int Restarts = 0);
