using ActorLb.Engine;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events.Sources;

/// <summary>Sessions that left a backend by this node's doing, in numbers: one event for each backend, cause and second.</summary>
/// <param name="askers">Who had sessions moved one by one from a backend, the last of them.</param>
internal sealed class MovedSessionsSource(DataPlane plane, Askers<BackendName> askers) : IEventSource
{
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(1);

    /// <summary>A backend that went down has its sessions moved as their clients come: minutes later, it is still why.</summary>
    private static readonly TimeSpan CauseWithin = TimeSpan.FromMinutes(30);

    private const string ByOperator = "operator";

    private static readonly (SessionEvent What, string Cause, string Why, EventKind[] Causes)[] Moves =
    [
        (SessionEvent.MovedDown, "down", "it is down", [EventKind.BackendDown]),
        (SessionEvent.MovedInMaintenance, "maintenance", "it is in maintenance", [EventKind.OperatorMaintenance]),
        (SessionEvent.MovedByDrain, "drained", "it drains", [EventKind.OperatorDrain, EventKind.OperatorRemoved]),
        (SessionEvent.MovedByRemoval, "removed", "it is no backend of the pool any more", [EventKind.OperatorRemoved, EventKind.TopologyApplied, EventKind.TopologyReloaded]),
        (SessionEvent.MovedUnreachable, "unreachable", "this node could not connect to it", [EventKind.CircuitOpened]),
        (SessionEvent.MovedByOperator, ByOperator, "an operator moved them one by one", []),
    ];

    private readonly Dictionary<BackendName, long[]> _before = [];
    private long _lookedAt = long.MinValue;

    public void Look(IEventSink events)
    {
        if (_lookedAt != long.MinValue && plane.Time.GetElapsedTime(_lookedAt) < Together)
        {
            return;
        }

        _lookedAt = plane.Time.GetTimestamp();
        foreach (BackendName backend in plane.Traffic.Keys)
        {
            if (plane.Traffic.TryGetValue(backend, out BackendTraffic? traffic) && traffic.Sessions.Totals() is { } totals)
            {
                Look(events, backend, totals);
            }
        }

        foreach ((string pool, ActorLb.Engine.Sessions.BindingTable table) in plane.Tables)
        {
            if (table.OfGone.Totals() is { } totals)
            {
                Look(events, new BackendName(pool, ""), totals);
            }
        }

        foreach (BackendName gone in _before.Keys.Where(b => b.Id.Length == 0 ? !plane.Tables.ContainsKey(b.Pool) : !plane.Traffic.TryGetValue(b, out _)).ToArray())
        {
            _before.Remove(gone);
        }
    }

    private void Look(IEventSink events, BackendName backend, long[] totals)
    {
        long[]? before = _before.GetValueOrDefault(backend);
        _before[backend] = totals;
        foreach ((SessionEvent what, string cause, string why, EventKind[] causes) in Moves)
        {
            // One that was forgotten and came back counts anew.
            long then = before?[(int)what] ?? 0;
            long moved = totals[(int)what] >= then ? totals[(int)what] - then : totals[(int)what];
            if (moved > 0)
            {
                Note(events, backend, moved, cause, why, causes);
            }
        }
    }

    private void Note(IEventSink events, BackendName backend, long moved, string cause, string why, EventKind[] causes)
    {
        bool isKnown = backend.Id.Length > 0;
        NodeEvent? because = events.Last(CauseWithin, e => causes.Contains(e.Kind) && (e.Pool is null || (e.Pool == backend.Pool && (!isKnown || e.Backend == backend.Id))));
        events.Note(new EventNote(EventKind.SessionsMoved, $"{moved} session{(moved == 1 ? "" : "s")} left {(isKnown ? backend.ToString() : $"a backend of {backend.Pool}")}, because {why}")
        {
            Pool = backend.Pool,
            Backend = isKnown ? backend.Id : null,
            Data = new { count = moved, cause },
            Cause = because?.Id,
            Who = cause == ByOperator ? askers.Of(backend) : null,
        });
    }
}
