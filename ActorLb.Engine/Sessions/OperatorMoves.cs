using System.Collections.Concurrent;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// Sessions that an operator moved a moment ago: what is open of them follows, although the backend that they left goes on serving.
/// Written by the control plane; any thread reads.
/// </summary>
public sealed class OperatorMoves(TimeProvider time)
{
    /// <summary>The oldest are forgotten: their tunnels stay where they are open.</summary>
    public const int Max = 10_000;

    /// <summary>Long enough that what was just beginning there is looked at, and closed.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<SessionId, uint> _versions = new();
    private readonly Queue<(SessionId Id, uint Version, long At)> _order = new();
    private int _count;

    /// <param name="moved">As it lives since then.</param>
    /// <returns>False: it was known.</returns>
    public bool Add(in Binding moved)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            while (_order.TryPeek(out var first) && (_order.Count >= Max || time.GetElapsedTime(first.At, now) >= Kept))
            {
                _order.Dequeue();
                _versions.TryRemove(KeyValuePair.Create(first.Id, first.Version));
            }

            bool isNew = !_versions.TryGetValue(moved.Id, out uint known) || known < moved.Version;
            if (isNew)
            {
                _versions[moved.Id] = moved.Version;
                _order.Enqueue((moved.Id, moved.Version, now));
            }

            Volatile.Write(ref _count, _order.Count);
            return isNew;
        }
    }

    /// <summary>Whether an operator has moved the session since it was bound so.</summary>
    public bool HaveMoved(in Binding held) =>
        Volatile.Read(ref _count) > 0 && _versions.TryGetValue(held.Id, out uint version) && version > held.Version;
}
