using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Routing;
using ActorLb.Node.Admin;
using ActorLb.Node.Configuration;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Events;
using ActorLb.Node.Overlays;
using ActorLb.Node.Reloads;
using ActorLb.Node.Revisions;
using ActorLb.Node.Storage;
using ActorLb.Node.Tokens;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorLb.Tests.Admin;

/// <summary>An admin server over a real data plane; the control plane behind it is in the test's hands.</summary>
internal sealed class AdminFixture : IAsyncDisposable
{
    private AdminFixture(NodeSettings settings, TimeProvider time)
    {
        Plane = new DataPlane(settings, time);
        Tokens = new AdminTokens(settings.Admin);
        Events = new EventLog(settings.Name, () => Plane.Clock.UtcNow, NullLogger.Instance, eventsMax: 1000);
        DashboardSessions = new DashboardSessions(settings.Cluster, Tokens, () => Plane.Clock.UtcNow);
        Figures.Sessions = DashboardSessions;
        Server = new AdminServer(Plane, Tokens, View, Desk, Backends, Keys, Sessions, Reloads, Revisions, Events, DashboardSessions, Figures, NullLoggerFactory.Instance);
        View.RevisionsOf = () => Revisions.Status;
    }

    public DataPlane Plane { get; }

    public AdminTokens Tokens { get; }

    public FakeView View { get; } = new();

    public FakeDesk Desk { get; } = new();

    public EventLog Events { get; }

    public FakeBackendDesk Backends { get; } = new();

    public FakeKeyDesk Keys { get; } = new();

    public FakeSessionDesk Sessions { get; } = new();

    public FakeReloads Reloads { get; } = new();

    public FakeRevisions Revisions { get; } = new();

    public DashboardSessions DashboardSessions { get; }

    public FakeFiguresDesk Figures { get; } = new();

    public AdminServer Server { get; }

    public Uri Url => new($"{(Plane.Settings.Admin.Tls is null ? "http" : "https")}://{Server.Endpoint}");

    public static async Task<AdminFixture> StartAsync(ImmutableArray<AdminToken> tokens, params string[] backendIds)
    {
        AdminFixture fixture = Make(tokens, backendIds: backendIds);
        await fixture.Server.StartAsync(CancellationToken.None);
        return fixture;
    }

    /// <summary>Not started yet.</summary>
    /// <param name="auditLog">The audit log's file; empty: there is none.</param>
    public static AdminFixture Make(ImmutableArray<AdminToken> tokens, string auditLog = "", AdminTlsSettings? tls = null, TimeProvider? time = null, params string[] backendIds)
    {
        NodeSettings settings = Settings("node-1", new IPEndPoint(IPAddress.Loopback, 0), null, backendIds.Length == 0 ? ["a", "b"] : backendIds);
        return new AdminFixture(
            settings with { Admin = settings.Admin with { Tokens = tokens, Tls = tls, AuditLog = new AuditLogSettings(auditLog, 1 << 16) } }, time ?? TimeProvider.System);
    }

    public static async Task<AdminFixture> StartAsync(
        string? token = null, TimeProvider? time = null, IPEndPoint? health = null, params string[] backendIds)
    {
        NodeSettings settings = Settings("node-1", new IPEndPoint(IPAddress.Loopback, 0), token, backendIds.Length == 0 ? ["a", "b"] : backendIds);
        var fixture = new AdminFixture(
            settings with { Admin = settings.Admin with { HealthBind = health } }, time ?? TimeProvider.System);
        await fixture.Server.StartAsync(CancellationToken.None);
        return fixture;
    }

