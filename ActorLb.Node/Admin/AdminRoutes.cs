using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Admin;

/// <summary>
/// All that the admin API can be asked, with the role that it takes. <see cref="AdminRole.Read"/> looks at what shows no secret;
/// the text of a configuration is for those who may give one out: its secrets are left out by their keys, and nobody knows what
/// else an operator wrote into it.
/// </summary>
internal static class AdminRoutes
{
    private const string Backends = "/api/v1/pools/{pool}/backends";
    private const string OneBackend = Backends + "/{id}";
    private const string Overlays = "/api/v1/overlays";
    private const string SessionsOf = "/api/v1/sessions";
    private const string Topology = "/api/v1/topology";
    private const string Trial = "dry-run";

    private static readonly AdminQuery OfPool = new([], ["pool"]);

    /// <summary>Probes of an orchestrator carry no token, and what they learn is no secret.</summary>
    public static readonly AdminRoute Live = Everybody("/livez");
    public static readonly AdminRoute Ready = Everybody("/readyz");

    /// <summary>The dashboard's files hold nothing of this cluster: what they show is asked for by <see cref="Follow"/> and the others.</summary>
    public static readonly AdminRoute Page = Everybody("/");
    public static readonly AdminRoute Asset = Everybody("/assets/{**file}");

    /// <summary>Beside the page, so that a browser sends the cookie to it and to what stands below.</summary>
    public static readonly AdminRoute Caller = Everybody("/caller");
    public static readonly AdminRoute LogIn = OfOwnSession("/log-in", "log-in");
    public static readonly AdminRoute LogOut = OfOwnSession("/log-out", "log-out");

    public static readonly AdminRoute Follow = Look("/api/v1/live");
    public static readonly AdminRoute Figures = Look("/api/v1/figures") with { Query = new([], ["route", "pool", "backend", "session", "last"]) };
    public static readonly AdminRoute Backend = Look(OneBackend);

    public static readonly AdminRoute Metrics = Look("/metrics");
    public static readonly AdminRoute Status = Look("/api/v1/status");
    public static readonly AdminRoute Drains = Look("/api/v1/drains");
    public static readonly AdminRoute Events = Look("/api/v1/events") with { Query = new([], ["since", "pool", "kind", "follow"]) };
    public static readonly AdminRoute Sessions = Look(SessionsOf) with { Query = new([], ["pool", "backend"]) };
    public static readonly AdminRoute Session = Look(SessionsOf + "/{session}") with { Query = OfPool };
    public static readonly AdminRoute Keys = Look("/api/v1/keys");
    public static readonly AdminRoute History = Look(Topology + "/history");
    public static readonly AdminRoute Diff = Look(Topology + "/diff") with { Query = new(["nodes"], ["from", "to"]) };
    public static readonly AdminRoute Route = Look("/api/v1/route") with { Query = new([], ["method", "url", AdminQuery.Header, "listener"]) };

    public static readonly AdminRoute Export = Look(Topology, AdminRole.Operate) with { Query = new(["json"], []) };
    public static readonly AdminRoute Revision = Look(Topology + "/history/{n}", AdminRole.Operate);

    public static readonly AdminRoute Drain = Change("POST", OneBackend + "/drain", "drain", AuditSubject.Backend);
    public static readonly AdminRoute MakeReady = Change("POST", OneBackend + "/ready", "ready", AuditSubject.Backend);
    public static readonly AdminRoute Maintain = Change("POST", OneBackend + "/maintenance", "maintenance", AuditSubject.Backend);
    public static readonly AdminRoute AddBackend = Change("POST", Backends, "add", AuditSubject.Backend);
    public static readonly AdminRoute RemoveBackend = Change("DELETE", OneBackend, "remove", AuditSubject.Backend) with { Query = new(["now"], ["deadline"]) };
    public static readonly AdminRoute WeighBackend = Change("PUT", OneBackend + "/weight", "weight", AuditSubject.Backend);
    public static readonly AdminRoute ResetAll = Change("DELETE", Overlays, "reset", AuditSubject.Overlays);
    public static readonly AdminRoute ResetPool = Change("DELETE", Overlays + "/{pool}", "reset", AuditSubject.Overlays);
    public static readonly AdminRoute ResetBackend = Change("DELETE", Overlays + "/{pool}/{id}", "reset", AuditSubject.Backend);
    public static readonly AdminRoute EndSession = Change("DELETE", SessionsOf + "/{session}", "end-session") with { Query = OfPool };
    public static readonly AdminRoute MoveSession = Change("POST", SessionsOf + "/{session}/move", "move-session") with { Query = OfPool };
    public static readonly AdminRoute RotateKeys = Change("POST", "/api/v1/keys/rotate", "rotate-keys");
    public static readonly AdminRoute Reload = Change("POST", "/api/v1/reload", "reload", AuditSubject.Topology) with { Query = new(["all", Trial], []) };
    public static readonly AdminRoute Apply = Change("POST", Topology, "apply", AuditSubject.Topology) with { Query = new([Trial, "release"], []) };
    public static readonly AdminRoute RollBack = Change("POST", Topology + "/rollback/{n}", "rollback", AuditSubject.Topology) with { Query = new([Trial], []) };

    /// <summary>Each of them is answered, and nothing else is.</summary>
    public static readonly ImmutableArray<AdminRoute> All =
    [
        Live, Ready,
        Page, Asset, LogIn, LogOut,
        Caller, Follow, Figures, Backend,
        Metrics, Status, Drains, Events, Sessions, Session, Keys, History, Diff, Route,
        Export, Revision,
        Drain, MakeReady, Maintain, AddBackend, RemoveBackend, WeighBackend, ResetAll, ResetPool, ResetBackend,
        EndSession, MoveSession,
        RotateKeys, Reload, Apply, RollBack,
    ];

    private static AdminRoute Everybody(string pattern) => new("GET", pattern, null);

    private static AdminRoute Look(string pattern, AdminRole role = AdminRole.Read) => new("GET", pattern, role);

    // Whoever may look may come and go; it is written down as changes are.
    private static AdminRoute OfOwnSession(string pattern, string action) => new("POST", pattern, AdminRole.Read) { Action = action, IsOfOwnSession = true };

    private static AdminRoute Change(string method, string pattern, string action, AuditSubject subject = AuditSubject.None) =>
        new(method, pattern, AdminRole.Operate) { Action = action, Subject = subject };
}
