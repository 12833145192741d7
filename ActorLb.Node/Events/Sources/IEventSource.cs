namespace ActorLb.Node.Events.Sources;

/// <summary>Looks at some part of the node again and again, and notes what is otherwise than at the look before. One look at a time.</summary>
internal interface IEventSource
{
    void Look(IEventSink events);
}
