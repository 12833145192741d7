using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Operator;

/// <summary>Decisions of the operator, between nodes and on disk. Sorted: the same decisions are the same bytes on every node.</summary>
internal sealed class OperatorSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Operator, Table)
{
    /// <summary>The fewest bytes of a decision: three lengths, state, version and what it has beside.</summary>
    private const int DecisionBytesMin = 6;

    private const int GoneBytesMin = 1 + 1 + 8;

    /// <summary>What a decision has beside, in this order.</summary>
    private const byte HasDeadline = 1;
    private const byte HasMoves = 2;
    private const byte HasSince = 4;
    private const byte Known = HasDeadline | HasMoves | HasSince;

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
        foreach (OperatorDecision decision in Sorted(decisions))
        {
            writer.Text(decision.Backend.Pool);
            writer.Text(decision.Backend.Id);
            writer.Byte((byte)decision.State);
            writer.Varint((ulong)decision.Version);
            writer.Text(decision.Node);
            writer.Byte((byte)(
                (decision.Deadline is null ? 0 : HasDeadline) | (decision.Moves is null ? 0 : HasMoves) | (decision.DrainsSince is null ? 0 : HasSince)));
            if (decision.Deadline is { } deadline)
            {
                writer.Time(deadline);
            }

            if (decision.Moves is { } moves)
            {
                writer.Time(moves.Begins);
                writer.Varint((ulong)moves.Over.TotalMilliseconds);
                writer.Varint((ulong)(moves.Rate ?? 0));
            }

            if (decision.DrainsSince is { } since)
            {
                writer.Time(since);
            }
        }

        WriteGone(writer, decisions);
    }

    // Behind all else, where a node of an earlier version does not look.
    private static void WriteGone(WireWriter writer, OperatorDecisions decisions)
    {
        OperatorDecision[] gone = [.. Sorted(decisions).Where(d => d.GoneSince is not null)];
        if (gone.Length == 0 && decisions.Horizon == DateTimeOffset.MinValue)
        {
            return;
        }

        writer.Time(decisions.Horizon);
        writer.Varint((ulong)gone.Length);
        foreach (OperatorDecision decision in gone)
        {
            writer.Text(decision.Backend.Pool);
            writer.Text(decision.Backend.Id);
            writer.Time(decision.GoneSince!.Value);
        }
    }

    private static IEnumerable<OperatorDecision> Sorted(OperatorDecisions decisions) => decisions.ByBackend.Values
        .OrderBy(d => d.Backend.Pool, StringComparer.Ordinal)
        .ThenBy(d => d.Backend.Id, StringComparer.Ordinal);

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
            byte has = reader.Byte();
            DateTimeOffset? deadline = (has & HasDeadline) != 0 ? reader.Time() : null;
            SessionMoves? moves = (has & HasMoves) != 0 ? ReadMoves(ref reader) : null;
            DateTimeOffset? since = (has & HasSince) != 0 ? reader.Time() : null;
            if (!Enum.IsDefined(state) || version < 0 || (has & ~Known) != 0)
            {
                throw new SerializationException($"no decision: state {state}, version {version}, parts {has}");
            }

            decisions.Add(new OperatorDecision(backend, state, deadline, version, node) { Moves = moves, DrainsSince = since });
        }

        return reader.Left == 0 ? OperatorDecisions.Of(decisions) : ReadGone(ref reader, decisions);
    }

    private static OperatorDecisions ReadGone(ref WireReader reader, IEnumerable<OperatorDecision> decisions)
    {
        DateTimeOffset horizon = reader.Time();
        var gone = new Dictionary<BackendName, DateTimeOffset>();
        for (int left = reader.Count(GoneBytesMin); left > 0; left--)
        {
            string pool = reader.Text();
            gone[new BackendName(pool, reader.Text())] = reader.Time();
        }

        return OperatorDecisions.Of(decisions.Select(d => gone.TryGetValue(d.Backend, out DateTimeOffset since) ? d with { GoneSince = since } : d)).Cut(horizon);
    }

    private static SessionMoves ReadMoves(ref WireReader reader)
    {
        DateTimeOffset begins = reader.Time();
        ulong over = reader.Varint();
        ulong rate = reader.Varint();
        if (over > (ulong)SessionMoves.Longest.TotalMilliseconds || rate > SessionMoves.RateMax || begins > SessionMoves.LatestBegin)
        {
            throw new SerializationException($"no moves: from {begins} over {over} ms, {rate} a second");
        }

        return new SessionMoves(begins, TimeSpan.FromMilliseconds((long)over), rate == 0 ? null : (int)rate);
    }
}
