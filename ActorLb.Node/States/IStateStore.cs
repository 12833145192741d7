namespace ActorLb.Node.States;

/// <summary>Small states that outlive the process, as bytes under the names of StateNames. Nothing here waits for a disk: actors call it.</summary>
internal interface IStateStore
{
    /// <summary>What was saved last under a name; null where nothing was.</summary>
    byte[]? State(string name);

    /// <summary>
    /// Keeps a state. Completes when it is on the disk, and with an IOException where it is not; then it will be as soon as the
    /// file can be written.
    /// </summary>
    Task SaveAsync(string name, byte[] value);

    /// <summary>What was saved last under a name is on the disk; true where nothing was.</summary>
    bool IsKept(string name);
}
