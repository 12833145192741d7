using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>Tells at most once a minute that this node was too busy to send its heartbeats in time. Akka tells it each time.</summary>
internal sealed class LateHeartbeats(TimeProvider time)
{
    private const string Mark = "Scheduled sending of heartbeat was delayed.";
    private const string Before = "was sent [";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _told = DateTimeOffset.MinValue;

    /// <summary>Whether Akka's text was of this, and has been dealt with.</summary>
    public bool Take(string text, ILogger logger)
    {
        int at = text.IndexOf(Mark, StringComparison.Ordinal);
        int from = at < 0 ? at : text.IndexOf(Before, at, StringComparison.Ordinal);
        int to = from < 0 ? from : text.IndexOf(']', from);
        if (to < 0)
        {
            return false;
        }

        DateTimeOffset now = time.GetUtcNow();
        lock (_gate)
        {
            if (now - _told < Interval)
            {
                return true;
            }

            _told = now;
        }

        Log.HeartbeatsLate(logger, text[(from + Before.Length)..to].Split('.')[0]);
        return true;
    }
}
