using System.Net;
using ActorLb.Engine.Memory;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Engine.Reports;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Lanes;

/// <summary>
/// Tells the operator where clients are refused because of what the node has, memory and connections for each address, and where a
/// proxy does not say whom it brings.
/// </summary>
internal sealed partial class NodeReports(DataPlane plane, ILogger logger) : IDisposable
{
    private const long MebiBytes = 1 << 20;
    private const string TooManyConnections = "has more connections than limits.connections-per-address-max; further ones are closed";

    private static readonly Dictionary<ProxyHeaderFault, string> ProxyFaults = ProxyHeaderCounts.Faults.ToDictionary(
        f => f.Fault, f => $"does not begin a connection with a valid header of the PROXY protocol ({f.Name}); it was closed");

    private readonly AddressReports _addresses = new(plane.Time, logger);

    public void Start()
    {
        plane.Memory.Changed += TellMemory;
        plane.Connections.AddressRefused += TellAddress;
        plane.ProxyHeaders.Refused += TellProxy;
    }

    public void Dispose()
    {
        plane.Memory.Changed -= TellMemory;
        plane.Connections.AddressRefused -= TellAddress;
        plane.ProxyHeaders.Refused -= TellProxy;
        _addresses.Dispose();
    }

    private void TellAddress(IPAddress address) => _addresses.Note(address, TooManyConnections);

    private void TellProxy(IPAddress proxy, ProxyHeaderFault fault) => _addresses.Note(proxy, ProxyFaults[fault]);

    private void TellMemory(MemoryLevel level)
    {
        if (level == MemoryLevel.Free)
        {
            LogMemoryFree(logger, plane.Memory.Used / MebiBytes, plane.Memory.Limit / MebiBytes);
        }
        else
        {
            LogMemoryFull(logger, level == MemoryLevel.Over ? "requests and connections" : "requests", plane.Memory.Used / MebiBytes, plane.Memory.Limit / MebiBytes);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Out of memory: new {What} are refused ({Used} MiB in use, limits.memory is {Limit})")]
    private static partial void LogMemoryFull(ILogger logger, string what, long used, long limit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is memory again: requests are taken ({Used} MiB in use, limits.memory is {Limit})")]
    private static partial void LogMemoryFree(ILogger logger, long used, long limit);
}
