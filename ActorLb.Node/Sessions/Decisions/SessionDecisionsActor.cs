using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster;
using ActorLb.Node.Events;
using ActorLb.Node.Operator;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Node.States;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.Decisions;

/// <summary>
/// What operators want of one session: finds it, ends it, moves it. Has every node that can be reached go by it at once, and answers when
/// they do and a majority has it on disk. The owner decides a move; where it is silent this node does, as for any other move.
/// </summary>
internal sealed class SessionDecisionsActor : ReceiveActor, INodeActor
{
    /// <summary>How long the nodes may take. A decision that does not reach them in time holds here and spreads later.</summary>
    private static readonly TimeSpan ConfirmationTimeout = TimeSpan.FromSeconds(3);

    /// <summary>A node takes milliseconds to look into its tables.</summary>
    private static readonly TimeSpan FindTimeout = TimeSpan.FromSeconds(1);

    /// <summary>An operator can wait longer than a request; an owner that begins needs less.</summary>
    private static readonly TimeSpan OwnerTimeout = TimeSpan.FromSeconds(1);

    private readonly DataPlane _plane;
    private readonly IBindingStore _store;
    private readonly IActorRef _owners;
    private readonly Askers<BackendName> _askers;
    private readonly ILogger _logger;
    private readonly string _self;
    private MembershipChanged _membership;

    /// <param name="owners">The shard region.</param>
    /// <param name="askers">Is told who had a session moved from a backend.</param>
    public SessionDecisionsActor(DataPlane plane, IBindingStore store, IActorRef owners, Askers<BackendName> askers, ILogger<SessionDecisionsActor> logger)
    {
        _plane = plane;
        _store = store;
        _owners = owners;
        _askers = askers;
        _logger = logger;
        _self = plane.Settings.Name;
        _membership = new MembershipChanged(_self, []);
        Receive<SeekSession>(Find);
        Receive<AskSession>(ask => Sender.Tell(Known(ask)));
        Receive<EndSession>(End);
        Receive<MoveSessionTo>(Move);
        Receive<OwnerAnswered>(Moved);
        Receive<GoBySession>(GoBy);
        Receive<MembershipChanged>(m => _membership = m);
    }

    public static string Name => "session-decisions";

    protected override void PreStart() => Context.FollowMembership();