    public HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Url };

    /// <summary>It tells of another member, and at which address that one is asked.</summary>
    public void Meet(Uri other)
    {
        View.Members = [new NodeMember("node-1", "akka.tcp://actorlb@127.0.0.1:1", "up", true), new NodeMember("node-2", "akka.tcp://actorlb@127.0.0.1:2", "up", true)];
        FiguresAtNode own = Figures.Now.Nodes[0] with { Admin = $"{Url}" };
        Figures.Now = Figures.Now with { Nodes = [own, own with { Node = "node-2", Admin = $"{other}" }] };
    }

    /// <summary>Nobody may ask any more: who follows events, and would go on for ever, comes to an end.</summary>
    public void LockOut()
    {
        Tokens.Follow(Plane.Settings.Admin with { Tokens = [new AdminToken("nobody", TokenDigest.Of("a token that nobody has"), AdminRole.Operate)] });

        // Whoever waits for the next one hears of it at once.
        Events.Note(new EventNote(EventKind.BackendDown, "nobody may see this"));
    }

    /// <summary>Swaps in a pool in which every backend is in the condition.</summary>
    public void Publish(Func<string, BackendCondition> condition) => Plane.Publish(RoutingSnapshots.Pool(
        Plane.Topology.Pools["web"],
        condition,
        id => Plane.Traffic[new BackendName("web", id)],
        Plane.Cursors["web"]));

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    public static EventLog NoEvents() => new("node-1", () => FakeDesk.Now, NullLogger.Instance, eventsMax: 1);

    public static NodeSettings Settings(string name, IPEndPoint admin, string? token, params string[] backendIds)
    {
        var pool = new PoolSettings(
            "web",
            [.. backendIds.Select((id, i) => new BackendSettings(id, new Uri($"http://127.0.0.1:{9001 + i}"), i + 1))],
            new AffinitySettings(
                AffinityMode.Cookie,
                new CookieSettings("ALB", "/", "", CookieSameSite.Lax, CookieSecure.Auto, true, null),
                TimeSpan.FromMinutes(30),
                1000,
                TimeSpan.FromMilliseconds(250),
                []),
            new HealthSettings(
                ProbeKind.Http,
                "/healthz",
                [new StatusRange(200, 299)],
                "",
                "",
                TimeSpan.FromSeconds(2),
                TimeSpan.FromSeconds(1),
                TimeSpan.FromSeconds(1),
                2,
                2,
                3,
                new PassiveSettings(3, TimeSpan.FromSeconds(10), [])),
            2,
            TimeSpan.Zero,
            WhenAllDown.Refuse,
            TimeSpan.FromSeconds(1));
        return new NodeSettings(
            name,
            "data",
            TimeSpan.FromMilliseconds(500),
            TimeSpan.FromSeconds(30),
            new ClusterSettings("127.0.0.1", 0, [], TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500), null),
            new AdminSettings(admin) { Tokens = token is null ? [] : [new AdminToken(AdminToken.DefaultName, TokenDigest.Of(token), AdminRole.Operate)] },
            new Topology(
                [],
                [new RouteSettings("*", "/", "web")],
                ImmutableDictionary<string, PoolSettings>.Empty.Add("web", pool),
                new LimitSettings(
                    8192,
                    32768,
                    100,
                    0,
                    1000,
                    TimeSpan.FromSeconds(10),
                    TimeSpan.FromSeconds(60),
                    TimeSpan.FromSeconds(60),
                    TimeSpan.FromSeconds(1),
                    TimeSpan.FromSeconds(60),
                    TimeSpan.FromSeconds(60))))
        {
            SessionFeedLength = 64,
        };
    }
}

/// <summary>What a control plane would tell the admin API.</summary>
internal sealed class FakeView : INodeView
{
    public NodePhase Phase { get; set; } = NodePhase.Ready;

    public bool IsAlive { get; set; } = true;

    public ImmutableArray<NodeMember> Members { get; set; } = [];

    public ImmutableArray<LostNode> Lost { get; set; } = [];

    public ImmutableArray<Verdict> Verdicts { get; set; } = [];

    public StorageStatus Storage { get; set; } = new(StorageState.Ok, null, FakeDesk.Now, 4096, TimeSpan.Zero);

    public (int InFlight, int Tunnels) Elsewhere { get; set; }

    public (int InFlight, int Tunnels) OpenElsewhere(BackendName backend) => backend.Id == "a" ? Elsewhere : default;

    public bool IsCounted(string member) => member == "node-1" || Drains.ContainsKey(member);

    public Dictionary<string, DrainAtNode> Drains { get; } = [];

    public DrainAtNode? DrainAt(string member, BackendName backend) =>
        Drains.GetValueOrDefault(member) is { } drain && drain.Backend == backend ? drain : null;

