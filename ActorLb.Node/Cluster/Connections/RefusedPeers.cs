using System.Net;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>
/// Tells the log who was refused at the cluster's port, or as a node that this one connected to: one line at once, and for
/// each address and reason at most one more in each minute, with the count: several nodes may share an address. Lives as long as the process.
/// </summary>
public sealed class RefusedPeers : IDisposable
{
    /// <summary>Addresses and reasons of a minute that get lines of their own; those beyond share one.</summary>
    private const int LinesMax = 256;

    /// <summary>Reasons of an address that get lines of their own; those beyond share one, so that no address has all lines.</summary>
    private const int ReasonsMax = 8;

    private const string Others = "other addresses";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Peer, string? Why), Told> _told = [];
    private readonly Dictionary<string, int> _reasons = [];
    private readonly ITimer _timer;
    private long _count;

    public RefusedPeers(TimeProvider time, ILogger<RefusedPeers> logger)
    {
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(_ => TellRest(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Connections refused since the process started.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <param name="why">What is wrong with it, as a sentence without its end.</param>
    internal void Report(IPAddress peer, string why) =>
        Report(UnprovedConnections<object>.NetworkOf(peer) is var network && network.Equals(peer) ? $"{peer}" : $"{network}/64", why);

    /// <inheritdoc cref="Report(IPAddress, string)"/>
    internal void Report(string peer, string why)
    {
        if (IsFirst(peer, why))
        {
            Log.PeerRefused(_logger, peer, why);
        }

        // Who sees it counted can read of it.
        Interlocked.Increment(ref _count);
    }

    public void Dispose() => _timer.Dispose();

    // Of its minute; the others are counted for the line that comes then.
    private bool IsFirst(string peer, string why)
    {
        lock (_gate)
        {
            (string Peer, string? Why) key = KeyOf(peer, why);
            if (_told.TryGetValue(key, out Told? told))
            {
                told.More++;
                told.Why = why;
                return false;
            }

            if (_told.Count == 0)
            {
                _timer.Change(Interval, Timeout.InfiniteTimeSpan);
            }

            _told[key] = new Told(_time.GetTimestamp()) { Why = why };
            _reasons[key.Peer] = _reasons.GetValueOrDefault(key.Peer) + 1;
            return true;
        }
    }

    // Who is told of already keeps its line.
    private (string Peer, string? Why) KeyOf(string peer, string why)
    {
        if (_told.ContainsKey((peer, why)))
        {
            return (peer, why);
        }

        (string, string?) own = (peer, _reasons.GetValueOrDefault(peer) < ReasonsMax ? why : null);
        return _told.ContainsKey(own) || _told.Count < LinesMax ? own : (Others, null);
    }

    private void Forget((string Peer, string? Why) key)
    {
        _told.Remove(key);
        if (--_reasons[key.Peer] == 0)
        {
            _reasons.Remove(key.Peer);
        }
    }

    private void TellRest()
    {
        List<(string Peer, long More, string Why)> lines = [];
        lock (_gate)
        {
            TimeSpan next = Timeout.InfiniteTimeSpan;
            foreach (((string Peer, string? Why) key, Told told) in _told.ToArray())
            {
                TimeSpan left = Interval - _time.GetElapsedTime(told.Since);
                if (left <= TimeSpan.Zero && told.More == 0)
                {
                    Forget(key);
                    continue;
                }

                if (left <= TimeSpan.Zero)
                {
                    lines.Add((key.Peer, told.More, told.Why));
                    _told[key] = new Told(_time.GetTimestamp()) { Why = told.Why };
                    left = Interval;
                }

                next = next == Timeout.InfiniteTimeSpan || left < next ? left : next;
            }

            _timer.Change(next, Timeout.InfiniteTimeSpan);
        }

        foreach ((string peer, long more, string why) in lines)
        {
            Log.PeerRefusedAgain(_logger, peer, more, why);
        }
    }

    private sealed class Told(long since)
    {
        public long Since { get; } = since;

        public long More { get; set; }

        public string Why { get; set; } = "";
    }
}
