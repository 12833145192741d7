using System.Net;
using ActorLb.Engine.Memory;
using ActorLb.Engine.Reports;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Lanes;

/// <summary>Tells the operator where clients are refused because of what the node has: memory, and connections for each address.</summary>
internal sealed partial class NodeReports(DataPlane plane, ILogger logger) : IDisposable
{
    private const long MebiBytes = 1 << 20;
    private const string TooManyConnections = "has more connections than limits.connections-per-address-max; further ones are closed";

    private readonly AddressReports _addresses = new(plane.Time, logger);

    public void Start()
    {
        plane.Memory.Changed += TellMemory;
        plane.Connections.AddressRefused += TellAddress;
    }

    public void Dispose()
    {
        plane.Memory.Changed -= TellMemory;
        plane.Connections.AddressRefused -= TellAddress;
        _addresses.Dispose();
    }

    private void TellAddress(IPAddress address) => _addresses.Note(address, TooManyConnections);

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