    public ReloadStatus Reloads { get; set; } = new(FakeDesk.Now);

    public Func<RevisionStatus> RevisionsOf { get; set; } = static () => RevisionStatus.None;

    public RevisionStatus Revisions => RevisionsOf();

    public uint Fingerprint => 1;

    public uint? ConfigurationOf(string member) => member switch
    {
        "node-1" => 1,
        "differs" => 0xDEADBEEF,
        _ => null,
    };

    public ImmutableDictionary<BackendName, OperatorDecision> Decisions { get; set; } = ImmutableDictionary<BackendName, OperatorDecision>.Empty;

    public Func<BackendName, BackendHealth, DateTimeOffset?> Since { get; set; } = static (_, _) => null;

    public DateTimeOffset? SinceOf(BackendName backend, BackendHealth health) => Since(backend, health);

    /// <summary>Of any decision.</summary>
    public DecisionTaken? Taken { get; set; }

    public DecisionTaken? TakenOf(OperatorDecision decision) => Taken;

    public DecisionTaken? TakenOf(OverlayReport overlay) => Taken;

    public ImmutableArray<OverlayReport> Overlays { get; set; } = [];

    public ImmutableArray<SettingDifference> OverlayDifferences { get; set; } = [];

    public IReadOnlyList<CertificateProblem> CertificateProblems { get; set; } = [];

    public ImmutableArray<Verdict> VerdictsOn(BackendName backend) => [.. Verdicts.Where(v => v.Backend == backend)];
}

/// <summary>Takes decisions down and answers as it was told to.</summary>
internal sealed class FakeDesk : IOperatorDesk
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public List<SetBackendState> Taken { get; } = [];

    /// <summary>Who asked for each of them.</summary>
    public List<string?> Askers { get; } = [];

    /// <summary>Called with each decision, before it is answered.</summary>
    public Action OnTaken { get; set; } = static () => { };

    public bool ByMajority { get; set; } = true;

    public string[] NotOnDisk { get; set; } = [];

    public string[] NotInForce { get; set; } = [];

    public Exception? Failure { get; set; }

    public Task<BackendStateSet> SetAsync(SetBackendState change, CancellationToken cancellation)
    {
        if (Failure is not null)
        {
            return Task.FromException<BackendStateSet>(Failure);
        }

        Askers.Add(change.Who);
        Taken.Add(change with { Who = null });
        OnTaken();
        var decision = new OperatorDecision(change.Backend, change.State, Now + change.DrainFor, Taken.Count, "node-1")
        {
            Moves = change.Move ? SessionMoves.At(Now, 1_000, change.Rate) : null,
        };
        return Task.FromResult(new BackendStateSet(decision, ByMajority) { NotOnDisk = [.. NotOnDisk], NotInForce = [.. NotInForce] });
    }
}

/// <summary>Takes decisions about backends down and answers as it was told to.</summary>
internal sealed class FakeBackendDesk : IBackendDesk
{
    public List<BackendChange> Taken { get; } = [];

    /// <summary>Who asked for each of them.</summary>
    public List<string?> Askers { get; } = [];

    public bool ByMajority { get; set; } = true;

    public string[] NotInForce { get; set; } = [];

    public ImmutableArray<ChangedBackend> Overlays { get; set; } =
        [new ChangedBackend(new BackendName("web", "c"), OverlayKind.Added, new Uri("http://10.0.0.7:80"), 2, null, 1)];

    public Exception? Failure { get; set; }

    public Task<BackendsChanged> ChangeAsync(BackendChange change, CancellationToken cancellation)
    {
        if (Failure is not null)
        {
            return Task.FromException<BackendsChanged>(Failure);
        }

        Askers.Add(change.Who);
        Taken.Add(change with { Who = null });
        return Task.FromResult(new BackendsChanged(Overlays, ByMajority) { Node = "node-1", NotInForce = [.. NotInForce] });
    }
}

/// <summary>Answers about keys as it was told to.</summary>
internal sealed class FakeKeyDesk : ITicketKeyDesk
{
    public TicketKeyReport Report { get; set; } = new([], RotationPhase.None, 0, []);

