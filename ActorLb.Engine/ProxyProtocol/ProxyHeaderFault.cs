namespace ActorLb.Engine.ProxyProtocol;

/// <summary>Why the beginning of a connection is no header of the PROXY protocol.</summary>
public enum ProxyHeaderFault : byte
{
    None,

    /// <summary>It begins with something else.</summary>
    Missing,

    /// <summary>A line of version 1 that is not of its grammar.</summary>
    Line,

    /// <summary>Longer than a header may be.</summary>
    TooLong,

    /// <summary>A binary header of another version than 2.</summary>
    Version,

    /// <summary>Neither LOCAL nor PROXY.</summary>
    Command,

    /// <summary>A family and protocol that the specification does not have.</summary>
    Family,

    /// <summary>Too short for the addresses of its family.</summary>
    Addresses,

    /// <summary>Fields behind the addresses that do not end where the header does, or are too short.</summary>
    Extensions,

    /// <summary>It names another checksum than its bytes have.</summary>
    Checksum,

    /// <summary>It did not come in time.</summary>
    Late,

    /// <summary>The connection ended within it.</summary>
    Unfinished,
}
