using ActorLb.Engine;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Revisions;

/// <summary>
/// Keeps the revisions of the cluster on this node: proves that it could run one, writes it down, goes over to it when it is decided,
/// and has the members agree on what was decided, whatever was missed. One change that is asked of this node is taken to the others
/// by <see cref="RevisionApply"/>.
/// </summary>
internal sealed class RevisionActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "revisions";

    /// <summary>Also between two tries to run what is in force.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Whoever takes a change answers for it in much less.</summary>
    private static readonly TimeSpan StandingTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Changes that wait for their turn here: about as many as can have it before whoever asked gets an answer.</summary>
    private const int WaitingMax = 32;

    private readonly RevisionCapability _capability;
    private readonly RevisionRunner _runner;
    private readonly ILogger _logger;
    private readonly RevisionMembers _members;
    private readonly RevisionTurns _turns;
    private readonly RevisionApply _apply;
    private readonly RevisionUnderWay _underWay;
    private readonly RevisionSwitch _switch;
    private readonly RevisionPeers _peers;
    private readonly List<(ApplyRevision Apply, IActorRef Asker)> _waiting = [];
    private readonly RevisionLedger _ledger;
    private int _looksAtPrepared;
    private bool _isRecovering;

    public RevisionActor(RevisionCapability capability, DataPlane plane, RevisionUnderWay underWay, ILogger<RevisionActor> logger, Random chance)
    {
        _capability = capability;
        _runner = capability.Runner;
        _underWay = underWay;
        _logger = logger;
        _ledger = new RevisionLedger(capability, logger);
        _members = new RevisionMembers(Context.System, _runner.Node, Self);
        _turns = new RevisionTurns(_members, plane.Time, Self);
        _apply = new RevisionApply(_members, _runner, underWay, _turns, () => capability.Status.History.Head, plane, chance, step => capability.Seam(step));
        _switch = new RevisionSwitch(_runner, step => capability.Seam(step), Self, logger, _ledger.History.Head, capability.Status.Problem);
        _peers = new RevisionPeers(_runner.Node, Self, Context.System);
        Receive<ApplyRevision>(OnApply);
        Receive<Applied>(OnApplied);
        Receive<AskTurn>(m => _turns.OnAsked(m, Sender));
        Receive<EndTurn>(_turns.OnEnded);
        Receive<TryRevision>(OnTry);
        Receive<KeepRevision>(OnKeep);
        Receive<KeepAfter>(OnKeepAfter);
        Receive<CommitRevision>(OnCommit);
        Receive<CommitAfter>(m => _switch.Answer(m.Asker, m.Revision.Id, Adopt(m.Revision)));
        Receive<RevisionSwitch.WentOver>(OnWentOver);
        Receive<DropRevision>(m => _ledger.Drop(m.Id));
        Receive<AskStanding>(m => Sender.Tell(new RevisionStands(_runner.Node, m.Id, _ledger.StandingOf(m.Id, _underWay.Deciding?.Revision.Id))));
        Receive<Recovered>(OnRecovered);
        Receive<RevisionsKnown>(OnKnown);
        Receive<AskRevisions>(OnAsked);
        Receive<RevisionTold>(OnTold);
        Receive<MembershipChanged>(OnMembership);
        Receive<Look>(_ => OnLook());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.FollowMembership();
        Timers.StartPeriodicTimer(Look.Instance, Look.Instance, LookInterval);
        _switch.GoOver(_ledger.History.Head);
        Tell();
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void PreRestart(Exception reason, object message)
    {
        if (message is ApplyRevision)
        {
            FailedRequests.Refuse(Sender, reason);
        }

        // The change that has its turn goes on, and is answered.
        foreach ((_, IActorRef asker) in _waiting)
        {
            FailedRequests.Refuse(asker, reason);
        }

        base.PreRestart(reason, message);
    }

    private void OnApply(ApplyRevision apply)
    {
        if (apply.IsTrial)
        {
            RunAsync(apply).PipeTo(Sender, Self);
        }
        else if (_waiting.Count >= WaitingMax)
        {
            Sender.Tell(new RevisionOutcome(RevisionVerdict.Busy, null) { Nodes = [_runner.Node], Detail = $"{WaitingMax} others wait for their turn at {_runner.Node}." });
        }
        else
        {
            _waiting.Add((apply, Sender));
            ApplyNext();
        }
    }

    private void ApplyNext()
    {
        // What has waited for too long, or for nobody, must not begin: its caller was told that nothing has changed.
        foreach ((_, IActorRef asker) in _waiting.Where(w => _apply.HasExpired(w.Apply)))
        {
            asker.Tell(RevisionApply.Expired(_runner.Node));
        }

        _waiting.RemoveAll(w => _apply.HasExpired(w.Apply));
        if (!_underWay.IsApplying && _waiting is [var next, ..])
        {
            _waiting.RemoveAt(0);
            _underWay.IsApplying = true;
            RunAsync(next.Apply).PipeTo(Self, Self, outcome => new Applied(outcome, next.Asker));
        }
    }

    private async Task<RevisionOutcome> RunAsync(ApplyRevision apply)
    {
        try
        {
            return await _apply.RunAsync(apply);
        }
        catch (Exception e)
        {
            return new RevisionOutcome(RevisionVerdict.Silent, null) { Nodes = [_runner.Node], Detail = e.GetBaseException().Message };
        }
    }

    private void OnApplied(Applied applied)
    {
        _underWay.IsApplying = false;
        applied.Asker.Tell(applied.Outcome);
        ApplyNext();
    }

    private void OnTry(TryRevision question)
    {
        IActorRef asker = Sender;
        string busy = Busy(question.Coordinator);
        long highest = _ledger.Highest;
        TryAsync().PipeTo(asker, Self);

        async Task<RevisionTried> TryAsync() => new(
            _runner.Node, busy, highest, busy.Length > 0 ? [] : (await _runner.TryAsync(question.Text)).Mistakes);
    }

    // Whoever only asks what would be disturbs nobody, and is not disturbed. Of two that meet before either has written anything, the
    // one whose node's name is first goes on: if both stood back, both might do so for ever.
    private string Busy(string coordinator) =>
        coordinator.Length == 0 ? ""
        : _ledger.Prepared is { } prepared ? prepared.Revision.Id.Node
        : _underWay.Deciding is not null && coordinator != _runner.Node ? _runner.Node
        : _underWay.IsTrying && string.CompareOrdinal(_runner.Node, coordinator) < 0 ? _runner.Node
        : "";

    private void OnKeep(KeepRevision question)
    {
        IActorRef asker = Sender;
        _capability.Seam(RevisionStep.Keeping).PipeTo(Self, asker, () => new KeepAfter(question.Prepared, asker));
    }

    private void OnKeepAfter(KeepAfter question)
    {
        _looksAtPrepared = 0;
        _ledger.KeepAsync(question.Prepared).PipeTo(question.Asker, Self);
    }

    private void OnCommit(CommitRevision decided)
    {
        IActorRef asker = Sender;
        _capability.Seam(RevisionStep.Taking).PipeTo(Self, asker, () => new CommitAfter(decided.Revision, asker));
    }

    /// <summary>Takes note of what was decided, and goes over to it where it is the highest.</summary>
    /// <returns>Whether it is on disk.</returns>
    private Task<bool> Adopt(Revision revision)
    {
        if (_ledger.TryAdopt(revision, out Task<bool> kept))
        {
            _switch.GoOver(_ledger.History.Head);
            Tell();
            _peers.TellAll(_ledger.History);
        }

        return kept;
    }

    private void OnLook()
    {
        _turns.Look();
        ApplyNext();
        _peers.TellAll(_ledger.History);
        if (_capability.Status.Problem is not null)
        {
            _switch.GoOver(_ledger.History.Head);
        }

        // The second time it is seen: until then whoever takes it may just be about to say what became of it.
        if (_ledger.Prepared is { } prepared && !_isRecovering && _underWay.Deciding?.Revision.Id != prepared.Revision.Id && _looksAtPrepared++ > 1)
        {
            _isRecovering = true;
            RecoverAsync(prepared).PipeTo(Self, Self, state => new Recovered(state), _ => new Recovered(RecoveryState.Of(prepared)));
        }
    }

    private async Task<RecoveryState> RecoverAsync(PreparedRevision prepared)
    {
        RevisionStands?[] answers = await Task.WhenAll(_members.Now()
            .Where(m => m.CanBeReached)
            .Select(m => _members.AskAsync<RevisionStands>(m, new AskStanding(prepared.Revision.Id), StandingTimeout)));
        return answers.OfType<RevisionStands>().Aggregate(RecoveryState.Of(prepared), (state, answer) => state.With(answer.Node, answer.Standing));
    }

    private void OnRecovered(Recovered recovered)
    {
        _isRecovering = false;
        PreparedRevision prepared = recovered.State.Prepared;
        if (_ledger.Prepared?.Revision.Id != prepared.Revision.Id)
        {
            return;
        }

        switch (recovered.State.Decision)
        {
            case RecoveryDecision.Commit:
                Log.RevisionCommitted(_logger, prepared.Revision);
                _ = Adopt(prepared.Revision);
                break;
            case RecoveryDecision.Drop:
                Log.RevisionDropped(_logger, prepared.Revision);
                _ledger.Drop(prepared.Revision.Id);
                break;
        }
    }

    private void OnKnown(RevisionsKnown known)
    {
        _peers.Heard(known, _ledger.History, Sender);
        Settle();
    }

    private void OnAsked(AskRevisions asked)
    {
        foreach (Revision revision in _ledger.History.All.Where(r => asked.Ids.Contains(r.Id)))
        {
            Sender.Tell(new RevisionTold(revision));
        }
    }

    private void OnTold(RevisionTold told)
    {
        _ = Adopt(told.Revision);
        _peers.Told(told.Revision.Id);
        Settle();
    }

    private void OnMembership(MembershipChanged membership)
    {
        _members.Follow(membership);
        _peers.Follow(membership, _ledger.History);
        Settle();
    }

    private void OnWentOver(RevisionSwitch.WentOver over)
    {
        _switch.Ended(over, _ledger.History.Head);
        Tell();
        Settle();
    }

    private void Settle()
    {
        if (_peers.HasHeardAll && !_switch.IsGoing)
        {
            _capability.TellHeard();
        }
    }

    private void Tell() => _capability.Tell(new RevisionStatus(_ledger.History, _switch.Problem));

    private sealed record Applied(RevisionOutcome Outcome, IActorRef Asker);

    private sealed record KeepAfter(PreparedRevision Prepared, IActorRef Asker);

    private sealed record CommitAfter(Revision Revision, IActorRef Asker);

    private sealed record Recovered(RecoveryState State);

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }
}
