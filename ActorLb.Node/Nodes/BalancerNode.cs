using System.Collections.Immutable;
using System.Net;
using System.Runtime.ExceptionServices;
using ActorLb.Engine;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Health;
using ActorLb.Engine.Lanes;
using ActorLb.Engine.Traffic;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using ActorLb.Node.Cluster;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Exchange;
using ActorLb.Node.Events.Sources;
using ActorLb.Node.Health;
using ActorLb.Node.Otlp;
using ActorLb.Node.Overlays;
using ActorLb.Node.RateLimits;
using ActorLb.Node.Reloads;
using ActorLb.Node.Revisions;
using ActorLb.Node.Routing;
using ActorLb.Node.Sessions;
using ActorLb.Node.Sessions.Hosting;
using ActorLb.Node.Storage;
using ActorLb.Node.Supervision;
using ActorLb.Node.Tokens;
using ActorLb.Node.Topologies;
using ActorLb.Node.Traffic;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Nodes;

/// <summary>
/// One balancer node, whole: the data plane, the actors that steer it, the admin API and the listeners.
/// Listeners open last and close first, so that nobody is served by a node that does not know the sessions.
/// </summary>
internal sealed class BalancerNode : IRunningNode
{
    private readonly NodeSettings _settings;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly INameResolver _resolver;
    private readonly DataPlane _plane;
    private readonly HealthCapability _health;
    private readonly ClusterTraffic _traffic;
    private readonly LiveTopology _topology;
    private readonly ConfigurationReload _reload;
    private readonly ConfigurationWatch? _files;
    private readonly NodeOverlays _overlays;
    private readonly RevisionCapability _revisions;
    private readonly ControlPlane _control;
    private readonly NodeStore _store;
    private readonly LaneGroup _lanes;
    private readonly AdminServer _admin;
    private readonly AccessLogWriter _accessLog;
    private readonly DescriptorCheck _descriptors;
    private readonly NodeEvents _events;
    private readonly OtlpPush _otlp;
    private readonly SpanPush _spans;
    private readonly NodeWatch _watch;
    private readonly OwnFigures _figures;
    private readonly FigureSampler _sampler;
    private readonly DashboardSessions _dashboardSessions;
    private readonly SharedNameCheck _sharedName;
    private bool _isPrepared;
    private volatile NodePhase _phase = NodePhase.Starting;
    private volatile SessionCapability _sessions = new();

