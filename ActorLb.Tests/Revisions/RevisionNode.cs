using ActorLb.Engine;
using ActorLb.Node.Cluster;
using ActorLb.Node.Configuration;
using ActorLb.Node.Revisions;
using ActorLb.Node.States;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Configuration;
using ActorLb.Tests.Topologies;
using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Revisions;

/// <summary>One control plane with revisions and nothing else, over a store that outlives it.</summary>
internal sealed class RevisionNode : IAsyncDisposable
{
    public const string Files = "listeners.http.bind = \"127.0.0.1:18080\"\n" + Reading.OnePool;

    private readonly NodeSettings _settings;
    private readonly LiveTopology _live;
    private readonly ControlPlane _control;
    private RevisionNode[] _all = [];

    private RevisionNode(NodeSettings settings, Dictionary<string, string> variables)
    {
        _settings = settings;
        Plane = new DataPlane(settings, TimeProvider.System);
        Target = new TestTarget(settings.Topology);
        _live = new LiveTopology(settings.Topology, Target, settings.Written);
        Store = MemoryStateStore.At(settings.DataDirectory);
        Capability = new RevisionCapability(
            new RevisionRunner(settings, _live, () => FilesNow!, new ConfigurationEnvironment(name => variables.GetValueOrDefault(name), "host", File.ReadAllBytes)),
            Plane,
            Store,
            NullLogger.Instance);
        FilesNow = new ConfigurationResult(settings, [], []);
        _control = new ControlPlane(
            settings, Plane, (akka, _) => akka.WithRevisions(Plane, Capability), NullLoggerFactory.Instance, TimeProvider.System);
        Revisions = new NodeRevisions(Capability, _control, TimeProvider.System);
        Variables = variables;
    }

    public DataPlane Plane { get; }

    public TestTarget Target { get; }

    public RevisionCapability Capability { get; }

    public NodeRevisions Revisions { get; }

    public IActorRef Actor => _control.System!.Own<RevisionActor>();

    public MemoryStateStore Store { get; }

    public Dictionary<string, string> Variables { get; }

    /// <summary>What its files say when they are read anew.</summary>
    public ConfigurationResult FilesNow { get; set; }

    public string Name => _settings.Name;

    /// <summary>Unreachable ones as well, until they are removed.</summary>
    public int Members => _control.Membership.Members.Length;

    public int Up => _control.Membership.Active.Length;

    /// <summary>As whoever takes a change to them sees it, who hears of it apart from <see cref="Up"/>.</summary>
    private int UpForAkka => _control.System is { } system && Akka.Cluster.Cluster.Get(system).State is var state
        ? state.Members.Count(m => m.Status == Akka.Cluster.MemberStatus.Up && !state.Unreachable.Contains(m))
        : 0;

    public TopologyState State => _live.State;

    public RevisionId? Head => Capability.Status.History.Head?.Id;

    public PreparedRevision? Prepared => Store.State(StateNames.PreparedRevision) is { } bytes ? RevisionSerializer.PreparedOf(bytes) : null;

    /// <summary>Nodes of one cluster, which are all up.</summary>
    public static async Task<RevisionNode[]> StartAllAsync(int count)
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", count);
        string directory = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString());
        RevisionNode[] nodes = [.. ports.Select((_, i) => Of(ports, i, directory))];
        Array.ForEach(nodes, n => n._all = nodes);
        await Task.WhenAll(nodes.Select(n => n.StartAsync()));
        await WhenUpAsync(nodes);
        return nodes;
    }

    public static Task WhenUpAsync(params RevisionNode[] nodes) =>
        Cluster.Eventually.Holds(() => nodes.All(n => n.Up == nodes.Length && n.UpForAkka == nodes.Length), "all are up");

    /// <summary>The next life of it.</summary>
    /// <param name="prepare">What is otherwise than in its last life, before it hears of anything.</param>
    public async Task<RevisionNode> RestartAsync(Action<RevisionNode>? prepare = null)
    {
        var next = new RevisionNode(_settings, Variables) { _all = _all };
        prepare?.Invoke(next);
        await next.StartAsync();
        return next;
    }

    /// <summary>One answer, whatever it is.</summary>
    public Task<RevisionOutcome> AskAsync(string text, bool isTrial = false, long? ifRevision = null, CancellationToken caller = default) =>
        Revisions.ApplyAsync([new ConfigurationText("given", text)], new RevisionRequest("127.0.0.1", isTrial) { IfRevision = ifRevision }, caller);

    /// <summary>
    /// Asks again where nodes did not answer in time and nothing was changed, as operators are told to, and waits for those that are behind: a busy machine is slower than anybody would wait.
    /// </summary>
    public Task<RevisionOutcome> ApplyAsync(string text, bool isTrial = false, long? ifRevision = null, CancellationToken caller = default) =>
        PatientlyAsync(() => AskAsync(text, isTrial, ifRevision, caller));

    /// <inheritdoc cref="ApplyAsync"/>
    public Task<RevisionOutcome> ReturnToAsync(Revision? revision) =>
        PatientlyAsync(() => Revisions.ReturnToAsync(revision, new RevisionRequest("", IsTrial: false), CancellationToken.None));

    /// <summary>What cannot be refused.</summary>
    public async Task WhenAppliedAsync(string text) => Assert.Equal(RevisionVerdict.InForce, (await ApplyAsync(text)).Verdict);

    /// <summary>As a kill does: nothing more is said, nothing more is written.</summary>
    public async Task KillAsync()
    {
        ((ExtendedActorSystem?)_control.System)?.Abort();
        await _control.StopAsync(new CancellationToken(canceled: true));
    }

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        _live.Dispose();
    }

    private async Task<RevisionOutcome> PatientlyAsync(Func<Task<RevisionOutcome>> ask)
    {
        RevisionOutcome outcome = await ask();
        for (int again = 0; again < 10 && (outcome.Verdict is RevisionVerdict.Silent or RevisionVerdict.NoMajority); again++)
        {
            outcome = await ask();
        }

        return outcome.Verdict == RevisionVerdict.Spreads && outcome.Nodes.All(n => n.StartsWith("lb", StringComparison.Ordinal) && !n.Contains(' ', StringComparison.Ordinal))
            ? await WhenEverywhereAsync(outcome)
            : outcome;
    }

    // It is decided, and who is slow takes it a little later.
    private async Task<RevisionOutcome> WhenEverywhereAsync(RevisionOutcome outcome)
    {
        // Or a later one is; and files have their say where it is a release.
        await Cluster.Eventually.Holds(
            () => _all.Where(n => n.Name == Name || outcome.Nodes.Contains(n.Name)).All(n =>
                n.Capability.Status.History.Head is { } head && head.Id >= outcome.Revision && n.State.Revision == (head.IsRelease ? null : head.Id)),
            "it is in force where it was not yet");
        return outcome with { Verdict = RevisionVerdict.InForce };
    }

    private static RevisionNode Of(int[] ports, int index, string directory)
    {
        NodeSettings settings = Reading.Read(Files).Settings!;
        string name = $"lb{index + 1}";
        return new RevisionNode(
            settings with
            {
                Name = name,
                DataDirectory = Path.Combine(directory, name),
                Cluster = settings.Cluster with
                {
                    Port = ports[index],
                    Seeds = [.. ports.Select(p => new HostPort("127.0.0.1", p))],
                    StableAfter = TimeSpan.FromSeconds(1),
                    FormAfter = TimeSpan.FromSeconds(10),
                },
            },
            []);
    }

    private async Task StartAsync()
    {
        await Capability.StartAsync();
        await _control.StartAsync(CancellationToken.None);
    }
}
