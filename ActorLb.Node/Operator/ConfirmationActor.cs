using System.Collections.Immutable;
using ActorLb.Shared.Messages;
using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Operator;

/// <summary>
/// Asks all nodes again and again whether they keep a decision, until a majority does or the time is up, and tells who
/// waits for it. One for each decision.
/// </summary>
internal sealed class ConfirmationActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(100);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly OperatorDecision _decision;
    private readonly IActorRef _asker;
    private readonly ILogger _logger;
    private readonly TimeSpan _timeout;
    private readonly Dictionary<string, DecisionKept> _answers = [];

    /// <param name="timeout">What the majority may take.</param>
    public ConfirmationActor(OperatorDecision decision, IActorRef asker, TimeSpan timeout, ILogger logger)
    {
        _decision = decision;
        _asker = asker;
        _logger = logger;
        Receive<DecisionKept>(OnAnswer);
        Receive<Ask>(_ => AskAll());
        Receive<Late>(_ => End(byMajority: false));
        _timeout = timeout;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Ask.Instance, Ask.Instance, TimeSpan.Zero, AskInterval);
        Timers.StartSingleTimer(Late.Instance, Late.Instance, _timeout);
    }

    // Who cannot be reached counts as well: a majority of the rest may be a minority.
    private ImmutableArray<Member> Members =>
        [.. _cluster.State.Members.Where(m => m.Status is MemberStatus.Up or MemberStatus.Leaving)];

    private void AskAll()
    {
        foreach (Member member in Members)
        {
            Context.ActorSelection($"{member.Address}/user/{OperatorActor.Name}").Tell(new AskKept(_decision.Backend, _decision.Version));
        }
    }

    private void OnAnswer(DecisionKept answer)
    {
        _answers[answer.Node] = answer;
        if (_answers.Values.Count(a => a.IsOnDisk) > Members.Length / 2)
        {
            End(byMajority: true);
        }
    }

    private void End(bool byMajority)
    {
        ImmutableArray<string> unsaved = [.. _answers.Values.Where(a => a is { IsKnown: true, IsOnDisk: false }).Select(a => a.Node).Order(StringComparer.Ordinal)];
        if (!byMajority)
        {
            _logger.LogWarning(
                "No majority of the nodes keeps {Decision} yet; it spreads when they can be reached, and is written when that is possible (not on disk at: {Nodes})",
                _decision, unsaved.IsEmpty ? "none that answered" : string.Join(", ", unsaved));
        }

        _asker.Tell(new BackendStateSet(_decision, byMajority) { NotOnDisk = unsaved });
        Context.Stop(Self);
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