    /// <param name="resolver">Looks up the names of nodes and backends; null: as the operating system does.</param>
    public BalancerNode(NodeSettings settings, ILoggerFactory loggers, TimeProvider time, INameResolver? resolver = null)
    {
        _resolver = resolver ?? SystemNameResolver.Instance;
        _settings = settings;
        _logger = loggers.CreateLogger<BalancerNode>();
        _plane = new DataPlane(settings, time);
        _time = _plane.Steady;
        _plane.Addresses.LookUp = async name => await _resolver.ResolveAllAsync(name, CancellationToken.None) is { } found ? [.. found] : [];
        _health = new HealthCapability(settings.Topology.Pools.Keys);
        _traffic = new ClusterTraffic(time);
        _store = new NodeStore(_plane, loggers.CreateLogger<NodeStore>(), _time);
        _control = new ControlPlane(settings, _plane, AddCapabilities, loggers, _time, _resolver);
        _lanes = LaneGroup.Build(
            _plane, new TrafficDirector(_plane), new PassiveHealth(_plane), settings, loggers);
        _topology = new LiveTopology(settings.Topology, new NodeTopology(_lanes), settings.Written, settings.Admin.Tokens);
        _topology.LayersChanged += _ => TellConfiguration();
        _overlays = new NodeOverlays(_plane, _topology, _store, loggers.CreateLogger<NodeOverlays>());
        var reloadLog = new ReloadLog(loggers.CreateLogger("ActorLb.Reload"));
        var tokens = new AdminTokens(settings.Admin);
        _reload = new ConfigurationReload(settings, _topology, tokens, () => ConfigurationLoader.Load(settings.Files), _time, reloadLog);
        _files = settings.WatchesFiles ? new ConfigurationWatch(settings.Files, _reload, time, reloadLog) : null;
        _revisions = new RevisionCapability(
            new RevisionRunner(settings, _topology, ReadFiles, ConfigurationEnvironment.OfProcess), _plane, _store, loggers.CreateLogger("ActorLb.Revisions"));
        _store.StatesRead = _revisions.Begin;
        _descriptors = new DescriptorCheck(_plane, _logger);
        _lanes.Changed += _descriptors.Follow;
        _accessLog = new AccessLogWriter(() => _plane.AccessLog, loggers.CreateLogger<AccessLogWriter>(), time);
        _sharedName = new SharedNameCheck(settings, _control, time);
        _watch = new NodeWatch(
            time, _logger, ("listeners", _lanes.Failure), ("control plane", () => _control.Failure), ("store", () => _store.Failure), ("cluster", _sharedName.Problem));
        var view = new NodeView(this);
        _events = new NodeEvents(this, view, settings, loggers, time);
        var desk = new OperatorDesk(_control);
        var load = new NodeLoad(_time);
        _figures = new OwnFigures(
            _plane, Rings, load, ProductVersion.Text, () => DashboardAddress.Of(settings.Admin, _admin!.Endpoint, _control.Address.Host), () => NodeStandings.Of(_plane, view), () => CertificatesInUse);
        _sampler = new FigureSampler(_plane, Rings, load, _logger);
        _dashboardSessions = new DashboardSessions(settings.Cluster, tokens, () => _plane.Clock.UtcNow);
        _admin = new AdminServer(_plane, tokens, view, desk, desk, new TicketKeyDesk(_control), new SessionDesk(_control), new NodeReloads(_reload, _topology, _control, _plane.Clock, settings.Name), new NodeRevisions(_revisions, _control, _plane.Time), _events.Log, _dashboardSessions, new FiguresDesk(_control, _figures, _dashboardSessions), loggers);
        _admin.ChangeBegan += _events.Decisions.Asked;
        _reload.Ended += _admin.Audit.Reloaded;
        _reload.Ended += _events.Reloaded;
        ControlPlaneMetrics.AddTo(_admin.Metrics.Registry, _control, () => _sessions);
        CertificateMetrics.AddTo(_admin.Metrics.Registry, () => _lanes.CertificateExpiries);
        LoopMetrics.AddTo(_admin.Metrics.Registry, () => _lanes.Loops);
        OverlayMetrics.AddTo(_admin.Metrics.Registry, _overlays);
        StorageMetrics.AddTo(_admin.Metrics.Registry, () => _store.Status);
        _otlp = new OtlpPush(settings.Otlp, settings.Name, ProductVersion.Text, _admin.Metrics.ReadAsync, loggers.CreateLogger("ActorLb.Otlp"), time);
        OtlpMetrics.AddTo(_admin.Metrics.Registry, _otlp);
        _spans = new SpanPush(settings.Otlp, _plane.Traces, settings.Name, ProductVersion.Text, loggers.CreateLogger("ActorLb.Otlp"), time);
        TraceMetrics.AddTo(_admin.Metrics.Registry, _plane.Traces, _spans);
    }

    /// <inheritdoc/>
    public Task<string> WhenFailed => _watch.WhenFailed;

    /// <summary>Where each listener is bound, by its name. Empty before the start.</summary>
    public ImmutableDictionary<string, IPEndPoint> Listeners => _lanes.Endpoints;

    /// <summary>Oldest first; empty while this node has no cluster.</summary>
    public ImmutableArray<NodeMember> Members => _control.Membership.Members;

    /// <summary>Nodes that died a while ago and are not back.</summary>
    public ImmutableArray<LostNode> Lost => _control.Lost;

    public IPEndPoint AdminEndpoint => _admin.Endpoint;

    /// <summary>What happens at this node.</summary>
    internal FigureRings Rings { get; } = new();

    internal IReadOnlyList<CertificateProblem> AdminCertificateProblems => _admin.CertificateProblems;

    /// <summary>All that this node shows to somebody.</summary>
    internal IEnumerable<CertificateInUse> CertificatesInUse => _admin.CertificateInUse is { } admin ? _lanes.CertificatesInUse.Append(admin) : _lanes.CertificatesInUse;

    internal NodePhase Phase => _phase;

