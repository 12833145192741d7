using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events.Sources;

/// <summary>
/// Since when backends are up or down by the log of events, which is the same at all nodes and outlives their starts. Who says again what was said already, as a node
/// does that has just started or has lost others, begins nothing. Any thread.
/// </summary>
internal sealed class HealthBeginnings(EventLog log)
{
    /// <summary>Names may come and go with each start: beyond this those of whom nothing was said for the longest are forgotten.</summary>
    private const int BackendsMax = 4096;

    private readonly Lock _gate = new();
    private readonly LogReader _reader = new(log);
    private readonly Dictionary<BackendName, Words> _words = [];

    /// <param name="health">As this node knows it.</param>
    /// <returns>Null: no event says so.</returns>
    public DateTimeOffset? Of(BackendName backend, BackendHealth health)
    {
        lock (_gate)
        {
            foreach (NodeEvent one in _reader.Read())
            {
                Take(one);
            }

            // Where the time that the nodes agree on was set back, what was said before lies ahead.
            return _words.GetValueOrDefault(backend)?.Now is { At: { } at } now && now.Health == health && at <= log.Now ? at : null;
        }
    }

    private void Take(NodeEvent one)
    {
        if (one is not { Pool: { } pool, Backend: { } backend } || !(LastWords.IsOfBackend(one.Kind) || one.Kind == EventKind.OperatorAdded))
        {
            return;
        }

        var name = new BackendName(pool, backend);
        if (!_words.TryGetValue(name, out Words? words))
        {
            _words[name] = words = new Words();
            if (_words.Count > BackendsMax)
            {
                _words.Remove(_words.Where(w => w.Value != words).MinBy(w => w.Value.Newest).Key);
            }
        }

        words.Take(one);
    }

    /// <param name="At">Null: it was so before it was first said.</param>
    private readonly record struct Beginning(BackendHealth Health, DateTimeOffset? At);

    /// <summary>On one backend, in the order of the events' ids: that in which they come here is another one at each node.</summary>
    private sealed class Words
    {
        /// <summary>Older ones are added up: nothing comes in between them any more.</summary>
        private const int Max = 64;

        private readonly SortedList<EventId, (EventKind Kind, DateTimeOffset At)> _last = [];
        private Beginning? _before;
        private EventId? _beforeId;

        public Beginning? Now { get; private set; }

        public EventId Newest => _last.Keys[^1];

        public void Take(NodeEvent one)
        {
            if (one.Id.CompareTo(_beforeId ?? one.Id) < 0 || !_last.TryAdd(one.Id, (one.Kind, one.At)))
            {
                return;
            }

            if (_last.Count > Max)
            {
                _beforeId = _last.Keys[0];
                _before = After(_before, _last.Values[0]);
                _last.RemoveAt(0);
            }

            Now = _last.Values.Aggregate(_before, After);
        }

        private static Beginning? After(Beginning? before, (EventKind Kind, DateTimeOffset At) one) => one.Kind switch
        {
            // One of the same name was another server.
            EventKind.OperatorAdded => null,
            EventKind.BackendDown => Became(before, BackendHealth.Down, one.At),

            EventKind.BackendDegraded when before is null => new Beginning(BackendHealth.Up, null),
            _ => Became(before, BackendHealth.Up, one.At),
        };

        private static Beginning Became(Beginning? before, BackendHealth health, DateTimeOffset at) => before is { } known && known.Health == health ? known : new Beginning(health, at);
    }
}
