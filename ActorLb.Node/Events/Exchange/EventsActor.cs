using System.Collections.Immutable;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Events.Exchange;

/// <summary>
/// Makes one log of those of all nodes: tells the others at once what was noted here, and asks one of them after the other for what it
/// knows, of whichever node, and this one has not seen. What was lost on the way, or happened while this node was away, is found by that.
/// </summary>
internal sealed class EventsActor : ReceiveActor, INodeActor, IWithTimers
{
    /// <summary>Between two questions, each to another member.</summary>
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(2);

    private const int ToldAtOnce = 100;

    private readonly EventLog _log;
    private readonly Action<NodeEvent> _noted;
    private ImmutableArray<NodeMember> _others = [];
    private long _place;
    private long _previous;
    private int _turn;
    private int _isWoken;

    public EventsActor(EventLog log)
    {
        _log = log;
        IActorRef self = Self;
        _noted = _ => Wake(self);
        Receive<MembershipChanged>(Follow);
        Receive<Woken>(_ => TellNews());
        Receive<Tick>(_ => AskNext());
        Receive<EventsTold>(OnTold);
        Receive<AskEvents>(OnAsked);
        Receive<EventsGiven>(OnGiven);
    }

    public static string Name => "events";

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.FollowMembership();
        (_, _place, EventPositions positions) = _log.All();
        _previous = positions[_log.Node];
        _log.Noted += _noted;
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, AskInterval);
    }

    protected override void PostStop()
    {
        _log.Noted -= _noted;
        Context.System.EventStream.Unsubscribe(Self);
    }

    // Many at once are told together.
    private void Wake(IActorRef self)
    {
        if (Interlocked.Exchange(ref _isWoken, 1) == 0)
        {
            self.Tell(Woken.Instance, ActorRefs.NoSender);
        }
    }

    private void Follow(MembershipChanged membership)
    {
        ImmutableArray<NodeMember> before = _others;
        _others = [.. membership.Members.Where(m => m.Name != _log.Node && m.Status is not ("down" or "removed"))];
        foreach (NodeMember come in _others.Where(o => o.Reachable && !before.Any(b => b.Address == o.Address && b.Reachable)))
        {
            Ask(At(come));
        }
    }

    private void TellNews()
    {
        Volatile.Write(ref _isWoken, 0);
        while (true)
        {
            ImmutableArray<NodeEvent>? read = _log.Read(_place, ToldAtOnce, out long next);
            _place = next;
            if (read is not { } events)
            {
                // More than the log holds: the others find what they miss.
                (_, _place, _) = _log.All();
                return;
            }

            if (events.IsEmpty)
            {
                return;
            }

            Tell([.. events.Where(e => e.Id.Node == _log.Node)]);
        }
    }

    private void Tell(ImmutableArray<NodeEvent> own)
    {
        if (own.IsEmpty)
        {
            return;
        }

        var told = new EventsTold(_log.Node, _previous, [.. own.Select(e => e.Json)]);
        _previous = own[^1].Id.Position;
        foreach (NodeMember other in _others)
        {
            At(other).Tell(told);
        }
    }

    private void AskNext()
    {
        NodeMember[] reached = [.. _others.Where(o => o.Reachable)];
        if (reached.Length > 0)
        {
            Ask(At(reached[_turn++ % reached.Length]));
        }
    }

    private void OnTold(EventsTold told)
    {
        if (told.Previous > _log.Positions[told.Node])
        {
            Ask(Sender);
        }
        else
        {
            EventExchange.Take(_log, told.Events.Where(e => EventExchange.IsOf(e, told.Node)));
        }
    }

    private void OnAsked(AskEvents asked)
    {
        // One that has seen more of this node than it remembers itself, because its disk was lost: what it notes from now on has to be news.
        if (asked.Seen[_log.Node] is var seen && seen > _log.Positions[_log.Node])
        {
            _log.Advance(new EventId(seen, _log.Node));
        }

        (ImmutableArray<ReadOnlyMemory<byte>> events, bool hasMore) = EventExchange.Beyond(_log, asked.Seen);
        if (!events.IsEmpty)
        {
            Sender.Tell(new EventsGiven(_log.Node, events, hasMore));
        }
    }

    private void OnGiven(EventsGiven given)
    {
        bool isNews = EventExchange.Take(_log, given.Events);
        if (given.HasMore && isNews)
        {
            Ask(Sender);
        }
    }

    private static ActorSelection At(NodeMember member) => Context.At<EventsActor>(member.Address);

    private void Ask(ICanTell node) => node.Tell(new AskEvents(_log.Node, _log.Positions), Self);

    private sealed class Woken
    {
        public static readonly Woken Instance = new();
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
