using System.Net;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>
/// How soon somebody who connects may prove to be a node. A proof costs this node a TLS handshake, about a millisecond: a network
/// whose proofs failed often within the last minute has its next ones one after another, at a pace. For any thread.
/// </summary>
/// <param name="waitingMax">Connections of a network that may wait at a time.</param>
internal sealed class ProofPace(TimeProvider time, int waitingMax)
{
    /// <summary>Within a minute, at once: what nodes of another secret, that share an address and try again, come to.</summary>
    public const int FailuresFree = 100;

    /// <summary>From one proof to the next of a network that is beyond it.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Networks that are known: the one that failed longest ago is forgotten for another.</summary>
    public const int NetworksMax = 1024;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Dictionary<IPAddress, Failing> _failing = [];
    private readonly Lock _gate = new();

    /// <summary>A proof of this peer failed.</summary>
    public void Failed(IPAddress peer)
    {
        IPAddress network = UnprovedConnections<object>.NetworkOf(peer);
        lock (_gate)
        {
            if (Known(network) is not { } failing)
            {
                if (_failing.Count >= NetworksMax)
                {
                    _failing.Remove(_failing.MinBy(f => f.Value.Since).Key);
                }

                _failing[network] = failing = new Failing(time.GetTimestamp());
            }

            failing.Count++;
        }
    }

    /// <returns>How long this one has to wait; zero for nearly all.</returns>
    public TimeSpan WaitOf(IPAddress peer)
    {
        lock (_gate)
        {
            if (_failing.Count == 0 || Known(UnprovedConnections<object>.NetworkOf(peer)) is not { Count: > FailuresFree } failing)
            {
                return TimeSpan.Zero;
            }

            TimeSpan now = time.GetElapsedTime(failing.Since);

            // More than may wait at a time do not wait: turns of those who left are taken by others.
            TimeSpan turn = TimeSpan.FromTicks(Math.Clamp(failing.Next.Ticks, now.Ticks, (now + (Step * waitingMax)).Ticks));
            failing.Next = turn + Step;
            return turn - now;
        }
    }

    private Failing? Known(IPAddress network)
    {
        if (_failing.TryGetValue(network, out Failing? failing) && time.GetElapsedTime(failing.Since) >= Window)
        {
            _failing.Remove(network);
            return null;
        }

        return failing;
    }

    /// <param name="since">The timestamp of the first failure of this minute.</param>
    private sealed class Failing(long since)
    {
        public long Since { get; } = since;

        public int Count { get; set; }

        /// <summary>When the next turn is, after <see cref="Since"/>.</summary>
        public TimeSpan Next { get; set; }
    }
}
