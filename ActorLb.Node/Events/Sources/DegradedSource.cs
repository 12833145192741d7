using ActorLb.Node.Health;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events.Sources;

/// <summary>Observers disagree about a backend that is up: one of them does not reach it, for longer than a verdict takes to come about.</summary>
internal sealed class DegradedSource(Func<HealthBoardState?> board, SharedFacts facts, TimeProvider time) : IEventSource
{
    private readonly Dictionary<BackendName, (long Since, bool IsTold)> _disagreed = [];

    public void Look(IEventSink events)
    {
        if (board() is not { } now)
        {
            return;
        }

        foreach (BackendName name in _disagreed.Keys.Where(b => !IsDisagreed(now, b)).ToArray())
        {
            _disagreed.Remove(name, out (long Since, bool IsTold) over);
            if (over.IsTold && now.HealthOf(name) == BackendHealth.Up)
            {
                facts.Offer(BackendHealthWords.Of(EventKind.BackendUp, name, "is well for all observers again", BackendHealthWords.VotesOn(now, name)));
            }
        }

        foreach (BackendName name in now.Backends.Keys.Where(b => IsDisagreed(now, b)))
        {
            if (!_disagreed.TryGetValue(name, out (long Since, bool IsTold) known))
            {
                _disagreed[name] = (time.GetTimestamp(), false);
            }
            else if (!known.IsTold && time.GetElapsedTime(known.Since) >= LastingFact.ToldAfter)
            {
                _disagreed[name] = (known.Since, true);
                facts.Offer(BackendHealthWords.Of(EventKind.BackendDegraded, name, "is up, and not for all observers", BackendHealthWords.VotesOn(now, name)));
            }
        }
    }

    /// <summary>The majority calls it up, and somebody whose word counts does not.</summary>
    public static bool IsDisagreed(HealthBoardState board, BackendName name) =>
        board.HealthOf(name) == BackendHealth.Up && board.Backends[name].Seen.Values.Any(s => !s.Verdict.Healthy && board.Voters.Contains(s.Verdict.Node));
}
