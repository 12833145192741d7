using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using Akka.Actor;

namespace ActorLb.Node.Events.Exchange;

/// <summary>Events between nodes: each as the JSON that everybody gets of it.</summary>
internal sealed class EventSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Events, Table)
{
    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<EventsTold>(
            "ET",
            (w, m) =>
            {
                w.Text(m.Node);
                w.Int64(m.Previous);
                Write(w, m.Events);
            },
            (ref r) => new EventsTold(r.Text(), r.Int64(), Read(ref r))),
        WireMessage.Of<AskEvents>(
            "EA",
            (w, m) =>
            {
                w.Text(m.Node);
                w.Text(m.Seen.ToString());
            },
            ReadAsk),
        WireMessage.Of<EventsGiven>(
            "EG",
            (w, m) =>
            {
                w.Text(m.Node);
                w.Bool(m.HasMore);
                Write(w, m.Events);
            },
            ReadGiven),
    ];

    private static AskEvents ReadAsk(ref WireReader reader)
    {
        string node = reader.Text();
        string seen = reader.Text();
        return EventPositions.TryParse(seen, out EventPositions positions) ? new AskEvents(node, positions) : throw new SerializationException("these are no positions of events");
    }

    private static EventsGiven ReadGiven(ref WireReader reader)
    {
        string node = reader.Text();
        bool hasMore = reader.Bool();
        return new EventsGiven(node, Read(ref reader), hasMore);
    }

    private static void Write(WireWriter writer, ImmutableArray<ReadOnlyMemory<byte>> events)
    {
        writer.Varint((ulong)events.Length);
        foreach (ReadOnlyMemory<byte> one in events)
        {
            writer.Bytes(one.Span);
        }
    }

    private static ImmutableArray<ReadOnlyMemory<byte>> Read(ref WireReader reader)
    {
        int count = reader.Count(1);
        var events = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(count);
        for (int i = 0; i < count; i++)
        {
            events.Add(reader.Bytes().ToArray());
        }

        return events.MoveToImmutable();
    }
}
