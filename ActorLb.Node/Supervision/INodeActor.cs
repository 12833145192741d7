namespace ActorLb.Node.Supervision;

/// <summary>An actor that every node has one of: it is found on its own node by its type, and on others at one path. See <see cref="NodeActors"/>.</summary>
internal interface INodeActor
{
    /// <summary>The last part of its path; the same on all nodes.</summary>
    static abstract string Name { get; }
}
