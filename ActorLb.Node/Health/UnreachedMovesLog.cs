using ActorLb.Engine;
using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Health;

/// <summary>
/// Tells the operator of sessions that left a backend that is up, because this node could not connect to it: a line per
/// backend and interval, with their number.
/// </summary>
internal sealed class UnreachedMovesLog(DataPlane plane, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<BackendName, (long Moves, TimeSpan At)> _told = [];

    public void Tell(TimeSpan now)
    {
        foreach (BackendName gone in _told.Keys.Where(b => !plane.Traffic.TryGetValue(b, out _)).ToArray())
        {
            _told.Remove(gone);
        }

        foreach (BackendName backend in plane.Traffic.Keys)
        {
            long moves = plane.Traffic.TryGetValue(backend, out BackendTraffic? traffic) ? traffic.UnreachedMoves : 0;
            (long before, TimeSpan at) = _told.GetValueOrDefault(backend, (0, TimeSpan.MinValue));
            if (moves > before && (at == TimeSpan.MinValue || now - at >= Interval))
            {
                _told[backend] = (moves, now);
                Log.SessionsMovedUnreached(logger, moves - before, backend);
            }
        }
    }
}
