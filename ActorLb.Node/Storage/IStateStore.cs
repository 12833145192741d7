namespace ActorLb.Node.Storage;

/// <summary>Small states that outlive the process, as bytes under the names of StateCells.</summary>
public interface IStateStore
{
    /// <summary>What was saved last under a name; null where nothing was.</summary>
    byte[]? State(string name);

    /// <summary>Keeps a state; it is on the disk when this returns.</summary>
    /// <exception cref="IOException">It is not, for the named reason; it will be as soon as the file can be written.</exception>
    void SaveState(string name, byte[] value);

    /// <summary>What was saved last under a name is on the disk; true where nothing was.</summary>
    bool IsKept(string name);
}
