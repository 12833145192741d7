namespace ActorLb.Node.Routing;

/// <summary>
/// What the other nodes last said of their backends. Written by KnownBackendsActor, and kept beside it: until all have told it again
/// it would take backends from sessions that are there.
/// </summary>
internal sealed class ToldMemory
{
    public ToldBackends Told { get; set; } = ToldBackends.None;
}
