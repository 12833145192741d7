using System.Collections.Immutable;
using System.Net;

namespace ActorLb.Chaos.Names;

/// <summary>What the name server does with questions.</summary>
internal enum DnsManner
{
    /// <summary>It answers with the addresses.</summary>
    Answers,

    /// <summary>It says that there is no such name (NXDOMAIN), as it does for all other names.</summary>
    NoSuchName,

    /// <summary>It says that it failed (SERVFAIL) where it is asked for its name.</summary>
    Fails,

    /// <summary>It says nothing.</summary>
    Silent,
}

/// <summary>All that the name server knows: one name, and where it leads. Immutable; a trial replaces it.</summary>
internal sealed record DnsZone(string Name, ImmutableArray<IPAddress> Addresses, DnsManner Manner)
{
    /// <summary>So many fit into an answer of 512 bytes (RFC 1035, 4.2.1) beside the longest name: none is ever cut short.</summary>
    public const int AddressesMax = 15;
}
