using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Which requests failed that no fault excuses.</summary>
public static class ServedRequests
{
    public static IEnumerable<Attempt> Unexcused(RunHistory history, SessionWalks walks) =>
        history.Attempts.Where(a => !a.Succeeded && RequestAllowances.NameOf(a, history, walks) is null);
}
