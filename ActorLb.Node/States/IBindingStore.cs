using ActorLb.Shared.Sessions;

namespace ActorLb.Node.States;

/// <summary>The node's file as those see it who wait for a binding to be in it. Nothing here waits for a disk: actors call it.</summary>
internal interface IBindingStore
{
    /// <summary>Whether the file says of a session what this binding says, or something later; false while it is being written.</summary>
    bool IsWritten(string pool, in Binding binding);

    /// <summary>Has what changed written now rather than at the next interval.</summary>
    void WriteSoon();
}
