namespace ActorLb.Node.Sessions.Replication;

/// <summary>
/// Tells BindingReplicaActor that one replica of a bucket changed, so that it need not ask for those that did not.
/// Raised by merging, on the replicator's thread; taken by that one actor.
/// </summary>
internal sealed class ReplicaChanges
{
    private static long _replicasMade;

    private int _raised = 1;

    public ReplicaChanges() => Interlocked.Increment(ref _replicasMade);

    /// <summary>
    /// Replicas that began in this process, those of other nodes' tests and of messages included: while it stands
    /// still, no key is new.
    /// </summary>
    public static long ReplicasMade => Interlocked.Read(ref _replicasMade);

    /// <summary>
    /// Raised while the replicator still handles the message that changes its replica: a question that is asked
    /// after this was seen waits behind that message, and is answered with the change.
    /// </summary>
    public void Raise() => Volatile.Write(ref _raised, 1);

    /// <summary>True once for each time that it was raised. To be called before asking, so that no later change is lost.</summary>
    public bool Take() => Volatile.Read(ref _raised) != 0 && Interlocked.Exchange(ref _raised, 0) != 0;
}
