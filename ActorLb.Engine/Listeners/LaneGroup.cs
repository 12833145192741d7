using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Epoll;
using ActorLb.Engine.Health;
using ActorLb.Engine.Kestrel;
using ActorLb.Engine.Memory;
using ActorLb.Engine.Reports;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Listeners;

/// <summary>All lanes of a node, as one: each listener is served by the lane that its engine asks for.</summary>
public sealed partial class LaneGroup : ILane
{
    private const long MebiBytes = 1 << 20;
    private const string TooManyConnections = "has more connections than limits.connections-per-address-max; further ones are closed";

    private readonly ImmutableArray<ILane> _lanes;

    private readonly DataPlane _plane;
    private readonly ILogger _logger;
    private readonly AddressReports _reports;

    private readonly Dictionary<string, string> _whyKestrel;

    private LaneGroup(ImmutableArray<ILane> lanes, Dictionary<string, string> whyKestrel, DataPlane plane, ILogger logger)
    {
        _whyKestrel = whyKestrel;
        _lanes = lanes;
        _plane = plane;
        _logger = logger;
        _reports = new AddressReports(plane.Time, logger);
    }

    /// <summary>One of each kind that a listener needs.</summary>
    internal ImmutableArray<ILane> Lanes => _lanes;

    /// <inheritdoc/>
    public ImmutableDictionary<string, IPEndPoint> Endpoints => _lanes.SelectMany(l => l.Endpoints).ToImmutableDictionary();

    /// <inheritdoc/>
    public string? Failure() => _lanes.Select(l => l.Failure()).FirstOrDefault(f => f is not null);

    /// <summary>Of each event loop; empty before the start, and where no listener has any.</summary>
    public IReadOnlyList<LoopFigures> Loops => [.. _lanes.OfType<EpollLane>().SelectMany(l => l.Figures)];

    /// <exception cref="LaneUnavailableException">A listener asks for a lane that it cannot have.</exception>
    public static LaneGroup Build(
        DataPlane plane, TrafficDirector director, PassiveHealth passive, NodeSettings settings, ILoggerFactory loggers)
    {
        var whyKestrel = new Dictionary<string, string>();
        string? unavailable = EpollLane.Unavailable;
        var lanes = ImmutableArray.CreateBuilder<ILane>();
        ILookup<ListenerEngine, ListenerSettings> listeners = settings.Topology.Listeners.ToLookup(l => Choose(l, settings, unavailable, whyKestrel));
        if (listeners[ListenerEngine.Epoll].Any())
        {
            lanes.Add(new EpollLane(plane, director, passive, [.. listeners[ListenerEngine.Epoll]], settings.Topology.Limits, loggers));
        }

        if (listeners[ListenerEngine.Kestrel].Any())
        {
            lanes.Add(KestrelLane.Build(plane, director, passive, [.. listeners[ListenerEngine.Kestrel]], settings.Topology.Limits, loggers));
        }

        return new LaneGroup(lanes.ToImmutable(), whyKestrel, plane, loggers.CreateLogger<LaneGroup>());
    }

    /// <inheritdoc/>
    public void Hold()
    {
        foreach (ILane lane in _lanes)
        {
            lane.Hold();
        }
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach ((string listener, string reason) in _whyKestrel)
        {
            _logger.LogInformation("Listener {Listener} is served by Kestrel: {Reason}", listener, reason);
        }

        _plane.Memory.Changed += TellMemory;
        _plane.Connections.AddressRefused += TellAddress;
        _plane.Memory.Start();
        foreach (ILane lane in _lanes)
        {
            await lane.StartAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public Task LeaveAsync(TimeSpan atMost, CancellationToken cancellation) =>
        Task.WhenAll(_lanes.Select(l => l.LeaveAsync(atMost, cancellation)));

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => Task.WhenAll(_lanes.Select(l => l.StopAsync(cancellation)));

    public async ValueTask DisposeAsync()
    {
        foreach (ILane lane in _lanes)
        {
            await lane.DisposeAsync();
        }

        _plane.Memory.Dispose();
        _plane.Memory.Changed -= TellMemory;
        _plane.Connections.AddressRefused -= TellAddress;
        _reports.Dispose();
    }

    private void TellAddress(IPAddress address) => _reports.Note(address, TooManyConnections);

    private void TellMemory(MemoryLevel level)
    {
        if (level == MemoryLevel.Free)
        {
            LogMemoryFree(_logger, _plane.Memory.Used / MebiBytes, _plane.Memory.Limit / MebiBytes);
        }
        else
        {
            LogMemoryFull(_logger, level == MemoryLevel.Over ? "requests and connections" : "requests", _plane.Memory.Used / MebiBytes, _plane.Memory.Limit / MebiBytes);
        }
    }

    private static ListenerEngine Choose(ListenerSettings listener, NodeSettings settings, string? unavailable, Dictionary<string, string> whyKestrel)
    {
        ListenerEngine engine = LanePolicy.Choose(listener, settings, unavailable, out string? reason);
        if (listener.Engine == ListenerEngine.Auto && reason is not null)
        {
            whyKestrel[listener.Name] = reason;
        }

        return engine;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Out of memory: new {What} are refused ({Used} MiB in use, limits.memory is {Limit})")]
    private static partial void LogMemoryFull(ILogger logger, string what, long used, long limit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is memory again: requests are taken ({Used} MiB in use, limits.memory is {Limit})")]
    private static partial void LogMemoryFree(ILogger logger, long used, long limit);
}
