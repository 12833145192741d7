using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>
/// Invariant 11: no change costs a client: while operators change what the nodes run, no request fails, no session moves
/// whose backend stays, and no WebSocket is closed but those whose backend leaves; these with 1001. Beside it: none is
/// closed while nothing happens.
/// </summary>
public sealed class ChangeInvariant : IInvariant
{
    /// <summary>From the end of another fault until all that followed from it has been seen, in seconds.</summary>
    private const double Settle = 3;

    /// <summary>RFC 6455, 7.4.1: an endpoint is going away.</summary>
    private const int GoingAway = 1001;

    public int Number => 11;

    public string Name => "no change costs a client";

    public Findings Check(RunHistory history, SessionWalks walks)
    {
        FaultSpan[] changes = [.. history.Faults.Where(f => f.Kind.IsChange())];
        var broken = new List<(double, string, string?)>();
        broken.AddRange(ServedRequests.Unexcused(history, walks)
            .Where(a => changes.Any(f => f.Touches(a)))
            .Select(a => (a.Sent, $"failed while nothing but settings changed: {a}", a.Session)));
        broken.AddRange(walks.Moves
            .Where(m => m.Why == MoveReason.Strayed && changes.Any(f => f.Touches(m.Attempt)))
            .Select(m => (m.Attempt.Sent, $"the session left {m.From}, which stayed, for {m.To} while nothing but settings changed", (string?)m.Session)));
        broken.AddRange(history.Tunnels
            .Select(t => (t.Ended, WhyBroken(t, history), (string?)t.Session))
            .Where(t => t.Item2 is not null)
            .Select(t => (t.Ended, t.Item2!, t.Item3)));
        return new Findings(changes.Sum(f => (long)history.Attempts.Count(f.Touches)) + history.Tunnels.Length, broken);
    }

    // Null where it was closed by its client, or rightly, or by a fault that is more than a change.
    private static string? WhyBroken(Tunnel tunnel, RunHistory history)
    {
        FaultSpan[] around = [.. history.Faults.Where(f => f.At <= tunnel.Ended && f.Until + (f.Kind.IsChange() ? 0 : Settle) >= tunnel.Heard)];
        if (tunnel.End is TunnelEnd.Left or TunnelEnd.Foreign
            || around.Any(f => !f.Kind.IsChange())
            || around.Any(f => f.Away.Any(a => a.Node == tunnel.Node && a.From <= tunnel.Ended && (a.Until ?? double.PositiveInfinity) >= tunnel.Heard)))
        {
            return null;
        }

        if (!around.Any(f => f.Backends.Contains(tunnel.Backend)))
        {
            return $"a WebSocket was closed although its backend stayed: {tunnel}";
        }

        return tunnel is { End: TunnelEnd.Closed, Code: GoingAway } ? null : $"a WebSocket whose backend left was not closed with {GoingAway}: {tunnel}";
    }
}
