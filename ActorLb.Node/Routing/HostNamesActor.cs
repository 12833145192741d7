using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine;
using ActorLb.Engine.Backends;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Supervision;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Routing;

/// <summary>
/// Looks up the names of backends (http://name, https://name) every second and tells the data plane, which requests and
/// probes ask. A look-up that fails or takes too long keeps the last answer.
/// </summary>
internal sealed class HostNamesActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "host-names";

    /// <summary>As for the names of dns://.</summary>
    private static readonly TimeSpan LookUpInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(2);

    private readonly DataPlane _plane;
    private readonly INameResolver _resolver;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _unresolved = [];
    private readonly HashSet<string> _known = [];

    public HostNamesActor(DataPlane plane, INameResolver resolver, ILogger<HostNamesActor> logger, TimeProvider time)
    {
        _plane = plane;
        _resolver = resolver;
        _logger = logger;
        _time = time;
        Receive<Tick>(_ => Begin());
        Receive<LookedUp>(OnLookedUp);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Self.Tell(Tick.Instance);

    private void Begin()
    {
        // The pools as they are now: backends come and go.
        ImmutableArray<string> names =
        [
            .. _plane.Routing.Pools.Values
                .SelectMany(p => p.Backends)
                .Select(b => _plane.Addresses.Of(b.Address))
                .Where(h => h.IsName)
                .Select(h => h.Name)
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        IActorRef self = Self;
        _ = TellAsync();

        async Task TellAsync()
        {
            (string, ImmutableArray<IPAddress>?)[] found = await Task.WhenAll(names.Select(async name =>
            {
                using var timeout = new CancellationTokenSource(LookUpTimeout, _time);
                return (name, await _resolver.TryAllAsync(name, timeout.Token));
            }));
            self.Tell(new LookedUp([.. found]));
        }
    }

    private void OnLookedUp(LookedUp lookedUp)
    {
        foreach ((string name, ImmutableArray<IPAddress>? addresses) in lookedUp.Names)
        {
            if (addresses is { Length: > 0 } found)
            {
                _unresolved.Remove(name);
                OnFound(name, found);
            }
            else if (_unresolved.Add(name))
            {
                Log.BackendNameUnresolved(_logger, name);
            }
        }

        Timers.StartSingleTimer(Tick.Instance, Tick.Instance, LookUpInterval);
    }

    private void OnFound(string name, ImmutableArray<IPAddress> found)
    {
        bool changed = _plane.Addresses.Set(name, found);
        string order = string.Join(", ", BackendAddresses.Ordered(found).Select(a => a.ToString()));
        if (changed)
        {
            Log.BackendNameMoved(_logger, name, order);
        }

        if (found.Length > 1 && (_known.Add(name) || changed))
        {
            Log.BackendNameHasMany(_logger, name, found.Length, order);
        }
    }

    private sealed record LookedUp(ImmutableArray<(string Name, ImmutableArray<IPAddress>? Addresses)> Names);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