    protected override void PreRestart(Exception reason, object message)
    {
        if (message is SeekSession or EndSession or MoveSessionTo or OwnerAnswered)
        {
            FailedRequests.Refuse(Sender, reason);
        }

        base.PreRestart(reason, message);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Find(SeekSession find)
    {
        var question = new AskSession(find.Pool ?? "", find.Id);
        NodeMember[] others = [.. _membership.Members.Where(m => m.Name != _self && m.MayServe)];
        NodeMember[] reached = [.. others.Where(m => m.Reachable)];
        Task<SessionAtNode?>[] asked = [.. reached.Select(m => AskAsync(Context.At<SessionDecisionsActor>(m.Address), question))];
        GatherAsync(Known(question), [.. reached.Select(m => m.Name)], asked, [.. others.Except(reached).Select(m => m.Name)]).PipeTo(Sender);
    }

    private static async Task<SessionAtNode?> AskAsync(ActorSelection node, AskSession question)
    {
        try
        {
            return await node.Ask<SessionAtNode>(question, FindTimeout);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private static async Task<SessionSought> GatherAsync(
        SessionAtNode own, ImmutableArray<string> reached, Task<SessionAtNode?>[] asked, ImmutableArray<string> unreachable)
    {
        SessionAtNode?[] answers = await Task.WhenAll(asked);
        return new SessionSought(
            [own, .. answers.OfType<SessionAtNode>()],
            [.. reached.Where((_, i) => answers[i] is null)],
            unreachable);
    }

    private SessionAtNode Known(AskSession ask)
    {
        var known = ImmutableArray.CreateBuilder<KnownSession>();
        uint ending = _plane.Clock.Ending;
        foreach (PoolSnapshot pool in _plane.Routing.Pools.Values.Where(p => ask.Pool.Length == 0 || p.Name == ask.Pool))
        {
            if (pool.Table.TryGet(ask.Id, out Binding binding) && !binding.IsExpired(ending, pool.Settings.Affinity.IdleTimeout))
            {
                bool isReplicated = pool.Table.Replicated(BucketId.IndexOf(ask.Id)).TryGet(ask.Id, out Binding said) && !binding.Supersedes(said);
                known.Add(new KnownSession(pool.Name, binding, isReplicated));
            }
            else if (_plane.Learned.GetValueOrDefault(pool.Name)?.TryGet(ask.Id, out binding) == true)
            {
                // Its client has not come back yet.
                known.Add(new KnownSession(pool.Name, binding, IsReplicated: false));
            }
        }

        return new SessionAtNode(_self, ask.Id, known.ToImmutable());
    }

    // Nobody has to decide: whatever else is known of the session, this counts over it.
    private void End(EndSession end)
    {
        if (!_plane.Tables.TryGetValue(end.Pool, out BindingTable? table))
        {
            Sender.Tell(new Status.Failure(new KeyNotFoundException($"there is no pool {end.Pool}")));
            return;
        }

        Binding before = table.TryGet(end.Id, out Binding known) ? known : end.Known ?? new Binding(end.Id, BackendKey.None, 0, 0);
        Binding ended = Binding.Ended(end.Id, Math.Max(_plane.Clock.Now, before.LastSeen));
        if (!table.Note(ended))
        {
            Sender.Tell(new SessionDecided(SessionOutcome.NoPlace, before, before, ByMajority: false));
            return;
        }

        _plane.Sessions.Offer(new SessionNotice(end.Pool, ended, SessionNoticeKind.Adopted));
        if (!before.IsEnded)
        {
            Log.SessionEnded(_logger, end.Id, end.Pool);
            _plane.SessionCounters.SessionEnded();
            _plane.Routing.Pools.GetValueOrDefault(end.Pool)?.Find(before.Backend)?.Traffic.Sessions.Count(SessionEvent.Ended);
        }

        _plane.LookAtOpenExchanges();
        Confirm(end.Pool, table, before.IsEnded ? SessionOutcome.Unchanged : SessionOutcome.Ended, before, ended, "the end of");
    }

    private void Move(MoveSessionTo move)
    {
        if (!_plane.Tables.TryGetValue(move.Pool, out BindingTable? table))
        {
            Sender.Tell(new Status.Failure(new KeyNotFoundException($"there is no pool {move.Pool}")));
            return;
        }

        Binding known = table.TryGet(move.Known.Id, out Binding own) ? Binding.Merge(own, move.Known) : move.Known;
        AskOwnerAsync(_owners, move, known).PipeTo(Self, Sender);
    }

    private static async Task<OwnerAnswered> AskOwnerAsync(IActorRef owners, MoveSessionTo move, Binding known)
    {
        try
        {
            var question = new MoveSession(BucketId.Of(move.Pool, known.Id), known, move.From, move.To);
            return new OwnerAnswered(move, known, (await owners.Ask<SessionRebound>(question, OwnerTimeout)).Binding);
        }
        catch (AskTimeoutException)
        {
            return new OwnerAnswered(move, known, null);
        }
    }

    private void Moved(OwnerAnswered answered)
    {
        (MoveSessionTo move, Binding known, Binding? answer) = answered;
        if (!_plane.Routing.Pools.TryGetValue(move.Pool, out PoolSnapshot? pool))
        {
            Sender.Tell(new Status.Failure(new KeyNotFoundException($"there is no pool {move.Pool}")));
            return;
        }

        Binding next = answer ?? OperatorMovePolicy.Next(
            known, move.From, move.To, pool.NewHome(known.Id, known.Backend)?.Key ?? BackendKey.None, pool);
        if (next.IsEnded || next.Backend == BackendKey.None)
        {
            Sender.Tell(new SessionDecided(next.IsEnded ? SessionOutcome.HasEnded : SessionOutcome.NobodyTakesIt, known, known, ByMajority: false));
            return;
        }

        if (!pool.Table.Note(next))
        {
            Sender.Tell(new SessionDecided(SessionOutcome.NoPlace, known, known, ByMajority: false));
            return;
        }

        bool hasMoved = next.Supersedes(known);
        if (hasMoved)
        {
            Log.SessionMoved(_logger, next.Id, move.Pool, answer is null ? "; its owner was silent" : "");
            _plane.SessionCounters.SessionRebound(MoveReason.Operator);
            BackendSnapshot? left = pool.Find(known.Backend);
            _askers.Remember(new BackendName(move.Pool, left?.Id ?? ""), move.Who);
            left?.Traffic.Sessions.Count(SessionEvent.MovedByOperator);
        }

        if (answer is null)
        {
            _plane.Sessions.Offer(new SessionNotice(move.Pool, next, SessionNoticeKind.Adopted));
        }

        Follow(next);
        Confirm(move.Pool, pool.Table, hasMoved ? SessionOutcome.Moved : SessionOutcome.Unchanged, known, next, "the move of");
    }

    private void Confirm(string pool, BindingTable table, SessionOutcome outcome, Binding before, Binding decided, string what)
    {
        _store.WriteSoon();
        IActorRef asker = Sender;
        IActorRef own = Self;
        string self = _self;
        ILogger logger = _logger;
        ImmutableArray<LostNode> lost = _membership.Lost;
        Func<Address, ActorSelection> at = Context.System.At<SessionDecisionsActor>;
        object Answer(Confirmation c) => new SessionDecided(outcome, before, table.TryGet(decided.Id, out Binding now) ? now : decided, c.ByMajority)
        {
            NotOnDisk = c.NotOnDisk,
            NotInForce = c.NotInForce,
        };
        Func<Confirmation, object> answer = Answer;
        Context.ActorOf(Props.Create(() => new ConfirmationActor(
            new Confirmed(at, own, new GoBySession(BucketId.Of(pool, decided.Id), decided), Unknown: null, lost, $"{what} session {decided.Id}"),
            self,
            asker,
            answer,
            ConfirmationTimeout,
            logger)));
    }

    // The question is the message: a node that has not heard of it otherwise hears of it by this.
    private void GoBy(GoBySession decided)
    {
        if (!_plane.Tables.TryGetValue(decided.Bucket.Pool, out BindingTable? table))
        {
            // It sends nothing anywhere.
            Sender.Tell(new DecisionKept(_self, IsKnown: true, IsOnDisk: true, IsInForce: true));
            return;
        }

        Binding binding = decided.Binding;
        if (!GoesBy(table, binding))
        {
            table.Note(binding);
            _store.WriteSoon();
            if (binding.IsEnded)
            {
                _plane.LookAtOpenExchanges();
            }
        }

        Follow(binding);
        bool goesBy = GoesBy(table, binding);
        Sender.Tell(new DecisionKept(_self, goesBy, goesBy && _store.IsWritten(decided.Bucket.Pool, binding), goesBy));
    }

    private static bool GoesBy(BindingTable table, in Binding binding) =>
        table.TryGet(binding.Id, out Binding known) && !binding.Supersedes(known);

    private void Follow(in Binding moved)
    {
        if (!moved.IsEnded && _plane.OperatorMoves.Add(moved))
        {
            _plane.LookAtOpenExchanges();
        }
    }

    /// <param name="Answer">Null: the owner is silent.</param>
    private sealed record OwnerAnswered(MoveSessionTo Move, Binding Known, Binding? Answer);
}
