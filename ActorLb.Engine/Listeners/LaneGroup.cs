using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Epoll;
using ActorLb.Engine.Health;
using ActorLb.Engine.Kestrel;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Listeners;

/// <summary>All lanes of a node, as one: each listener is served by the lane that its engine asks for.</summary>
public sealed class LaneGroup : ILane
{
    private readonly ImmutableArray<ILane> _lanes;

    private LaneGroup(ImmutableArray<ILane> lanes) => _lanes = lanes;

    /// <summary>One of each kind that a listener needs.</summary>
    internal ImmutableArray<ILane> Lanes => _lanes;

    /// <inheritdoc/>
    public ImmutableDictionary<string, IPEndPoint> Endpoints => _lanes.SelectMany(l => l.Endpoints).ToImmutableDictionary();

    /// <summary>Of each event loop; empty before the start, and where no listener has any.</summary>
    public IReadOnlyList<LoopFigures> Loops => [.. _lanes.OfType<EpollLane>().SelectMany(l => l.Figures)];

    /// <exception cref="LaneUnavailableException">A listener asks for a lane that it cannot have.</exception>
    public static LaneGroup Build(
        DataPlane plane, TrafficDirector director, PassiveHealth passive, NodeSettings settings, ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger<LaneGroup>();
        string? unavailable = EpollLane.Unavailable;
        var lanes = ImmutableArray.CreateBuilder<ILane>();
        ILookup<ListenerEngine, ListenerSettings> listeners = settings.Listeners.ToLookup(l => Choose(l, settings, unavailable, logger));
        if (listeners[ListenerEngine.Epoll].Any())
        {
            lanes.Add(new EpollLane(plane, director, passive, [.. listeners[ListenerEngine.Epoll]], settings.Limits, loggers));
        }

        if (listeners[ListenerEngine.Kestrel].Any())
        {
            lanes.Add(KestrelLane.Build(plane, director, passive, [.. listeners[ListenerEngine.Kestrel]], settings.Limits, loggers));
        }

        return new LaneGroup(lanes.ToImmutable());
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
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
    }

    private static ListenerEngine Choose(ListenerSettings listener, NodeSettings settings, string? unavailable, ILogger logger)
    {
        ListenerEngine engine = LanePolicy.Choose(listener, settings, unavailable, out string? reason);
        if (listener.Engine == ListenerEngine.Auto && reason is not null)
        {
            logger.LogInformation("Listener {Listener} is served by Kestrel: {Reason}", listener.Name, reason);
        }

        return engine;
    }
}