    /// <summary>A control plane that fails starts again by itself, and so does an event loop.</summary>
    internal bool IsAlive => !_watch.HasFailed;

    internal string Name => _settings.Name;

    internal NodeEvents Events => _events;

    internal HealthCapability Health => _health;

    internal ClusterTraffic Traffic => _traffic;

    internal NodeOverlays Overlays => _overlays;

    internal ConfigurationReload Reloads => _reload;

    internal DataPlane Plane => _plane;

    internal LiveTopology Topology => _topology;

    internal LaneGroup Lanes => _lanes;

    internal ControlPlane Control => _control;

    internal NodeStore Store => _store;

    internal RevisionCapability Revisions => _revisions;

    internal SessionCapability Sessions => _sessions;

    /// <summary>Who had sessions moved one by one, by the backend that they left.</summary>
    internal Askers<BackendName> MoveAskers { get; } = new();

    /// <inheritdoc/>
    /// <exception cref="IOException">An address or the data directory is in use.</exception>
    /// <exception cref="ControlPlaneException">The cluster's port is.</exception>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        DescriptorCheck.BeforeStart();
        ExceptionDispatchInfo? unheld = HoldListeners();
        _admin.Hold();
        await _control.RefuseUsedPortAsync();

        // Before anything else: what the node knew must be in its tables when the others ask for it.
        _plane.Clock.HoldUntilSettled();
        cancellation.ThrowIfCancellationRequested();
        StartStore(unheld);
        _events.Prepare();
        await _revisions.StartAsync();
        await _overlays.LoadAsync();
        if (unheld is not null)
        {
            HoldOthers(unheld);
        }

