using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>
/// Tells of a shard coordinator that cannot read or write where the shards are, once a minute and only where that lasts for
/// longer than one: it tries again by itself, and until a member that died is removed it may have to. Akka tells it of every try.
/// </summary>
internal sealed class CoordinatorFailures(TimeProvider time)
{
    private const string Mark = "The ShardCoordinator was unable to ";

    /// <summary>How long it may fail unheard, and how often it is told after that.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>After this without a failure (a try takes 1 or 2 s) it has succeeded.</summary>
    private static readonly TimeSpan GapMax = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private DateTimeOffset _since;
    private DateTimeOffset _last;
    private DateTimeOffset _told;

    /// <summary>Whether Akka's text was of this, and has been dealt with.</summary>
    public bool Take(string text, ILogger logger)
    {
        // Of its cause, an exception in our code, only Akka's own line tells.
        if (!text.Contains(Mark, StringComparison.Ordinal) || !text.Contains("-state-timeout'", StringComparison.Ordinal))
        {
            return false;
        }

        DateTimeOffset now = time.GetUtcNow();
        TimeSpan lasts;
        lock (_gate)
        {
            if (now - _last > GapMax)
            {
                _since = _told = now;
            }

            _last = now;
            if (now - _told < Interval)
            {
                return true;
            }

            _told = now;
            lasts = now - _since;
        }

        Log.OwnersUnassigned(logger, (int)lasts.TotalSeconds);
        return true;
    }
}
