namespace ActorLb.Engine.Epoll;

/// <summary>How far one direction of an exchange got.</summary>
internal enum PumpResult : byte
{
    /// <summary>It goes on when there is news of a socket.</summary>
    Waiting,

    /// <summary>Everything is through.</summary>
    Done,

    /// <summary>It could go on for long: the others have their turn first.</summary>
    Busy,
    ClientLost,
    BackendLost,

    /// <summary>What the sender of this direction sent is not well-formed, or more than allowed.</summary>
    Refused,
}
