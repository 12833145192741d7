using ActorLb.Node.Cluster;
using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Operator;

/// <summary>
/// Asks all nodes again and again whether they keep a decision and go by it, until <see cref="ConfirmationState"/> has heard
/// enough or the time is up, and tells who waits for it. One for each decision.
/// </summary>
internal sealed class ConfirmationActor : ReceiveActor, IWithTimers
{
    /// <summary>An operator waits for it, and a node takes a few milliseconds; a question is 30 bytes.</summary>
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(25);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly Confirmed _asked;
    private readonly Func<Confirmation, object> _answer;
    private readonly IActorRef _asker;
    private readonly ILogger _logger;
    private readonly TimeSpan _timeout;
    private readonly HashSet<IActorRef> _told = [];
    private ConfirmationState _state;
    private bool _hasAnswered;

    /// <param name="self">This node's name.</param>
    /// <param name="answer">What the asker is told.</param>
    /// <param name="timeout">What the nodes may take.</param>
    public ConfirmationActor(
        Confirmed asked, string self, IActorRef asker, Func<Confirmation, object> answer, TimeSpan timeout, ILogger logger)
    {
        _asked = asked;
        _answer = answer;
        _asker = asker;
        _logger = logger;
        _timeout = timeout;
        _state = ConfirmationState.Of(self);
        Receive<DecisionKept>(OnAnswer);
        Receive<Ask>(_ => AskAll());
        Receive<Late>(_ => End());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Ask.Instance, Ask.Instance, TimeSpan.Zero, AskInterval);
        Timers.StartSingleTimer(Late.Instance, Late.Instance, _timeout);
    }

    // With the actor that took the decision: it starts anew, and somebody waits.
    protected override void PostStop() => Answer(_state.Result);

    // Nobody was answered yet, and it asks again.
    protected override void PreRestart(Exception reason, object message)
    {
    }

    private void AskAll()
    {
        ClusterEvent.CurrentClusterState cluster = _cluster.State;
        Member[] members = [.. cluster.Members.Where(MembershipActor.MayServe)];
        foreach (Member member in members)
        {
            _asked.At(member.Address).Tell(_asked.Question);
        }

        // A node that has no cluster serves alone, and goes by it as well.
        _asked.Own.Tell(_asked.Question);
        AskedNode[] asked =
        [
            .. members.Select(m => new AskedNode(
                MembershipActor.NameOf(m),
                CanBeReached: !cluster.Unreachable.Contains(m),
                Serves: m.Status != MemberStatus.Leaving,
                Votes: m.Status is MemberStatus.Up or MemberStatus.Leaving)),
        ];
        Look(_state.Among(asked, _asked.Lost.Select(l => l.Name).Except(asked.Select(a => a.Name))));
    }

    private void OnAnswer(DecisionKept answer)
    {
        if (!answer.IsKnown && _asked.Unknown is { } decision && _told.Add(Sender))
        {
            Sender.Tell(decision);
        }

        Look(_state.With(answer));
    }

    private void Look(ConfirmationState next)
    {
        _state = next;
        if (_state.IsComplete)
        {
            End();
        }
    }

    private void End()
    {
        Confirmation set = _state.Result;
        if (!set.ByMajority)
        {
            Log.NoMajorityKeeps(_logger, _asked.What, set.NotOnDisk.IsEmpty ? "none that answered" : string.Join(", ", set.NotOnDisk));
        }

        if (!set.NotInForce.IsEmpty)
        {
            Log.NotInForceAt(_logger, string.Join(", ", set.NotInForce), _asked.What);
        }

        Answer(set);
        Context.Stop(Self);
    }

    private void Answer(Confirmation set)
    {
        if (!_hasAnswered)
        {
            _hasAnswered = true;
            _asker.Tell(_answer(set));
        }
    }

    private sealed class Ask
    {
        public static readonly Ask Instance = new();
    }

    private sealed class Late
    {
        public static readonly Late Instance = new();
    }
}
