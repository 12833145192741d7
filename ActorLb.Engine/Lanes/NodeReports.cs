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
internal sealed class NodeReports(DataPlane plane, ILogger logger) : IDisposable
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
            Log.MemoryFree(logger, plane.Memory.Used / MebiBytes, plane.Memory.Limit / MebiBytes);
        }
        else
        {
            Log.MemoryFull(logger, level == MemoryLevel.Over ? "requests and connections" : "requests", plane.Memory.Used / MebiBytes, plane.Memory.Limit / MebiBytes);
        }
    }
}
