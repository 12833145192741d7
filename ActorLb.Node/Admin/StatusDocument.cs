using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster.Clocks;
using ActorLb.Node.Events;
using ActorLb.Node.Health;
using ActorLb.Node.Reloads;
using ActorLb.Node.Storage;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Admin;

/// <summary>What <c>GET /api/v1/status</c> answers. Names and shape are the API's: a change here is a change of it.</summary>
public sealed record StatusDocument(
    string Node,
    string Version,
    IReadOnlyList<StatusDocument.Member> Members,
    IReadOnlyList<StatusDocument.Pool> Pools,
    StatusDocument.SessionTotal Sessions,
    StatusDocument.File Storage)
{
    /// <summary>When this was: the time that the nodes agree on, as all times here are.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>cluster.name.</summary>
    public string Cluster { get; init; } = ClusterSettings.DefaultName;

    /// <summary>How the answering node stands to its files; null at a node of an earlier version.</summary>
    public Files? Configuration { get; init; }

    /// <summary>Certificates and roots of the answering node whose files have changed and cannot be used: what was loaded before is in use.</summary>
    public IReadOnlyList<UnusableCertificate> Certificates { get; init; } = [];

    /// <summary>Nodes that fell silent within the last half hour, were taken out of the cluster and are not back, as the answering node saw it.</summary>
    public IReadOnlyList<LostMember> Lost { get; init; } = [];

    /// <param name="Since">When it fell silent.</param>
    public sealed record LostMember(string Name, DateTimeOffset Since);

    /// <param name="Key">Of the configuration that names it, below actorlb.</param>
    public sealed record UnusableCertificate(string Key, string Problem, DateTimeOffset Since);

    /// <param name="Fingerprint">Of what is in force, eight hexadecimal digits.</param>
    /// <param name="LoadedAt">When what is in force of the files was read.</param>
    /// <param name="Outcome">Of the last reload: changed, unchanged or refused; null where there was none.</param>
    /// <param name="At">When that was.</param>
    /// <param name="Mistakes">For which it was refused, as check prints them.</param>
    /// <param name="NeedStart">Static keys that say another thing in the files than at the node's start.</param>
    public sealed record Files(
        string Fingerprint,
        DateTimeOffset LoadedAt,
        string? Outcome,
        DateTimeOffset? At,
        IReadOnlyList<string> Mistakes,
        IReadOnlyList<ReloadDocument.Difference> NeedStart);

    /// <param name="Status">joining, up, leaving, exiting, down or removed.</param>
    /// <param name="Counted">What it has open is part of inFlight and tunnels: it said so within the last five seconds.</param>
    public sealed record Member(string Address, string Name, string Status, bool Reachable, bool Counted)
    {
        /// <summary>How far its clock is ahead of what the nodes agree on, as this node heard it; null where it did not.</summary>
        public double? ClockAheadSeconds { get; init; }

        /// <summary>That is a tenth of the shortest idle timeout, or more.</summary>
        public bool ClockIsWrong { get; init; }

        /// <summary>The fingerprint of what is in force there, eight hexadecimal digits; null where it is not known here.</summary>
        public string? Configuration { get; init; }

        /// <summary>That is another one than the answering node's.</summary>
        public bool ConfigurationDiffers { get; init; }
    }

    /// <summary>The revision that counts in the cluster; null: nobody ever applied one.</summary>
    public GivenRevision? Revision { get; init; }

    /// <summary>What is wrong, as /api/v1/live says it: most important first. Null at a node of an earlier version, and before anybody has looked.</summary>
    public IReadOnlyList<Trouble>? Troubles { get; init; }

    /// <param name="Node">Who took it, and <paramref name="At"/>: when.</param>
    /// <param name="Release">It gave the files their say again.</param>
    /// <param name="Problem">Why the answering node does not go by it; null: it does.</param>
    public sealed record GivenRevision(long Number, string Node, DateTimeOffset At, bool Release, string? Problem);

    public sealed record Pool(string Name, IReadOnlyList<Backend> Backends)
    {
        /// <summary>round-robin, least-requests, power-of-two or hash.</summary>
        public string Balance { get; init; } = "round-robin";

        /// <summary>Since when new sessions go to backups at the answering node, because nobody else takes them; null: they do not.</summary>
        public DateTimeOffset? BackupsSince { get; init; }

        /// <summary>Of the answering node; null at one of an earlier version.</summary>
        public RetryCount? Retries { get; init; }
    }

    /// <param name="BudgetPercent">retry.budget.</param>
    /// <param name="Retries">Requests that were tried again within it, since the node's start.</param>
    /// <param name="Refused">Those that were not, because nothing was left of it.</param>
    /// <param name="SpentSince">Since when nothing is left; null: there is, or nobody asks.</param>
    public sealed record RetryCount(int BudgetPercent, long Retries, long Refused, DateTimeOffset? SpentSince);

    /// <summary>The answering node's queue for a backend.</summary>
    /// <param name="Requests">That wait now.</param>
    /// <param name="Since">When the one who has waited longest began to; null: nobody waits.</param>
    /// <param name="Refused">Found it full, since the node's start.</param>
    /// <param name="TimedOut">Waited longer than queue.timeout.</param>
    public sealed record QueueCount(int Requests, DateTimeOffset? Since, long Refused, long TimedOut);

    /// <summary>The answering node's open circuit to a backend.</summary>
    /// <param name="Ejects">It takes new sessions from the backend; false: max-ejected of the pool's are ejected already.</param>
    /// <param name="Until">It closes no sooner, whatever probes say; null: as soon as they pass.</param>
    public sealed record OpenCircuit(DateTimeOffset Since, string Why, bool Ejects, DateTimeOffset? Until = null);

    /// <param name="State">unknown, up or down.</param>
    /// <param name="Operator">ready, draining or maintenance.</param>
    /// <param name="Since">When its state last changed.</param>
    /// <param name="DrainDeadline">When its drain ends; null where it does not drain, or has no deadline.</param>
    /// <param name="DrainOver">That has passed, and somebody takes over: what was open there was closed, and its sessions move.</param>
    /// <param name="InFlight">Requests there now from all counted members, tunnels included.</param>
    /// <param name="Tunnels">Those that are WebSockets or another protocol than HTTP.</param>
    /// <param name="Requests">This node's, counted since its start; so are failures.</param>
    /// <param name="Failures">What it answered with 5xx, and what never came to an answer.</param>
    /// <param name="Sessions">That live there, of the whole cluster, as this node's table has them.</param>
    public sealed record Backend(
        string Id,
        string Address,
        int Weight,
        string State,
        string Operator,
        DateTimeOffset Since,
        DateTimeOffset? DrainDeadline,
        bool DrainOver,
        int InFlight,
        int Tunnels,
        long Requests,
        long Failures,
        int Sessions,
        IReadOnlyList<Opinion> Verdicts)
    {
        /// <summary>
        /// Sessions that lived there last and would move if they came now: its drain is over, it is in maintenance, or down. Nobody
        /// who has such a session is at the backend.
        /// </summary>
        public int SessionsToMove { get; init; }

        /// <summary>Those of its failures that it answered with 5xx; null at a node of an earlier version, whose failures are without them.</summary>
        public long? FailuresAnswered { get; init; }

        /// <summary>What an operator decided about it at run time over what is written: added, weight or removed; null: nothing.</summary>
        public string? Overlay { get; init; }

        /// <summary>The operator's decision by which it is not ready; null: there is none.</summary>
        public OperatorsWord? Decided { get; init; }

        /// <summary>It takes new sessions only while no other backend does.</summary>
        public bool Backup { get; init; }

        /// <summary>New sessions of the answering node go there now.</summary>
        public bool TakesNewSessions { get; init; } = true;

        /// <summary>0 to 1: the share of its weight that it takes now, since it came back; null outside of its slow start.</summary>
        public double? SlowStart { get; init; }

        /// <summary>Null at a node of an earlier version.</summary>
        public QueueCount? Queue { get; init; }

        /// <summary>Null: it is closed.</summary>
        public OpenCircuit? Circuit { get; init; }
    }

    /// <param name="By">The node that took it.</param>
    /// <param name="Who">Asked for it; null: that is not known.</param>
    /// <param name="At">Null: that is not known any more.</param>
    /// <param name="Removed">It drains because it was removed from its pool.</param>
    public sealed record OperatorsWord(string By, string? Who, DateTimeOffset? At, bool Removed);

    public sealed record Opinion(string Node, bool Healthy, string Detail, DateTimeOffset At);

    public sealed record SessionTotal(int Count);

    /// <summary>This node's file in its data directory.</summary>
    /// <param name="State">ok, failing (the node goes on and tries again) or off (a newer version wrote it).</param>
    /// <param name="Detail">What is wrong, or was found wrong at the start; null where nothing was.</param>
    /// <param name="Bytes">Its size, the write-ahead log included.</param>
    /// <param name="UnwrittenSeconds">How long the oldest change that is not on disk has been waiting.</param>
    public sealed record File(string State, string? Detail, DateTimeOffset Since, long Bytes, double UnwrittenSeconds);

    /// <summary>The document of this moment.</summary>
    public static StatusDocument Of(DataPlane plane, INodeView view)
    {
        RoutingSnapshot routing = plane.Routing;
        uint now = plane.Clock.Ending;
        int sessions = 0;
        Dictionary<BackendName, string> overlays = view.Overlays.ToDictionary(o => o.Backend, o => BackendDocument.Word(o.Kind));
        var pools = ImmutableArray.CreateBuilder<Pool>();
        foreach (PoolSnapshot pool in routing.Pools.Values.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            Dictionary<BackendKey, int> bound = pool.Table.CountByBackend(now, pool.Settings.Affinity.IdleTimeout);
            sessions += bound.Values.Sum();
            pools.Add(new Pool(
                pool.Name,
                [.. pool.Backends.Select(b => Describe(plane, new BackendName(pool.Name, b.Id), b, bound.GetValueOrDefault(b.Key), overlays.GetValueOrDefault(new BackendName(pool.Name, b.Id)), view))])
            {
                Balance = SettingTreeBuilder.Word(pool.Settings.Balance.Kind),
                BackupsSince = pool.BackupsSince - plane.Clock.Ahead,
                Retries = new RetryCount(
                    pool.Settings.Retry.BudgetPercent, pool.Retries.Retries, pool.Retries.Refused, pool.Retries.SpentSince - plane.Clock.Ahead),
            });
        }

        return new StatusDocument(
            plane.Settings.Name,
            ProductVersion.Text,
            [.. view.Members.Select(m => Describe(plane, view, m))],
            pools.ToImmutable(),
            new SessionTotal(sessions),
            Describe(view.Storage, plane.Clock.Ahead))
        {
            Time = plane.Clock.UtcNow,
            Cluster = plane.Settings.Cluster.Name,
            Revision = view.Revisions.History.Head is { } head
                ? new GivenRevision(head.Id.Number, head.Id.Node, head.Id.At, head.IsRelease, view.Revisions.Problem)
                : null,
            Lost = [.. view.Lost.Select(l => new LostMember(l.Name, l.Since))],
            Certificates = [.. view.CertificateProblems.Select(c => new UnusableCertificate(c.Key, c.Problem, c.Since - plane.Clock.Ahead))],
            Configuration = Describe(view.Reloads, view.Fingerprint, plane.Clock.Ahead),
        };
    }

    /// <summary>One backend of that moment.</summary>
    internal static Backend Of(DataPlane plane, INodeView view, PoolSnapshot pool, BackendName name)
    {
        BackendSnapshot backend = pool.Backends.First(b => b.Id == name.Id);
        string? overlay = view.Overlays.Where(o => o.Backend == name).Select(o => BackendDocument.Word(o.Kind)).FirstOrDefault();
        return Describe(plane, name, backend, pool.Table.CountByBackend(plane.Clock.Ending, pool.Settings.Affinity.IdleTimeout).GetValueOrDefault(backend.Key), overlay, view);
    }

    private static Files Describe(ReloadStatus status, uint fingerprint, TimeSpan ahead) => new(
        fingerprint.ToString("x8", CultureInfo.InvariantCulture),
        status.LoadedAt - ahead,
        status.Last is { } last ? ReloadDocument.Word(last.Outcome) : null,
        status.Last?.At - ahead,
        [.. status.Mistakes.Select(m => m.Text)],
        ReloadDocument.Difference.Of(status.NeedStart));

    private static Member Describe(DataPlane plane, INodeView view, NodeMember member)
    {
        ClockState clock = plane.Clock.State;
        long? ahead = member.Name == plane.Settings.Name ? clock.Offset : clock.OffsetOf(member.Address);
        return new Member(member.Address, member.Name, member.Status, member.Reachable, view.IsCounted(member.Name))
        {
            ClockAheadSeconds = ahead is { } known ? Math.Round(known / 1000.0, 1) : null,
            ClockIsWrong = ahead is { } off && Math.Abs(off) >= ClockReport.BoundOf(plane.Topology),
            Configuration = view.ConfigurationOf(member.Name)?.ToString("x8", CultureInfo.InvariantCulture),
            ConfigurationDiffers = view.ConfigurationOf(member.Name) is { } theirs && theirs != view.ConfigurationOf(plane.Settings.Name),
        };
    }

    private static File Describe(StorageStatus storage, TimeSpan ahead) => new(
        Word(storage.State), storage.Detail, storage.Since - ahead, storage.Bytes, Math.Round(storage.UnwrittenFor.TotalSeconds, 1));

    private static Backend Describe(DataPlane plane, BackendName name, BackendSnapshot backend, int bound, string? overlay, INodeView view)
    {
        (int inFlight, int tunnels) = view.OpenElsewhere(name);
        long answered = backend.Traffic.BadAnswers;
        return new Backend(
            backend.Id,
            backend.Address.GetLeftPart(UriPartial.Authority),
            backend.Weight,
            Word(backend.Health),
            Word(backend.Operator),
            view.SinceOf(name, backend.Health) ?? backend.Since - plane.Clock.Ahead,
            backend.DrainDeadline,
            backend.DrainOver,
            backend.Traffic.InFlight + inFlight,
            backend.Traffic.Tunnels + tunnels,
            backend.Traffic.Requests,
            backend.Traffic.Failures + answered,
            backend.KeepsSessions ? bound : 0,
            [.. view.VerdictsOn(name)
                .OrderBy(v => v.Node, StringComparer.Ordinal)
                .Select(v => new Opinion(v.Node, v.Healthy, v.Detail, v.At))])
        {
            SessionsToMove = backend.KeepsSessions ? 0 : bound,
            FailuresAnswered = answered,
            Overlay = overlay,
            Decided = DecidedOn(plane, name, backend, view),
            Backup = backend.IsBackup,
            TakesNewSessions = backend.TakesNewSessions,
            SlowStart = backend.SlowStartShare < 1 ? backend.SlowStartShare : null,
            Queue = new QueueCount(
                backend.Traffic.Gate.Waiting,
                backend.Traffic.Gate.WaitingSince is { } since ? plane.Clock.UtcNow - plane.Time.GetElapsedTime(since) : null,
                backend.Traffic.QueueRefusals,
                backend.Traffic.QueueTimeouts),
            Circuit = backend.Traffic.Circuit is { } circuit
                ? new OpenCircuit(circuit.Since - plane.Clock.Ahead, CircuitWords.Of(circuit.Reason), circuit.Ejects, circuit.AtLeast == TimeSpan.Zero ? null : circuit.Since - plane.Clock.Ahead + circuit.AtLeast)
                : null,
        };
    }

    private static OperatorsWord? DecidedOn(DataPlane plane, BackendName name, BackendSnapshot backend, INodeView view)
    {
        if (backend.Decision is not { State: not OperatorState.Ready } decision)
        {
            return null;
        }

        DecisionTaken? taken = view.TakenOf(decision);
        return new OperatorsWord(
            decision.Node, taken?.Who, decision.DrainsSince ?? taken?.At, plane.Routing.Pools.GetValueOrDefault(name.Pool)?.Settings.OverrideOf(name.Id)?.Removal is not null);
    }

    public static string Word(BackendHealth health) => health switch
    {
        BackendHealth.Up => "up",
        BackendHealth.Down => "down",
        _ => "unknown",
    };

    public static string Word(SessionEvent what) => what switch
    {
        SessionEvent.Began => "began",
        SessionEvent.Adopted => "adopted",
        SessionEvent.Expired => "expired",
        SessionEvent.Ended => "ended",
        _ => $"moved-{Word((MoveReason)(what - SessionEvent.MovedDown))}",
    };

    public static string Word(MoveReason reason) => reason switch
    {
        MoveReason.Maintenance => "maintenance",
        MoveReason.Drained => "drained",
        MoveReason.Removed => "removed",
        MoveReason.Unreachable => "unreachable",
        MoveReason.Operator => "operator",
        _ => "down",
    };

    public static string Word(StorageState state) => state switch
    {
        StorageState.Failing => "failing",
        StorageState.Off => "off",
        _ => "ok",
    };

    public static string Word(OperatorState state) => state switch
    {
        OperatorState.Draining => "draining",
        OperatorState.Maintenance => "maintenance",
        _ => "ready",
    };
}

