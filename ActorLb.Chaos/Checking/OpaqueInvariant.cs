using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>
/// Invariant 9: no header shows a backend, and a forged cookie is no cookie: its sender gets a session of its own.
/// Beside it, of invariant 10: nobody gets another request's answer.
/// </summary>
public sealed class OpaqueInvariant : IInvariant
{
    public int Number => 9;

    public string Name => "opaque";

    public Findings Check(RunHistory history, SessionWalks walks)
    {
        var broken = new List<(double, string, string?)>();
        foreach (Attempt attempt in history.Attempts)
        {
            if (attempt.Leak is { } leak)
            {
                broken.Add((attempt.Sent, $"an answer shows a backend: {leak}", attempt.Session));
            }

            if (attempt.Foreign)
            {
                broken.Add((attempt.Sent, $"the answer belongs to another request: {attempt}", attempt.Session));
            }

            if (attempt is { Client: ClientKind.Forger, Succeeded: true } && (attempt.Status != 200 || attempt.SessionGiven is null))
            {
                broken.Add((attempt.Sent, $"a forged cookie was not treated as no cookie: {attempt}", null));
            }
        }

        broken.AddRange(history.Tunnels
            .Where(t => t.End == TunnelEnd.Foreign)
            .Select(t => (t.Ended, $"a WebSocket got what is not its own: {t}", (string?)t.Session)));
        return new Findings(history.Attempts.Length + history.Tunnels.Length, broken);
    }
}
