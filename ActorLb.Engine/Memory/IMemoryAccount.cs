namespace ActorLb.Engine.Memory;

/// <summary>Where a lane counts what its exchanges hold. Who may call it, its lane says.</summary>
internal interface IMemoryAccount
{
    /// <summary>Takes so much for what could as well be done without; false, and nothing is taken, where new requests may need it.</summary>
    bool TryHold(int bytes);

    void GiveBack(int bytes);
}
