using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Events;

/// <summary>
/// What has happened lately, at this node and, as far as they have told, at the others: a ring in memory, which the newest fill and the
/// oldest leave. Lives as long as the process. Any thread.
/// </summary>
internal sealed class EventLog : IEventSink
{
    /// <summary>A day of a cluster in which much happens.</summary>
    public const int EventsMax = 10_000;

    /// <summary>Of their JSON; the objects beside it cost about as much again.</summary>
    private const long BytesMax = 8 << 20;

    /// <summary>An event beyond this is of a clock that is wrong by as much: nothing is taken that would stay the newest for ever.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    private static readonly TimeSpan CauseWithin = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();

    // Who is told of this node's events is told in their order.
    private readonly Lock _noting = new();
    private readonly string _node;
    private readonly Func<DateTimeOffset> _now;
    private readonly ILogger _logger;
    private readonly NodeEvent[] _ring;
    private EventPositions _positions = EventPositions.None;
    private TaskCompletionSource _added = New();
    private long _first;
    private long _next;
    private long _bytes;
    private bool _isClosed;

    /// <param name="node">This one's name.</param>
    /// <param name="now">The time that the nodes agree on.</param>
    public EventLog(string node, Func<DateTimeOffset> now, ILogger logger, int eventsMax = EventsMax)
    {
        _node = node;
        _now = now;
        _logger = logger;
        _ring = new NodeEvent[eventsMax];
    }

    /// <inheritdoc/>
    public string Node => _node;

    public DateTimeOffset Now => _now();

    /// <summary>How far this node has seen the log of each.</summary>
    public EventPositions Positions
    {
        get
        {
            lock (_gate)
            {
                return _positions;
            }
        }
    }

    /// <summary>This node stops: who follows is told no more.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>Null: events of this log have no spans.</summary>
    public IEventSpans? Spans { get; set; }

    /// <summary>Something happened at this node. On the thread that noted it: only pass the word on.</summary>
    public event Action<NodeEvent>? Noted;

    /// <summary>Another node told of something, or the disk did. On the thread that heard of it: only pass the word on.</summary>
    public event Action<NodeEvent>? Taken;

    /// <inheritdoc/>
    public NodeEvent Note(EventNote note)
    {
        NodeEvent made;
        TaskCompletionSource added;
        Activity? span = Spans?.Begin(note, note.Cause is { } cause ? Last(CauseWithin, e => e.Id == cause) : null);
        if (span is not null)
        {
            note = note with { TraceParent = span.Id };
        }

        lock (_noting)
        {
            lock (_gate)
            {
                DateTimeOffset now = _now();

                // What another event brought about, or ends, is behind it in the order of all, also where that one's node has a clock that is ahead.
                long position = Math.Max(Math.Max(_positions[_node], note.Cause?.Position ?? 0) + 1, EventId.PositionAt(now));
                made = EventJson.Make(new EventId(position, _node), now, note);
                added = Append(made);
            }

            added.SetResult();
            Noted?.Invoke(made);
        }

        Tell(made);
        if (span is not null)
        {
            Spans!.End(span, made);
        }

        return made;
    }

    /// <summary>Takes in what other nodes have told, or the disk: of each node in its order, and nothing twice.</summary>
    /// <returns>What was new.</returns>
    public ImmutableArray<NodeEvent> Take(IEnumerable<NodeEvent> events)
    {
        var taken = ImmutableArray.CreateBuilder<NodeEvent>();
        TaskCompletionSource? added = null;
        lock (_gate)
        {
            long latest = EventId.PositionAt(_now() + AheadMax);
            foreach (NodeEvent one in events)
            {
                if (!_positions.Has(one.Id) && one.Id.Position <= latest)
                {
                    added?.SetResult();
                    added = Append(one);
                    taken.Add(one);
                }
            }
        }

        added?.SetResult();
        if (Taken is { } tell)
        {
            foreach (NodeEvent one in taken)
            {
                tell(one);
            }
        }

        return taken.ToImmutable();
    }

    /// <summary>All of that node up to there was seen, whatever of it can be read here.</summary>
    public void Advance(EventId id)
    {
        lock (_gate)
        {
            _positions = _positions.With(id);
        }
    }

    /// <summary>All that is there, in the order in which it came, and where what comes next begins.</summary>
    public (ImmutableArray<NodeEvent> Events, long Next, EventPositions Positions) All()
    {
        lock (_gate)
        {
            return (Between(_first, _next), _next, _positions);
        }
    }

    /// <summary>What came from a place on, some of it at a time.</summary>
    /// <param name="next">Where to go on.</param>
    /// <returns>Null: some of it has left already.</returns>
    public ImmutableArray<NodeEvent>? Read(long from, int max, out long next)
    {
        lock (_gate)
        {
            next = Math.Min(_next, from + max);
            return from < _first ? null : Between(from, next);
        }
    }

    /// <summary>Complete when there is something at that place, or nothing comes any more.</summary>
    public Task WhenBeyond(long place)
    {
        lock (_gate)
        {
            return _isClosed || _next > place ? Task.CompletedTask : _added.Task;
        }
    }

    /// <inheritdoc/>
    public NodeEvent? Last(TimeSpan within, Func<NodeEvent, bool> isIt)
    {
        DateTimeOffset since = _now() - within;
        lock (_gate)
        {
            for (long i = _next - 1; i >= _first; i--)
            {
                NodeEvent one = _ring[i % _ring.Length];
                if (one.At >= since && isIt(one))
                {
                    return one;
                }
            }
        }

        return null;
    }

    public void Close()
    {
        TaskCompletionSource added;
        lock (_gate)
        {
            _isClosed = true;
            (added, _added) = (_added, New());
        }

        added.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <returns>To be completed outside of the lock.</returns>
    private TaskCompletionSource Append(NodeEvent made)
    {
        if (_next - _first == _ring.Length)
        {
            Drop();
        }

        _ring[_next++ % _ring.Length] = made;
        _bytes += made.Json.Length;
        while (_bytes > BytesMax && _next - _first > 1)
        {
            Drop();
        }

        _positions = _positions.With(made.Id);
        TaskCompletionSource added = _added;
        _added = New();
        return added;
    }

    private void Drop()
    {
        ref NodeEvent oldest = ref _ring[_first++ % _ring.Length];
        _bytes -= oldest.Json.Length;
        oldest = null!;
    }

    private ImmutableArray<NodeEvent> Between(long from, long to)
    {
        var events = ImmutableArray.CreateBuilder<NodeEvent>((int)(to - from));
        for (long i = from; i < to; i++)
        {
            events.Add(_ring[i % _ring.Length]);
        }

        return events.MoveToImmutable();
    }

    private void Tell(NodeEvent made)
    {
        EventKinds.Row row = EventKinds.Of(made.Kind);
        if (!row.IsLogged)
        {
            Log.EventNoted(_logger, made.Severity == EventSeverity.Info ? LogLevel.Information : LogLevel.Warning, row.Name, made.Sentence);
        }
    }
}