        _isPrepared = true;
    }

    /// <summary>
    /// Starts the control plane, waits until the node knows what the cluster knows, and opens the listeners. Without
    /// a cluster it serves alone after cluster.join-timeout; joining goes on.
    /// </summary>
    /// <exception cref="ControlPlaneException">The control plane cannot start.</exception>
    /// <exception cref="IOException">An address or the data directory is in use.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (!_isPrepared)
        {
            await PrepareAsync(cancellation);
        }

        await _admin.StartAsync(cancellation);
        _events.Start();
        _otlp.Start();
        _spans.Start();
        await _control.StartAsync(cancellation);
        long startedAt = _time.GetTimestamp();
        if (await _control.WhenUpAsync(_settings.Cluster.JoinTimeout))
        {
            await _sharedName.RefuseAsync(cancellation);
            await KnownAsync("the revision that the other nodes go by", _revisions.Heard, cancellation);
            await KnownAsync("the bindings of the other nodes", _sessions.Filled, cancellation);
            await KnownAsync("the clocks of the other nodes", _plane.Clock.WhenCompared, cancellation);
        }

        await KnownAsync("a ticket key", _sessions.KeysReady, cancellation);
        await KnownAsync("a verdict on every backend", _health.FirstVerdicts, cancellation);
        await _revisions.WhenRunnableAsync(cancellation);
        _accessLog.Start();
        _descriptors.BeforeListening(_plane.Topology);
        await _topology.InTurnAsync(() => _lanes.StartAsync(cancellation), cancellation);

        // Who hears that it is ready may ask for a reload at once.
        _reload.Open();
        _phase = NodePhase.Ready;
        _watch.Start();
        _events.Ready();
        _files?.Start();
        Log.NodeServes(_logger, _settings.Name, string.Join(", ", Listeners.Values), (long)_time.GetElapsedTime(startedAt).TotalMilliseconds);
    }

    /// <summary>
    /// Leaves in good order: not ready, ask clients to leave, stop accepting, close tunnels, finish requests, hand the shards
    /// over, leave the cluster. Requests that are not finished when the lanes' share of shutdown-timeout is over are cut off,
    /// and everything when the token fires.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _phase = NodePhase.Stopping;
        _events.Leaving();
        _watch.Dispose();
        _sampler.Dispose();
        _files?.Dispose();
        await StopSteps.RunAsync(
            _reload.CloseAsync,
            () => StopLanesAsync(cancellation),
            FlushAccessLogAsync,
            () => _control.StopAsync(cancellation),
            () => _store.DisposeAsync().AsTask(),
            () => _events.DisposeAsync().AsTask(),
            _spans.StopAsync,
            _otlp.StopAsync,
            () => _admin.StopAsync(cancellation));
    }

    /// <inheritdoc/>
    public void Reload() => _reload.Ask(ReloadCause.Signal);

    // A client that does not end is no reason to be missed as a crashed node is.
    private async Task StopLanesAsync(CancellationToken cancellation)
    {
        using var share = new CancellationTokenSource(_settings.ShutdownTimeout * NodeSettings.ClientsShareOfShutdown, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, share.Token);
        try
        {
            await _lanes.LeaveAsync(_settings.StopDelay, either.Token);
        }
        catch (OperationCanceledException)
        {
            // Its time is over: what is left is cut off now.
        }

        await _lanes.StopAsync(either.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        _files?.Dispose();
        await StopSteps.RunAsync(
            _reload.CloseAsync,
            () => _lanes.DisposeAsync().AsTask(),
            FlushAccessLogAsync,
            () => _control.DisposeAsync().AsTask(),
            () => _store.DisposeAsync().AsTask(),
            () => _events.DisposeAsync().AsTask(),
            _spans.StopAsync,
            _otlp.StopAsync,
            () => _admin.DisposeAsync().AsTask());
        _spans.Dispose();
        _otlp.Dispose();
        _reload.Dispose();
        _topology.Dispose();
    }

    // What the files say of listeners does not matter where a revision is in force: that is known when the store is read.
    private ExceptionDispatchInfo? HoldListeners()
    {
        try
        {
            _lanes.Hold();
            return null;
        }
        catch (IOException e) when (_store.Exists)
        {
            return ExceptionDispatchInfo.Capture(e);
        }
    }

    private void StartStore(ExceptionDispatchInfo? unheld)
    {
        try
        {
            _store.Start();
        }
        catch (IOException) when (unheld is not null)
        {
            unheld.Throw();
        }
    }

    private void HoldOthers(ExceptionDispatchInfo unheld)
    {
        if (_topology.State.Revision is null)
        {
            unheld.Throw();
        }

        _lanes.Hold();
    }

    private ConfigurationResult ReadFiles() =>
        _settings.Files.IsEmpty ? new ConfigurationResult(_settings, [], []) : ConfigurationLoader.Load(_settings.Files);

    private Task FlushAccessLogAsync() => _accessLog.DisposeAsync().AsTask();

    private void AddCapabilities(AkkaConfigurationBuilder akka, IServiceProvider services)
    {
        // A run of the control plane waits for what is known anew.
        _sessions = new SessionCapability();

        // First of all: what the others tell at their start is news.
        akka.WithNodeActor<ClusterFactsActor>((_, _, _) => Props.Create(() => new ClusterFactsActor(_events.Facts)))
            .WithEvents(_events.Log)
            .WithHealthAndRouting(_plane, _health, _time, StringComparer.Ordinal.GetHashCode(_settings.Name), _store, _resolver)
            .WithNodeActor<TrafficReportActor>((_, _, _) => Props.Create(() => new TrafficReportActor(_plane, _traffic, _health, () => _topology.State.Fingerprint)))
            .WithWireSerializer("actorlb-reload", ReloadSerializer.Table, system => new ReloadSerializer(system))
            .WithNodeActor<ReloadActor>((_, _, _) => Props.Create(() => new ReloadActor(_reload, _topology, _plane.Clock, _plane.Settings.Name)))
            .WithRateLimits(_plane)
            .WithFigures(_plane, _figures, _dashboardSessions)
            .WithOverlays(_plane, _overlays)
            .WithRevisions(_plane, _revisions)
            .WithSessions(_plane, _sessions, _store)
            .WithSessionDecisions(_plane, _store, MoveAskers);
    }

    private void TellConfiguration()
    {
        _traffic.ConfigurationChanged();
        _control.System?.Own<TrafficReportActor>().Tell(ReportNow.Instance);
    }

    private async Task KnownAsync(string what, Task known, CancellationToken cancellation)
    {
        try
        {
            await known.WaitAsync(_settings.Cluster.JoinTimeout, _time, cancellation);
        }
        catch (TimeoutException)
        {
            Log.ServingWithout(_logger, what, _settings.Cluster.JoinTimeout);
        }
    }
}
