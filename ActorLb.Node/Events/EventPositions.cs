using System.Collections.Immutable;

namespace ActorLb.Node.Events;

/// <summary>
/// How far somebody has seen the log of each node: what comes from whom in which order differs between nodes, and with one position for each
/// of them nothing is missed or seen twice, whichever node is asked next. Immutable.
/// </summary>
internal sealed class EventPositions
{
    /// <summary>Nodes with a position of their own.</summary>
    public const int NodesMax = 64;

    public static readonly EventPositions None = new(0, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));

    private const string Others = "*";

    private readonly long _others;
    private readonly ImmutableSortedDictionary<string, long> _byNode;

    private EventPositions(long others, ImmutableSortedDictionary<string, long> byNode)
    {
        _others = others;
        _byNode = byNode;
    }

    /// <summary>All events up to this position were seen, of all nodes.</summary>
    public static EventPositions Of(long position) => new(position, None._byNode);

    /// <summary>All that was noted before this time was seen, of all nodes.</summary>
    public static EventPositions Of(DateTimeOffset time) => Of(EventId.PositionAt(time) - 1);

    public IEnumerable<KeyValuePair<string, long>> ByNode => _byNode;

    public long this[string node] => _byNode.GetValueOrDefault(node, _others);

    public bool Has(EventId id) => id.Position <= this[id.Node];

    /// <summary>That one was seen, and all of its node before it. Of more nodes than it may have, the one that was silent for longest is left to the others.</summary>
    public EventPositions With(EventId id)
    {
        if (Has(id))
        {
            return this;
        }

        ImmutableSortedDictionary<string, long> next = _byNode.SetItem(id.Node, id.Position);
        if (next.Count <= NodesMax)
        {
            return new EventPositions(_others, next);
        }

        (string oldest, long position) = next.MinBy(p => p.Value);
        return new EventPositions(Math.Max(_others, position), next.Remove(oldest));
    }

    /// <summary>As it is in <c>id:</c> of the stream.</summary>
    public override string ToString() => string.Join(
        ',', _byNode.Select(p => $"{p.Key}={EventId.Written(p.Value)}").Prepend(_others == 0 && !_byNode.IsEmpty ? "" : $"{Others}={EventId.Written(_others)}").Where(p => p.Length > 0));

    /// <summary>Reads what <see cref="ToString"/> wrote; also the id of one event, up to which all of all nodes were seen.</summary>
    public static bool TryParse(string text, out EventPositions positions)
    {
        positions = None;
        if (EventId.TryParse(text, out EventId id))
        {
            positions = Of(id.Position);
            return true;
        }

        long others = 0;
        var byNode = None._byNode.ToBuilder();
        foreach (Range range in text.AsSpan().Split(','))
        {
            ReadOnlySpan<char> part = text.AsSpan()[range];
            int sign = part.LastIndexOf('=');
            if (sign is < 1 or > EventId.NodeLengthMax || byNode.Count > NodesMax || !EventId.TryPosition(part[(sign + 1)..], out long position))
            {
                return false;
            }

            if (part[..sign] is Others)
            {
                others = position;
            }
            else
            {
                byNode[part[..sign].ToString()] = position;
            }
        }

        positions = new EventPositions(others, byNode.ToImmutable());
        return byNode.Count <= NodesMax;
    }
}
