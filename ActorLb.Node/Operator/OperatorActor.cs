using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Cluster;
using ActorLb.Node.Health;
using ActorLb.Node.States;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.DistributedData;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Operator;

/// <summary>
/// Takes the operator's changes, shares them with all nodes, keeps them on disk, and tells this node's routers what is
/// decided now, here or elsewhere. Answers when a majority has a decision on disk and every node that can be reached goes by it.
/// </summary>
internal sealed class OperatorActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "operator";

    /// <summary>How long the nodes may take. A decision that does not reach them in time holds here and spreads later.</summary>
    private static readonly TimeSpan ConfirmationTimeout = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Before the first session moves: every node that can be reached knows of it by then, or one would send a session to its old
    /// backend after another one has moved it.
    /// </summary>
    private static readonly TimeSpan MovesLead = TimeSpan.FromMilliseconds(250);

    /// <summary>What is gone is forgotten after days.</summary>
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(1);

    private readonly DataPlane _plane;
    private readonly NodeSettings _settings;
    private readonly HealthCapability _capability;
    private readonly IActorRef _replicator;
    private readonly IStateStore _store;
    private readonly ILogger _logger;
    private OperatorDecisions _decisions = OperatorDecisions.Empty;
    private readonly Dictionary<string, HashSet<string>> _there = new(StringComparer.Ordinal);
    private GoneBackendsState _gone = GoneBackendsState.Empty;
    private MembershipChanged _membership;

    public OperatorActor(DataPlane plane, HealthCapability capability, ILogger<OperatorActor> logger, IActorRef replicator, IStateStore store)
    {
        _plane = plane;
        _settings = plane.Settings;
        _capability = capability;
        _logger = logger;
        _replicator = replicator;
        _store = store;
        _membership = new MembershipChanged(_settings.Name, []);
        Receive<SetBackendState>(OnSet);
        Receive<AskKept>(OnAskKept);
        Receive<Changed>(m => Adopt(m.Get(OperatorDecisions.Key)));
        Receive<OperatorDecisions>(OnTold);
        Receive<IUpdateResponse>(_ => { });
        Receive<MembershipChanged>(m => _membership = m);
        Receive<PoolChanged>(m => Look(m.Pool));
        Receive<PoolRemoved>(m => _there.Remove(m.Pool));
        Receive<Forget>(_ => ForgetGone());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void PreStart()
    {
        Context.FollowMembership();
        Context.System.EventStream.Subscribe(Self, typeof(PoolChanged));
        Context.System.EventStream.Subscribe(Self, typeof(PoolRemoved));
        Timers.StartPeriodicTimer(Forget.Instance, Forget.Instance, ForgetInterval);
        // What was announced holds, also where the store has failed at it.
        OperatorDecisions saved = Load();
        _decisions = saved.Merge(OperatorDecisions.Of(_capability.Decisions.Values));
        if (!_decisions.Equals(saved))
        {
            Keep();
        }

        Announce();
        Share(WriteLocal.Instance);
        _replicator.Tell(Dsl.Subscribe(OperatorDecisions.Key, Self));
    }

    protected override void PreRestart(Exception reason, object message)
    {
        if (message is SetBackendState)
        {
            FailedRequests.Refuse(Sender, reason);
        }

        base.PreRestart(reason, message);
    }

    // The other nodes may know what this one cannot read: it starts, and says so.
    private OperatorDecisions Load()
    {
        try
        {
            return _store.State(StateNames.OperatorDecisions) is { } saved ? OperatorSerializer.OfBytes(saved) : OperatorDecisions.Empty;
        }
        catch (SerializationException e)
        {
            Log.DecisionsUnread(_logger, e);
            return OperatorDecisions.Empty;
        }
    }

    private void OnSet(SetBackendState change)
    {
        IActorRef asker = Sender;
        if (Mistake(change) is { } mistake)
        {
            asker.Tell(new Status.Failure(mistake));
            return;
        }

        OperatorDecision decision = Decide(change, _decisions.ByBackend.GetValueOrDefault(change.Backend));
        Log.BackendSet(_logger, decision.Backend, decision.State);
        Adopt(_decisions.With(decision));
        _capability.Taken.Add(decision, change.Who);
        Share(new WriteAll(ConfirmationTimeout));
        OperatorDecisions decisions = _decisions;
        string self = _settings.Name;
        ILogger logger = _logger;
        IActorRef own = Self;
        ImmutableArray<LostNode> lost = _membership.Lost;
        Func<Address, ActorSelection> at = Context.System.At<OperatorActor>;
        Context.ActorOf(Props.Create(() => new ConfirmationActor(
            new Confirmed(at, own, new AskKept(decision.Backend, decision.Version), Unknown: decisions, lost, decision.ToString()),
            self,
            asker,
            c => new BackendStateSet(decision, c.ByMajority) { NotOnDisk = c.NotOnDisk, NotInForce = c.NotInForce },
            ConfirmationTimeout,
            logger)));
    }

    private OperatorDecision Decide(SetBackendState change, OperatorDecision? before)
    {
        var decision = new OperatorDecision(change.Backend, change.State, null, (before?.Version ?? 0) + 1, _settings.Name);
        if (change.State != OperatorState.Draining)
        {
            return decision;
        }

        DateTimeOffset now = _plane.Clock.UtcNow;
        return decision with
        {
            Deadline = DrainFor(change) is { } drain ? now + drain : null,
            DrainsSince = before?.DrainsSince ?? now,
            Moves = change.Move ? SessionMoves.At(now + MovesLead, SessionsAt(change.Backend), change.Rate) : null,
        };
    }

    private int SessionsAt(BackendName backend) =>
        _plane.Tables[backend.Pool].CountByBackend(_plane.Clock.Ending, _plane.Topology.Pools[backend.Pool].Affinity.IdleTimeout)
            .GetValueOrDefault(BackendKey.Of(backend.Id));

    private void OnAskKept(AskKept question)
    {
        bool isKnown = _decisions.ByBackend.TryGetValue(question.Backend, out OperatorDecision? known) && known.Version >= question.Version;
        if (!isKnown)
        {
            // It may be in this node's distributed data already, which tells its subscribers twice a second.
            _replicator.Tell(FlushChanges.Instance);
        }

        Sender.Tell(new DecisionKept(
            _settings.Name, isKnown, isKnown && _store.IsKept(StateNames.OperatorDecisions), isKnown && IsInForce(known!)));
    }

    // By the node that decided.
    private void OnTold(OperatorDecisions decisions)
    {
        Adopt(decisions);
        Share(WriteLocal.Instance);
    }

    // Asked of what requests read: the router may not have heard of it yet.
    private bool IsInForce(OperatorDecision decision) =>
        _plane.Routing.Pools.GetValueOrDefault(decision.Backend.Pool)?.Find(BackendKey.Of(decision.Backend.Id)) is not { } backend
        || backend.Decision == decision
        || _plane.Topology.Pools.GetValueOrDefault(decision.Backend.Pool)?.OverrideOf(decision.Backend.Id)?.Removal is not null;

    private TimeSpan? DrainFor(SetBackendState change) =>
        change.DrainFor ?? (_plane.Topology.Pools[change.Backend.Pool].DrainDeadline is { Ticks: > 0 } deadline ? deadline : null);

    private Exception? Mistake(SetBackendState change)
    {
        // What was decided about one that is gone can be taken back.
        if (change is { State: OperatorState.Ready, Move: false, Rate: null } && _decisions.ByBackend.ContainsKey(change.Backend))
        {
            return null;
        }

        if (!_plane.Routing.Pools.TryGetValue(change.Backend.Pool, out PoolSnapshot? pool)
            || !pool.Backends.Any(b => b.Id == change.Backend.Id))
        {
            return new KeyNotFoundException($"there is no backend {change.Backend}");
        }

        if (!Enum.IsDefined(change.State))
        {
            return new ArgumentException($"there is no state {change.State}");
        }

        if (change.Rate is < 1 or > SessionMoves.RateMax || (change is { Move: true, State: not OperatorState.Draining } or { Move: false, Rate: not null }))
        {
            return new ArgumentException($"only a drain moves sessions, 1 to {SessionMoves.RateMax} a second");
        }

        return change.DrainFor < TimeSpan.Zero ? new ArgumentException("a drain cannot end before it begins") : null;
    }

    // A drain of a server that was no longer written holds when it is written again: whoever writes it should know.
    private void Look(PoolSettings pool)
    {
        HashSet<string> now = [.. pool.Backends.AsSpan().ToArray().Select(b => b.Id)];
        if (_there.TryGetValue(pool.Name, out HashSet<string>? before))
        {
            foreach (string id in now.Where(id => !before.Contains(id)))
            {
                var name = new BackendName(pool.Name, id);
                if (_decisions.ByBackend.TryGetValue(name, out OperatorDecision? decision) && decision.State != OperatorState.Ready)
                {
                    Log.DecidedBefore(_logger, name, decision.State, name);
                }
            }
        }

        _there[pool.Name] = now;
    }

    private void ForgetGone()
    {
        NodeMember[] members = [.. _membership.Members.Where(m => m.Status is not ("down" or "removed"))];
        bool leads = (members.Length == 0 || members[0].Name == _settings.Name) && members.All(m => m is { Reachable: true, Status: "up" });
        (_gone, OperatorDecisions next) = _gone.Look(
            _decisions,
            b => _plane.Routing.Pools.GetValueOrDefault(b.Pool)?.Find(BackendKey.Of(b.Id)) is not null,
            leads,
            _settings.Name,
            _plane.Clock.UtcNow);
        if (!next.Equals(_decisions))
        {
            Adopt(next);
            Share(WriteLocal.Instance);
        }
    }

    private void Adopt(OperatorDecisions others)
    {
        OperatorDecisions merged = _decisions.Merge(others);
        if (merged.Equals(_decisions))
        {
            return;
        }

        _decisions = merged;
        Announce();
        Keep();
    }

    private void Keep() => _ = KeepAsync(_store.SaveAsync(StateNames.OperatorDecisions, OperatorSerializer.ToBytes(_decisions)));

    // Whoever asks whether it is kept asks the store.
    private async Task KeepAsync(Task saving)
    {
        try
        {
            await saving;
        }
        catch (IOException e)
        {
            // It holds all the same, here and in the files of the other nodes, and is written when that is possible.
            Log.DecisionNotOnDisk(_logger, e.Message);
        }
    }

    private void Announce()
    {
        _capability.KnownDecisions = _decisions.ByBackend;
        Context.System.EventStream.Publish(new OperatorDecisionsChanged(_decisions.ByBackend));
    }

    private void Share(IWriteConsistency consistency)
    {
        OperatorDecisions mine = _decisions;
        _replicator.Tell(Dsl.Update(OperatorDecisions.Key, OperatorDecisions.Empty, consistency, all => all.Merge(mine)));
    }

    private sealed class Forget
    {
        public static readonly Forget Instance = new();
    }
}
