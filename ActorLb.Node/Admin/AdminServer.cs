using System.Net;
using System.Net.Sockets;
using ActorLb.Engine;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Listeners;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Events;
using ActorLb.Node.Reloads;
using ActorLb.Node.Revisions;
using ActorLb.Node.Tokens;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>
/// The admin API of one node, apart from the listeners for clients, and its probes, which may have an address of their own
/// beside. Starts first and stops last, so that liveness and readiness can be asked for all the time.
/// </summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private readonly AdminSite _site;
    private readonly AdminSite? _probes;
    private readonly AccessLog? _auditFile;
    private readonly AccessLogWriter _auditWriter;
    private readonly AdminTls? _tls;
    private readonly LiveEndpoints _live;

    public AdminServer(DataPlane plane, AdminTokens tokens, INodeView view, IOperatorDesk desk, IBackendDesk backends, ITicketKeyDesk keys, ISessionDesk sessions, IReloads reloads, IRevisions revisions, EventLog events, DashboardSessions dashboardSessions, IFiguresDesk figures, ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger("ActorLb.Admin");
        Metrics = new NodeMetrics(plane, view);
        AuditLogSettings auditLog = plane.Settings.Admin.AuditLog;
        _auditFile = auditLog.IsOn
            ? new AccessLog(new AccessLogSettings(auditLog.Path, AccessLogFormat.Json, auditLog.BufferBytes)) { Name = "Audit log", IsPrivate = true }
            : null;
        _auditWriter = new AccessLogWriter(() => _auditFile, logger, plane.Time, "audit log");
        Audit = new AuditLog(plane.Settings.Name, _auditFile, plane.Time, logger);
        _tls = plane.Settings.Admin.Tls is { } tls ? new AdminTls(tls, Audit, plane, logger) : null;
        var guesses = new TokenGuesses(plane.Time);
        var subjects = new AuditSubjects(plane, view);
        var guard = new AdminGuard(tokens, guesses, dashboardSessions);
        var pipeline = new AdminPipeline(guard, Audit, subjects, new ChangeSpans(plane.Traces.Spans, (entry, span) => ChangeBegan?.Invoke(entry, span)), (context, next) => _site!.PassAsync(context, next));
        var live = new LiveDocument(plane, view, figures, events);
        var endpoints = new AdminEndpoints(plane, view, live, desk, Metrics, logger);
        var drains = new DrainEndpoints(plane, view);
        var backendEndpoints = new BackendEndpoints(plane, view, subjects, backends, desk, logger);
        var keyEndpoints = new KeyEndpoints(plane, keys, logger);
        var eventEndpoints = new EventEndpoints(events, guard, plane.Time);
        var sessionEndpoints = new SessionEndpoints(plane, view, sessions, logger);
        var reloadEndpoints = new ReloadEndpoints(plane, view, reloads);
        var topology = new TopologyEndpoints(plane, view, revisions, reloads, logger);
        var dashboard = new DashboardEndpoints(plane, tokens, dashboardSessions, guard, figures);
        _live = new LiveEndpoints(plane, view, live, figures, guard, logger);
        _site = new AdminSite(plane.Settings.Admin.Bind, loggers, app =>
        {
            app.UseRouting();
            app.Use(pipeline.InvokeAsync);
            endpoints.Map(app);
            backendEndpoints.Map(app);
            keyEndpoints.Map(app);
            drains.Map(app);
            eventEndpoints.Map(app);
            sessionEndpoints.Map(app);
            reloadEndpoints.Map(app);
            topology.Map(app);
            dashboard.Map(app);
            _live.Map(app);
            Endpoints = [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints)];
        }, plane.Time, _tls);
        if (plane.Settings.Admin.HealthBind is { } bind)
        {
            _probes = new AdminSite(bind, loggers, app =>
            {
                app.UseRouting();
                endpoints.MapProbes(app);
            }, plane.Time);
        }

        ReloadMetrics.AddTo(Metrics.Registry, view, plane.Clock, plane.Settings.Name);
        AdminMetrics.AddTo(Metrics.Registry, guesses, _site.Places, _probes?.Places);
        CertificateMetrics.AddAdminTo(Metrics.Registry, () => _tls?.Expires);
        AuditMetrics.AddTo(Metrics.Registry, _auditFile);
    }

    /// <summary>Where it listens, once started.</summary>
    public IPEndPoint Endpoint => _site.Endpoint;

    /// <summary>Where the probes can be asked beside, once started; null where they have no address of their own.</summary>
    public IPEndPoint? ProbeEndpoint => _probes?.Endpoint;

    public NodeMetrics Metrics { get; }

    /// <summary>Somebody asks for a change, and his request's span is recorded.</summary>
    public event Action<AuditEntry, System.Diagnostics.ActivityContext>? ChangeBegan;

    public AuditLog Audit { get; }

    /// <summary>The one that it shows; null: it has no TLS.</summary>
    public CertificateInUse? CertificateInUse => _tls?.InUse;

    /// <summary>What has changed of its certificate and cannot be used.</summary>
    public IReadOnlyList<CertificateProblem> CertificateProblems => _tls?.Problems ?? [];

    /// <summary>All that is answered at <see cref="Endpoint"/>.</summary>
    internal IReadOnlyList<Endpoint> Endpoints { get; private set; } = [];

    /// <summary>Binds its addresses without listening there yet, and looks whether the audit log can be written. It may be left out.</summary>
    /// <exception cref="IOException">One cannot be had, or it cannot be written.</exception>
    public void Hold()
    {
        _auditFile?.MakeFile("admin.audit-log.path");
        Hold(_site, "admin.bind");
        if (_probes is not null)
        {
            Hold(_probes, "admin.health-bind");
        }
    }

    private static void Hold(AdminSite site, string key)
    {
        try
        {
            site.Hold();
        }
        catch (SocketException e)
        {
            throw BindFailure.Of(key, site.Bind, e);
        }
    }

    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_auditFile is not null)
        {
            _auditWriter.Start();
        }

        _tls?.Start();
        await StartAsync(_site, "admin.bind", cancellation);
        if (_probes is not null)
        {
            await StartAsync(_probes, "admin.health-bind", cancellation);
        }
    }

    private static async Task StartAsync(AdminSite site, string key, CancellationToken cancellation)
    {
        try
        {
            await site.StartAsync(cancellation);
        }
        catch (IOException e)
        {
            throw BindFailure.Of(key, site.Bind, e);
        }
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        // What has no end of its own would keep the others waiting.
        _live.Close();
        await _site.StopAsync(cancellation);
        if (_probes is not null)
        {
            await _probes.StopAsync(cancellation);
        }

        await _auditWriter.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _live.Close();
        await _site.DisposeAsync();
        if (_probes is not null)
        {
            await _probes.DisposeAsync();
        }

        _tls?.Dispose();
        await _auditWriter.DisposeAsync();
        Audit.Dispose();
    }
}
