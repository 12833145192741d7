using System.Net;

namespace ActorLb.Engine.ProxyProtocol;

/// <summary>How many connections were closed because they did not begin with a header of the PROXY protocol, by what was wrong. Any thread.</summary>
public sealed class ProxyHeaderCounts
{
    /// <summary>All that can be wrong, with their names.</summary>
    public static readonly IReadOnlyList<(ProxyHeaderFault Fault, string Name)> Faults =
    [
        (ProxyHeaderFault.Missing, "missing"),
        (ProxyHeaderFault.Line, "line"),
        (ProxyHeaderFault.TooLong, "too-long"),
        (ProxyHeaderFault.Version, "version"),
        (ProxyHeaderFault.Command, "command"),
        (ProxyHeaderFault.Family, "family"),
        (ProxyHeaderFault.Addresses, "addresses"),
        (ProxyHeaderFault.Extensions, "extensions"),
        (ProxyHeaderFault.Checksum, "checksum"),
        (ProxyHeaderFault.Late, "late"),
        (ProxyHeaderFault.Unfinished, "unfinished"),
    ];

    private readonly long[] _counts = new long[(int)ProxyHeaderFault.Unfinished + 1];

    /// <summary>A connection of this proxy was refused. On the thread that serves it: only pass it on.</summary>
    public event Action<IPAddress, ProxyHeaderFault>? Refused;

    public long this[ProxyHeaderFault fault] => Interlocked.Read(ref _counts[(int)fault]);

    internal void Refuse(IPAddress proxy, ProxyHeaderFault fault)
    {
        Interlocked.Increment(ref _counts[(int)fault]);
        Refused?.Invoke(proxy, fault);
    }
}
