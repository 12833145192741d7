using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>Hold these keys. From the member that leads the rotation to all members; answered by <see cref="TicketKeysHeld"/>.</summary>
internal sealed record HoldTicketKeys(TicketKeyRing Ring);

/// <summary>What a member verifies with now.</summary>
/// <param name="Uid">Akka's number of this life of the member.</param>
/// <param name="Kept">All of it is on the member's disk.</param>
/// <param name="Signer">The fingerprint of the key that it signs with.</param>
internal sealed record TicketKeysHeld(long Uid, bool Kept, ulong Signer, ImmutableArray<ulong> Keys)
{
    public static TicketKeysHeld Of(long uid, bool kept, TicketKeyRing ring) =>
        new(uid, kept, ring.Signer?.Key.Fingerprint ?? 0, [.. ring.Keys.Select(k => k.Fingerprint)]);
}

/// <summary>A member that came in brings the keys that it has; to the oldest. Answered by <see cref="HoldTicketKeys"/>, once it has a ring.</summary>
internal sealed record BringTicketKeys(TicketKeyRing Ring);

/// <summary>The conversation about ticket keys on the wire.</summary>
internal static class KeyConversation
{
    public static readonly ImmutableArray<WireMessage> Rows =
    [
        WireMessage.Of<HoldTicketKeys>("KO", (w, m) => TicketKeyWire.Write(w, m.Ring), (ref r) => new HoldTicketKeys(TicketKeyWire.Read(ref r))),
        WireMessage.Of<BringTicketKeys>("KB", (w, m) => TicketKeyWire.Write(w, m.Ring), (ref r) => new BringTicketKeys(TicketKeyWire.Read(ref r))),
        WireMessage.Of<TicketKeysHeld>("KH", WriteHeld, ReadHeld),
        WireMessage.Of<RotateTicketKeys>("KR", WriteRotate, ReadRotate),
        WireMessage.Of<DescribeTicketKeys>("KD", (_, _) => { }, (ref _) => DescribeTicketKeys.Instance),
        WireMessage.Of<TicketKeysRotated>("KA", WriteRotated, ReadRotated),
        WireMessage.Of<TicketKeyReport>("KS", WriteReport, ReadReport),
    ];

    private static void WriteHeld(WireWriter writer, TicketKeysHeld held)
    {
        writer.Int64(held.Uid);
        writer.Bool(held.Kept);
        writer.UInt64(held.Signer);
        writer.Varint((ulong)held.Keys.Length);
        foreach (ulong key in held.Keys)
        {
            writer.UInt64(key);
        }
    }

    private static TicketKeysHeld ReadHeld(ref WireReader reader)
    {
        long uid = reader.Int64();
        bool kept = reader.Bool();
        ulong signer = reader.UInt64();
        var keys = ImmutableArray.CreateBuilder<ulong>(reader.Count(sizeof(ulong)));
        while (keys.Count < keys.Capacity)
        {
            keys.Add(reader.UInt64());
        }

        return new TicketKeysHeld(uid, kept, signer, keys.MoveToImmutable());
    }

    private static void WriteRotate(WireWriter writer, RotateTicketKeys request)
    {
        writer.Varint((ulong)request.Without.Length);
        foreach (string node in request.Without)
        {
            writer.Text(node);
        }

        // Behind all else, where a node of an earlier version does not look.
        if (request.Who is { } who)
        {
            writer.Text(who);
        }
    }

    private static RotateTicketKeys ReadRotate(ref WireReader reader)
    {
        var without = ImmutableArray.CreateBuilder<string>(reader.Count(1));
        while (without.Count < without.Capacity)
        {
            without.Add(reader.Text());
        }

        return new RotateTicketKeys(without.MoveToImmutable()) { Who = reader.Left > 0 && reader.Text() is { Length: > 0 } who ? who : null };
    }

    private static void WriteRotated(WireWriter writer, TicketKeysRotated answer)
    {
        writer.Byte((byte)answer.Outcome);
        writer.UInt32(answer.Key);
        WriteReport(writer, answer.Report);
    }

    private static TicketKeysRotated ReadRotated(ref WireReader reader)
    {
        RotationOutcome outcome = Defined((RotationOutcome)reader.Byte());
        var key = (ushort)reader.UInt32();
        return new TicketKeysRotated(outcome, key, ReadReport(ref reader));
    }

    private static void WriteReport(WireWriter writer, TicketKeyReport report)
    {
        writer.Varint((ulong)report.Keys.Length);
        foreach (ReportedKey key in report.Keys)
        {
            writer.UInt32(key.Id);
            writer.Int64(key.CreatedAt);
            writer.Byte((byte)key.Use);
            writer.Int64(key.VerifiesUntil);
        }

        writer.Byte((byte)report.Rotation);
        writer.UInt32(report.RotatesTo);
        writer.Varint((ulong)report.Waits.Length);
        foreach (KeyWait wait in report.Waits)
        {
            writer.Text(wait.Node);
            writer.Byte((byte)wait.Reason);
            writer.Int64(wait.Until);
        }
    }

    private static TicketKeyReport ReadReport(ref WireReader reader)
    {
        var keys = ImmutableArray.CreateBuilder<ReportedKey>(reader.Count(4 + 8 + 1 + 8));
        while (keys.Count < keys.Capacity)
        {
            keys.Add(new ReportedKey((ushort)reader.UInt32(), reader.Int64(), Defined((TicketKeyUse)reader.Byte()), reader.Int64()));
        }

        RotationPhase phase = Defined((RotationPhase)reader.Byte());
        var next = (ushort)reader.UInt32();
        var waits = ImmutableArray.CreateBuilder<KeyWait>(reader.Count(1 + 1 + 8));
        while (waits.Count < waits.Capacity)
        {
            waits.Add(new KeyWait(reader.Text(), Defined((KeyWaitReason)reader.Byte()), reader.Int64()));
        }

        return new TicketKeyReport(keys.MoveToImmutable(), phase, next, waits.MoveToImmutable());
    }

    private static T Defined<T>(T value)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? value : throw new SerializationException($"{typeof(T).Name} has no {value}");
}
