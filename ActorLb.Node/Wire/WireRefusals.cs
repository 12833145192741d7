using System.Runtime.Serialization;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Wire;

/// <summary>
/// Counts what the wire refused, in either direction, and tells the log. Lives as long as the process; the gates
/// of every actor system report to it.
/// </summary>
internal sealed class WireRefusals
{
    /// <summary>Whoever sends rubbish must not fill the disk: one warning per second, with the number of those between.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(1);

    /// <summary>Begins the message of every refusal, by which Akka's own warning about each is left out of the log.</summary>
    internal const string Mark = "refused on the wire: ";

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private long _count;
    private long _logged;
    private long _loggedAt;

    public WireRefusals(TimeProvider time, ILogger<WireRefusals> logger)
    {
        _time = time;
        _logger = logger;
    }

    /// <summary>Messages refused since the process started.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Counts and logs a refusal; what to throw is returned.</summary>
    internal SerializationException Refused(string what)
    {
        lock (_lock)
        {
            long count = _count + 1;
            long now = _time.GetTimestamp();
            if (_logged == 0 || _time.GetElapsedTime(_loggedAt, now) >= LogInterval)
            {
                Log.WireRefused(_logger, what, Math.Max(0, count - _logged - 1));
                _logged = count;
                _loggedAt = now;
            }

            // Who sees it counted can read of it.
            Interlocked.Exchange(ref _count, count);
        }

        return new SerializationException(Mark + what);
    }
}
