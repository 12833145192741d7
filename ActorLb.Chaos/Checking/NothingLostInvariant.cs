using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Invariant 4: who sends a ticket keeps its session, whatever was killed in between.</summary>
public sealed class NothingLostInvariant : IInvariant
{
    public int Number => 4;

    public string Name => "nothing lost";

    public Findings Check(RunHistory history, SessionWalks walks)
    {
        var broken = new List<(double, string, string?)>();
        long looked = 0;
        foreach (Attempt attempt in history.Attempts)
        {
            if (attempt is { Client: ClientKind.Browser, SessionSent: { } sent, Succeeded: true })
            {
                looked++;
                if (attempt.SessionGiven is { } given && given != sent && given != attempt.Also)
                {
                    broken.Add((attempt.Sent, $"node {attempt.Node} did not know the session and began another, {given}", sent));
                }
            }
        }

        return new Findings(looked, broken);
    }
}