    public RotationOutcome Outcome { get; set; }

    public Exception? Failure { get; set; }

    public List<RotateTicketKeys> Taken { get; } = [];

    public Task<TicketKeyReport> DescribeAsync(CancellationToken cancellation) =>
        Failure is null ? Task.FromResult(Report) : Task.FromException<TicketKeyReport>(Failure);

    public Task<TicketKeysRotated> RotateAsync(RotateTicketKeys request, CancellationToken cancellation)
    {
        if (Failure is not null)
        {
            return Task.FromException<TicketKeysRotated>(Failure);
        }

        Taken.Add(request);
        return Task.FromResult(new TicketKeysRotated(Outcome, 0xa0b1, Report));
    }
}

/// <summary>Answers reloads as it was told to.</summary>
internal sealed class FakeReloads : IReloads
{
    public ImmutableArray<NodeComparison> Nodes { get; set; } = [];

    public Task<ImmutableArray<NodeComparison>> CompareAsync(CancellationToken cancellation) => Task.FromResult(Nodes);

    public ReloadStatus Status { get; set; } = new(FakeDesk.Now);

    public ImmutableArray<ReloadReport> Reports { get; set; } = [new("node-1", ReloadOutcome.Unchanged, FakeDesk.Now, 1, 1)];

    public Exception? Failure { get; set; }

    /// <summary>Whether all were asked, and whether it was a trial.</summary>
    public List<(bool All, bool IsTrial)> Asked { get; } = [];

    /// <summary>Who asked for each of them.</summary>
    public List<string> Askers { get; } = [];

    public Task<ReloadReport> ReloadAsync(bool isTrial, string who, CancellationToken cancellation)
    {
        Asked.Add((false, isTrial));
        Askers.Add(who);
        return Failure is null ? Task.FromResult(Reports[0]) : Task.FromException<ReloadReport>(Failure);
    }

    public Task<ImmutableArray<ReloadReport>> ReloadAllAsync(bool isTrial, string who, CancellationToken cancellation)
    {
        Asked.Add((true, isTrial));
        Askers.Add(who);
        return Failure is null ? Task.FromResult(Reports) : Task.FromException<ImmutableArray<ReloadReport>>(Failure);
    }
}

/// <summary>Takes topologies down and answers as it was told to.</summary>
internal sealed class FakeRevisions : IRevisions
{
    public RevisionStatus Status { get; set; } = RevisionStatus.None;

    public RevisionOutcome Outcome { get; set; } = new(RevisionVerdict.InForce, new RevisionId(7, FakeDesk.Now, "node-1")) { Fingerprint = 0xab };

    public Exception? Failure { get; set; }

    public List<(string Text, string Who, bool IsTrial)> Given { get; } = [];

    public long? IfRevision { get; private set; }

    public string Export() => "actorlb { }\n";

    public string? Shown(Revision revision) => revision.Text;

    /// <summary>Beside that of the idle timeout.</summary>
    public ImmutableArray<SettingDifference> Differences { get; set; } = [];

    public (ImmutableArray<SettingDifference> Differences, ImmutableArray<string> Mistakes) Between(Revision from, Revision? to) => to is { IsRelease: true }
        ? ([], ["revision 9:3:4: pools.web: wrong"])
        : ([new SettingDifference("limits.idle-timeout", "1s", to is null ? "2s" : "3s"), .. Differences], []);

    public Task<RevisionOutcome> ApplyAsync(IReadOnlyList<ConfigurationText> layers, RevisionRequest request, CancellationToken cancellation) =>
        Take(string.Join('|', layers.Select(l => $"{l.Name}={l.Hocon}")), request);

    public Task<RevisionOutcome> ReturnToAsync(Revision? revision, RevisionRequest request, CancellationToken cancellation) =>
        Take(revision?.Id.Number.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "release", request);

    private Task<RevisionOutcome> Take(string text, RevisionRequest request)
    {
        IfRevision = request.IfRevision;
        Given.Add((text, request.Who, request.IsTrial));
        return Failure is null ? Task.FromResult(Outcome) : Task.FromException<RevisionOutcome>(Failure);
    }
}
