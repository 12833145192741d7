using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Operator;

/// <summary>Decisions of the operator, between nodes and on disk. Sorted: the same decisions are the same bytes on every node.</summary>
internal sealed class OperatorSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Operator, Table)
{
    /// <summary>The fewest bytes of a decision: three lengths, state, version and whether there is a deadline.</summary>
    private const int DecisionBytesMin = 6;

    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<OperatorDecisions>("OD", Write, Read),
        WireMessage.Of<OperatorDecisionsKey>("OK", (w, k) => w.Text(k.Id), (ref r) => new OperatorDecisionsKey(r.Text())),
        WireMessage.Of<AskKept>(
            "OA",
            (w, a) =>
            {
                w.Text(a.Backend.Pool);
                w.Text(a.Backend.Id);
                w.Varint((ulong)a.Version);
            },
            (ref r) => new AskKept(new BackendName(r.Text(), r.Text()), (long)r.Varint())),
        WireMessage.Of<DecisionKept>(
            "OS",
            (w, k) =>
            {
                w.Text(k.Node);
                w.Bool(k.IsKnown);
                w.Bool(k.IsOnDisk);
                w.Bool(k.IsInForce);
            },
            ReadKept),
    ];

    // A node of an older version does not say whether a decision is in force; it is moments after it is known.
    private static DecisionKept ReadKept(ref WireReader reader)
    {
        string node = reader.Text();
        bool isKnown = reader.Bool();
        bool isOnDisk = reader.Bool();
        return new DecisionKept(node, isKnown, isOnDisk, reader.Left > 0 ? reader.Bool() : isKnown);
    }

    internal static byte[] ToBytes(OperatorDecisions decisions)
    {
        var writer = new WireWriter();
        Write(writer, decisions);
        return writer.ToArray();
    }

    /// <exception cref="SerializationException">No such decisions.</exception>
    internal static OperatorDecisions OfBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return Read(ref reader);
    }

    internal static void Write(WireWriter writer, OperatorDecisions decisions)
    {
        writer.Varint((ulong)decisions.ByBackend.Count);
        foreach (OperatorDecision decision in decisions.ByBackend.Values
            .OrderBy(d => d.Backend.Pool, StringComparer.Ordinal)
            .ThenBy(d => d.Backend.Id, StringComparer.Ordinal))
        {
            writer.Text(decision.Backend.Pool);
            writer.Text(decision.Backend.Id);
            writer.Byte((byte)decision.State);
            writer.Varint((ulong)decision.Version);
            writer.Text(decision.Node);
            writer.Bool(decision.Deadline is not null);
            if (decision.Deadline is { } deadline)
            {
                writer.Time(deadline);
            }
        }
    }

    /// <exception cref="SerializationException">No such decisions.</exception>
    internal static OperatorDecisions Read(ref WireReader reader)
    {
        var decisions = ImmutableArray.CreateBuilder<OperatorDecision>(reader.Count(DecisionBytesMin));
        for (int left = decisions.Capacity; left > 0; left--)
        {
            string pool = reader.Text();
            var backend = new BackendName(pool, reader.Text());
            var state = (OperatorState)reader.Byte();
            long version = (long)reader.Varint();
            string node = reader.Text();
            DateTimeOffset? deadline = reader.Bool() ? reader.Time() : null;
            if (!Enum.IsDefined(state) || version < 0)
            {
                throw new SerializationException($"no decision: state {state}, version {version}");
            }

            decisions.Add(new OperatorDecision(backend, state, deadline, version, node));
        }

        return OperatorDecisions.Of(decisions);
    }
}
