using System.Collections.Immutable;
using System.Security.Cryptography;
using ActorLb.Engine;
using ActorLb.Node.Cluster;
using ActorLb.Node.Operator;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.DistributedData;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Overlays;

/// <summary>
/// Takes what operators decide about backends, shares it with all nodes, and has this one go by what is decided here or elsewhere.
/// Answers when a majority has a decision on disk and every node that can be reached goes by it.
/// <see cref="BackendDecisions"/> decides.
/// </summary>
internal sealed class OverlayActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "overlays";

    /// <summary>How long the nodes may take. A decision that does not reach them in time holds here and spreads later.</summary>
    private static readonly TimeSpan ConfirmationTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Before a backend is added: a node takes milliseconds, and one that is asked something itself may be late.</summary>
    private static readonly TimeSpan AddableTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Who was added and removed is forgotten, and what could not be in force is tried again.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private readonly ulong _run = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private readonly NodeOverlays _overlays;
    private readonly DataPlane _plane;
    private readonly IActorRef _replicator;
    private readonly ILogger _logger;
    private readonly string _self;
    private readonly Func<Uri, string?> _ownKeyAt;
    private readonly Dictionary<BackendName, ImmutableHashSet<string>> _goneAt = [];
    private MembershipChanged _membership;
    private ulong _count;

    /// <param name="ownKeyAt">The key at whose port of this node an address leads; null where it leads elsewhere.</param>
    public OverlayActor(NodeOverlays overlays, DataPlane plane, Func<Uri, string?> ownKeyAt, IActorRef replicator, ILogger<OverlayActor> logger)
    {
        _overlays = overlays;
        _plane = plane;
        _ownKeyAt = ownKeyAt;
        _replicator = replicator;
        _logger = logger;
        _self = plane.Settings.Name;
        _membership = new MembershipChanged(_self, []);
        ReceiveAsync<BackendChange>(OnAskedAsync);
        ReceiveAsync<Changed>(m => _overlays.AdoptAsync(m.Get(BackendRegisters.Key)));
        ReceiveAsync<BackendRegisters>(OnToldAsync);
        ReceiveAsync<Look>(_ => LookAsync());
        ReceiveAsync<AskAddable>(async m =>
        {
            IActorRef asker = Sender;
            asker.Tell(await AnswerAsync(m));
        });
        Receive<AskWritten>(OnAskWritten);
        Receive<AskGone>(OnAskGone);
        Receive<BackendGone>(OnGone);
        Receive<MembershipChanged>(m => _membership = m);
        Receive<IUpdateResponse>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Share(WriteLocal.Instance);
        _replicator.Tell(Dsl.Subscribe(BackendRegisters.Key, Self));
        Context.FollowMembership();
        Timers.StartPeriodicTimer(Look.Instance, Look.Instance, LookInterval);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    // By the node that decided.
    private async Task OnToldAsync(BackendRegisters registers)
    {
        await _overlays.AdoptAsync(registers);
        Share(WriteLocal.Instance);
    }

    private async Task OnAskedAsync(BackendChange change)
    {
        IActorRef asker = Sender;
        try
        {
            await OnChangeAsync(change, asker);
        }
        catch (Exception e)
        {
            FailedRequests.Refuse(asker, e);
            throw;
        }
    }

    private async Task OnChangeAsync(BackendChange change, IActorRef asker)
    {
        BackendRegisters next;
        ImmutableDictionary<BackendName, BackendRegister?> decided;
        Dot dot;
        try
        {
            decided = BackendDecisions.Decide(change, _overlays.Known, Facts());
            (next, dot) = With(decided);
            if (change is AddBackend add && decided.GetValueOrDefault(add.Backend)?.Address is not null)
            {
                await RefuseWhatSomeNodeCannotAsync(add);
            }
        }
        catch (BackendChangeException e)
        {
            asker.Tell(new Status.Failure(e));
            return;
        }

        if (decided.Count == 0)
        {
            asker.Tell(new BackendsChanged(Described(change), ByMajority: true) { Node = _self, IsUnchanged = true });
            return;
        }

        Log.BackendChangeDecided(_logger, change);
        ImmutableArray<RegisterChange> changes = [.. decided.Select(d => new RegisterChange(d.Key, _overlays.Known.ByBackend.GetValueOrDefault(d.Key), d.Value))];
        await _overlays.AdoptAsync(next);
        foreach (RegisterChange one in changes)
        {
            _overlays.Taken.Add(one, change.Who);
        }

        Share(new WriteAll(ConfirmationTimeout));
        ImmutableArray<ChangedBackend> changed = [.. decided.OrderBy(d => d.Key.ToString(), StringComparer.Ordinal).Select(d => Described(d.Key, d.Value))];
        string self = _self;
        string what = string.Join(", ", decided.Keys);
        ILogger logger = _logger;
        IActorRef own = Self;
        ImmutableArray<LostNode> lost = _membership.Lost;
        Func<Address, ActorSelection> at = Context.System.At<OverlayActor>;
        Context.ActorOf(Props.Create(() => new ConfirmationActor(
            new Confirmed(at, own, new AskWritten(dot), Unknown: next, lost, $"the decision about {what}"),
            self,
            asker,
            c => new BackendsChanged(changed, c.ByMajority) { Node = self, NotOnDisk = c.NotOnDisk, NotInForce = c.NotInForce },
            ConfirmationTimeout,
            logger)));
    }

    // Any node's listener would send requests back, and any may have a lane that cannot reach it.
    private async Task RefuseWhatSomeNodeCannotAsync(AddBackend add)
    {
        var question = new AskAddable(add.Backend, add.Address);
        IEnumerable<Task<Addable>> others = _membership.Members
            .Where(m => m.Name != _self && m is { Reachable: true, MayServe: true })
            .Select(m => AskAsync(Context.At<OverlayActor>(m.Address), m.Name, question));
        Addable[] answers = [await AnswerAsync(question), .. await Task.WhenAll(others)];
        if (answers.FirstOrDefault(a => a.Problem.Length > 0) is { } refusal)
        {
            throw new BackendChangeException(
                refusal.Problem, refusal.Node == _self ? refusal.Why : $"At {refusal.Node}: {refusal.Why}");
        }
    }

    // Who does not answer is asked again whether it goes by it, and named then.
    private static async Task<Addable> AskAsync(ActorSelection node, string name, AskAddable question)
    {
        try
        {
            return await node.Ask<Addable>(question, AddableTimeout);
        }
        catch (AskTimeoutException)
        {
            return Addable.Yes(name);
        }
    }

    private async Task<Addable> AnswerAsync(AskAddable question)
    {
        if (_ownKeyAt(question.Address) is { } key)
        {
            return new Addable(
                _self, "own-backend", $"{question.Address.Authority} is the balancer itself ({key}): requests would come back to it.");
        }

        try
        {
            BackendOverlays overlays = _overlays.Known.Overlays.With(
                question.Backend, new BackendOverlay { Added = new BackendSettings(question.Backend.Id, question.Address, 1) });
            await _overlays.Topology.TryAsync(s => s.With(overlays));
            return Addable.Yes(_self);
        }
        catch (TopologyRefusedException e)
        {
            return new Addable(_self, "not-possible", $"{e.Message}. Nothing was changed.");
        }
    }

    // A write for each register; whoever knows the last one knows them all.
    private (BackendRegisters Next, Dot Last) With(ImmutableDictionary<BackendName, BackendRegister?> decided)
    {
        Dot dot = NextDot();
        BackendRegisters next = _overlays.Known.Without(decided.Where(d => d.Value is null).Select(d => d.Key).ToHashSet(), dot);
        foreach (BackendRegister register in decided.Values.OfType<BackendRegister>())
        {
            dot = NextDot();
            next = next.With(register, dot);
        }

        return (next, dot);
    }

    private Dot NextDot()
    {
        _count = Math.Max(_count + 1, (ulong)Math.Max(0, _plane.Clock.Milliseconds));
        return new Dot(_run, _count);
    }

    private BackendFacts Facts() => new(
        _overlays.Topology.State, _plane.Routing, DateTimeOffset.FromUnixTimeMilliseconds(_plane.Clock.Milliseconds), _self);

    private ImmutableArray<ChangedBackend> Described(BackendChange change) => change switch
    {
        AddBackend add => [Described(add.Backend, _overlays.Known.ByBackend.GetValueOrDefault(add.Backend)) with { Address = add.Address }],
        RemoveBackend remove => [Described(remove.Backend, _overlays.Known.ByBackend.GetValueOrDefault(remove.Backend))],
        WeighBackend weigh => [Described(weigh.Backend, _overlays.Known.ByBackend.GetValueOrDefault(weigh.Backend)) with { Weight = weigh.Weight }],
        _ => [],
    };

    private ChangedBackend Described(BackendName backend, BackendRegister? register)
    {
        var there = _plane.Routing.Pools.GetValueOrDefault(backend.Pool)?.Settings.Backends.FirstOrDefault(b => b.Id == backend.Id);
        return new ChangedBackend(
            backend,
            OverlayReport.KindOf(register),
            register?.Address ?? there?.Address,
            register is { Removal: not null } ? null : register?.Weight ?? there?.Weight,
            register?.Removal?.Deadline,
            register?.Version ?? 0)
        {
            IsBackup = register is { Removal: not null } ? register.IsBackup : register is { IsBackup: true } || there is { IsBackup: true },
            Moves = register?.Removal?.Moves,
        };
    }

    private void OnAskWritten(AskWritten question)
    {
        bool isKnown = _overlays.Known.Knows(question.Dot);
        if (!isKnown)
        {
            // It may be in this node's distributed data already, which tells its subscribers twice a second.
            _replicator.Tell(FlushChanges.Instance);
        }

        Sender.Tell(new DecisionKept(_self, isKnown, isKnown && _overlays.IsKept, _overlays.InForce.Knows(question.Dot)));
    }

    private void OnAskGone(AskGone question) => Sender.Tell(new BackendGone(
        _self, question.Backend, question.Version, IsGone(question.Backend, question.Version)));

    private bool IsGone(BackendName backend, long version) =>
        (_overlays.InForce.ByBackend.GetValueOrDefault(backend) is not { } register || (register.Removal is not null && register.Version >= version))
        && _plane.Routing.Pools.GetValueOrDefault(backend.Pool)?.Find(BackendKey.Of(backend.Id)) is null;

    private void OnGone(BackendGone answer)
    {
        if (answer.IsGone && _overlays.Known.ByBackend.GetValueOrDefault(answer.Backend)?.Version == answer.Version)
        {
            _goneAt[answer.Backend] = _goneAt.GetValueOrDefault(answer.Backend, []).Add(answer.Node);
        }
    }

    private async Task LookAsync()
    {
        await _overlays.RetryAsync();
        BackendRegister[] leaving = [.. _overlays.Known.ByBackend.Values.Where(r => r is { Address: not null, Removal: not null })];
        NodeMember[] members = [.. _membership.Members.Where(m => m.Status is not ("down" or "removed"))];
        bool leads = members.Length == 0 || members[0].Name == _self;
        if (leaving.Length == 0 || !leads || members.Any(m => !m.Reachable || m.Status != "up"))
        {
            _goneAt.Clear();
            return;
        }

        HashSet<BackendName> gone = [.. leaving.Where(r => members.Select(m => m.Name).Append(_self).All(n => _goneAt.GetValueOrDefault(r.Backend, []).Contains(n))).Select(r => r.Backend)];
        _goneAt.Clear();
        if (gone.Count > 0)
        {
            Log.BackendsGone(_logger, string.Join(", ", gone));
            await _overlays.AdoptAsync(_overlays.Known.Without(gone, NextDot()));
            Share(WriteLocal.Instance);
        }

        foreach (BackendRegister register in leaving.Where(r => !gone.Contains(r.Backend)))
        {
            var question = new AskGone(register.Backend, register.Version);
            Self.Tell(question);
            foreach (NodeMember member in members.Where(m => m.Name != _self))
            {
                Context.At<OverlayActor>(member.Address).Tell(question);
            }
        }
    }

    private void Share(IWriteConsistency consistency)
    {
        BackendRegisters mine = _overlays.Known;
        _replicator.Tell(Dsl.Update(BackendRegisters.Key, BackendRegisters.Empty, consistency, all => all.Merge(mine)));
    }

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }
}
