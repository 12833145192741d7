using System.Collections.Immutable;
using System.Net.Sockets;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster.Connections;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Cluster.Identity;
using ActorLb.Node.Wire;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>
/// The actors of one node. Keeps an actor system running for as long as the process wants one: when it ends without
/// being asked (the others went on without this node, a fatal error), the next one is started in place, while
/// listeners and data plane go on with what they have.
/// </summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    /// <summary>The name of every node's actor system: nodes only talk to systems of the same name.</summary>
    public const string SystemName = FixedConfiguration.SystemName;

    private static readonly TimeSpan BackoffMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(10);

    /// <summary>A system that lived this long was healthy: the next one need not wait.</summary>
    private static readonly TimeSpan HealthyAfter = TimeSpan.FromMinutes(1);

    private readonly NodeSettings _settings;
    private readonly DataPlane _plane;
    private readonly Action<AkkaConfigurationBuilder, IServiceProvider> _capabilities;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly NodeIdentity? _identity;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _everUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ActorSystemHost? _current;
    private volatile MembershipChanged _membership;
    private CancellationToken _abandonLeaving = CancellationToken.None;
    private Task _supervision = Task.CompletedTask;
    private string _host;
    private int _port;
    private long _restarts;

    /// <param name="capabilities">
    /// The extensions of the node's capabilities; called for every actor system anew. The service provider has
    /// NodeSettings, DataPlane, TimeProvider, ILoggerFactory and WireRefusals; the actor registry has MembershipActor.
    /// </param>
    /// <param name="resolver">Looks names up; null: as the operating system does.</param>
    public ControlPlane(
        NodeSettings settings,
        DataPlane plane,
        Action<AkkaConfigurationBuilder, IServiceProvider> capabilities,
        ILoggerFactory loggers,
        TimeProvider time,
        INameResolver? resolver = null)
    {
        _settings = settings;
        _plane = plane;
        _capabilities = capabilities;
        _loggers = loggers;
        _logger = loggers.CreateLogger<ControlPlane>();
        _time = time;
        _host = settings.Cluster.Host;
        _port = settings.Cluster.Port;
        _membership = new MembershipChanged(settings.Name, []);
        Refusals = new WireRefusals(time, loggers.CreateLogger<WireRefusals>());
        RefusedPeers = new RefusedPeers(time, loggers.CreateLogger<RefusedPeers>());
        _identity = NodeIdentity.Of(settings.Cluster);
        Discovery = new DiscoveryLinks(new Outsider(settings, Refusals, RefusedPeers, _identity, time), resolver ?? SystemNameResolver.Instance);
    }

    /// <summary>What the wire refused, over all actor systems of this process.</summary>
    public WireRefusals Refusals { get; }

    /// <summary>Who was refused at the cluster's port, over all actor systems of this process.</summary>
    public RefusedPeers RefusedPeers { get; }

    /// <summary>What this process knows of other nodes, over all its actor systems.</summary>
    internal DiscoveryLinks Discovery { get; }

    /// <summary>The actor system of now; null while there is none.</summary>
    public ActorSystem? System => _current?.System;

    /// <summary>Where this node's actors are reached; the port is the real one also where the settings say 0.</summary>
    public HostPort Address => new(_host, _port);

    /// <summary>The members as MembershipActor last told them; empty while there is no actor system.</summary>
    public MembershipChanged Membership => _membership;

    /// <summary>Who died a while ago and is not back.</summary>
    public ImmutableArray<LostNode> Lost => [.. _membership.Lost.Where(l => _plane.Clock.UtcNow - l.Since <= LostNodes.ToldFor)];

    /// <summary>Why there will be no actor system any more; null: there is one, or the next one is on its way.</summary>
    public string? Failure => _stopping.IsCancellationRequested || !_supervision.IsCompleted
        ? null
        : $"the supervision of the actors has ended: {_supervision.Exception?.GetBaseException().Message}";

    /// <summary>How many actor systems ended without being asked.</summary>
    public long Restarts => Interlocked.Read(ref _restarts);

    /// <summary>
    /// Finds out whether the cluster's port can be had, by having it for a moment. Of a node whose address is still to be
    /// found the start does, which fails before it joins, too.
    /// </summary>
    /// <exception cref="ControlPlaneException">It cannot.</exception>
    public async Task RefuseUsedPortAsync()
    {
        if (_host.Length == 0)
        {
            return;
        }

        try
        {
            (await NodeListener.BoundAsync(_host, _port, listens: false)).Dispose();
        }
        catch (SocketException e)
        {
            throw ControlPlaneException.Of(Address.ToString(), e);
        }
    }

    /// <summary>Starts the first actor system; it joins the cluster on its own time.</summary>
    /// <exception cref="ControlPlaneException">It cannot start, for instance because the port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ActorSystemHost host = await StartSystemAsync();
        _supervision = SuperviseAsync(host);
    }

    /// <summary>Waits until this node was first a member that is up; false where that takes longer. Joining goes on.</summary>
    public async Task<bool> WhenUpAsync(TimeSpan timeout)
    {
        try
        {
            await _everUp.Task.WaitAsync(timeout, _time);
            return true;
        }
        catch (TimeoutException)
        {
            Log.NotJoinedYet(_logger, timeout);
            return false;
        }
    }

    /// <summary>
    /// Leaves the cluster, hands the shards over and ends the actor system. After shutdown-timeout, or when
    /// cancelled, it ends without leaving, and the others find out for themselves.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (!_stopping.IsCancellationRequested)
        {
            _abandonLeaving = cancellation;
            await _stopping.CancelAsync();
        }

        await _supervision;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await Discovery.Outsider.DisposeAsync();
        RefusedPeers.Dispose();
        _stopping.Dispose();
    }

    private async Task<ActorSystemHost> StartSystemAsync()
    {
        NodeSettings settings = await OwnAddress.FindAsync(_settings, Discovery.Resolver, _time);
        _host = settings.Cluster.Host;
        await Discovery.Outsider.UseAsync(settings);
        ActorSystemHost host = await ActorSystemHost.StartAsync(new ActorSystemPlan(
            settings, _port, Discovery, _plane, _capabilities, OnMembershipChanged, Refusals, RefusedPeers, _identity, _loggers, _time));
        _port = host.Address.Port ?? _port;
        _current = host;
        _ = host.WhenUp.ContinueWith(_ => _everUp.TrySetResult(), TaskScheduler.Default);
        Log.ControlPlaneListens(_logger, Address);
        return host;
    }

    private async Task SuperviseAsync(ActorSystemHost first)
    {
        TimeSpan backoff = TimeSpan.Zero;
        for (ActorSystemHost? host = first; host is not null; host = await StartAgainAsync(backoff))
        {
            long startedAt = _time.GetTimestamp();
            long leftBefore = Discovery.ClustersLeft;
            await WhenEndedOrStoppingAsync(host);
            _plane.Rebinder = IRebinder.Unavailable;
            bool asked = _stopping.IsCancellationRequested;
            if (!asked)
            {
                // Who moves to another cluster is well, and expected there.
                bool moves = Discovery.ClustersLeft != leftBefore;
                backoff = moves ? TimeSpan.Zero
                    : _time.GetElapsedTime(startedAt) >= HealthyAfter ? BackoffMin
                    : Longer(backoff);
                Interlocked.Increment(ref _restarts);
                if (moves)
                {
                    Log.ActorsMove(_logger);
                }
                else
                {
                    Log.ActorSystemEnded(_logger, host.EndedBy, backoff.TotalSeconds);
                }
            }

            if (await host.StopAsync(_settings.ShutdownTimeout, _time, _abandonLeaving) is { } failure)
            {
                Log.ActorSystemAborted(_logger, failure);
            }

            // Again: one that came up while it was asked to end may have set its own meanwhile.
            _plane.Rebinder = IRebinder.Unavailable;
            _current = null;
            _membership = new MembershipChanged(_settings.Name, []);
            if (asked)
            {
                return;
            }
        }
    }

    private async Task WhenEndedOrStoppingAsync(ActorSystemHost host)
    {
        try
        {
            await host.System.WhenTerminated.WaitAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop: the caller sees it by the token.
        }
    }

    // Null once the process wants no more of them.
    private async Task<ActorSystemHost?> StartAgainAsync(TimeSpan backoff)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(backoff, _time, _stopping.Token);
                return await StartSystemAsync();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                backoff = Longer(backoff);
                Log.ActorSystemNotStarted(_logger, e, backoff.TotalSeconds);
            }
        }

        return null;
    }

    private static TimeSpan Longer(TimeSpan backoff) =>
        backoff * 2 is var twice && twice < BackoffMin ? BackoffMin : twice < BackoffMax ? twice : BackoffMax;

    private void OnMembershipChanged(MembershipChanged membership) => _membership = membership;
}
