using System.Collections.Immutable;

namespace ActorLb.Node.Events.Exchange;

/// <summary>What one node gives another of what it knows, and takes of what it is given.</summary>
internal static class EventExchange
{
    /// <summary>Of one message, in bytes of JSON; a frame between nodes holds many times as much.</summary>
    public const int BytesMax = 256 * 1024;

    /// <summary>What is known beyond what was seen, as much as goes into a message: of each node in its order.</summary>
    public static (ImmutableArray<ReadOnlyMemory<byte>> Events, bool HasMore) Beyond(EventLog log, EventPositions seen)
    {
        var events = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        int bytes = 0;
        foreach (NodeEvent one in log.All().Events)
        {
            if (seen.Has(one.Id))
            {
                continue;
            }

            bytes += one.Json.Length;
            if (bytes > BytesMax && events.Count > 0)
            {
                return (events.ToImmutable(), true);
            }

            events.Add(one.Json);
        }

        return (events.ToImmutable(), false);
    }

    /// <summary>Takes what can be read. What is of a kind that only a newer version knows counts as seen.</summary>
    /// <returns>Whether anything was new.</returns>
    public static bool Take(EventLog log, IEnumerable<ReadOnlyMemory<byte>> events)
    {
        bool isNews = false;
        var read = new List<NodeEvent>();
        foreach (ReadOnlyMemory<byte> json in events)
        {
            if (!EventJson.TryRead(json, out EventId id, out NodeEvent? one))
            {
                continue;
            }

            if (one is not null)
            {
                read.Add(one);
            }
            else if (!log.Positions.Has(id))
            {
                // In its place between the others, or those of its node before it would count as seen.
                isNews |= log.Take(read).Length > 0;
                read.Clear();
                log.Advance(id);
                isNews = true;
            }
        }

        return log.Take(read).Length > 0 || isNews;
    }

    public static bool IsOf(ReadOnlyMemory<byte> json, string node) => EventJson.TryRead(json, out EventId id, out _) && id.Node == node;
}