/// <summary>What <c>POST …/drain|ready|maintenance</c> answers.</summary>
/// <param name="Deadline">When bound sessions are moved all the same; draining with a deadline only.</param>
/// <param name="Version">Which decision on this backend it is; the highest is in force.</param>
/// <param name="Node">The node that took it.</param>
/// <param name="Confirmed">A majority of the nodes has it on disk. False: it holds here and spreads (202).</param>
/// <param name="NotOnDisk">Nodes at which it holds, but would not after a restart: they cannot write their files.</param>
internal sealed record DecisionDocument(
    string Pool, string Backend, string Operator, DateTimeOffset? Deadline, long Version, string Node, bool Confirmed, IReadOnlyList<string>? NotOnDisk = null)
{
    /// <summary>Members that have not said that they go by it (202): what they send to the backend may still be as before.</summary>
    public IReadOnlyList<string>? NotInForce { get; init; }

    /// <summary>How its sessions leave; null: each when it ends.</summary>
    public MovingDocument? Moving { get; init; }

    /// <summary>A drain, and no other backend of the pool takes new sessions now: it goes on, and cannot finish before one does.</summary>
    public bool NobodyElse { get; init; }

    /// <summary>Of ready: why it gets nothing new all the same; null: it does.</summary>
    public string? Note { get; init; }

    public static DecisionDocument Of(BackendStateSet set) => new(
        set.Decision.Backend.Pool,
        set.Decision.Backend.Id,
        StatusDocument.Word(set.Decision.State),
        set.Decision.Deadline,
        set.Decision.Version,
        set.Decision.Node,
        set.ByMajority,
        set.NotOnDisk)
    {
        NotInForce = set.NotInForce,
        Moving = MovingDocument.Of(set.Decision.Moves),
    };
}
