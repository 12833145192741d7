using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>
/// The shared ring as bytes, on the wire and on disk: the keys by age as the first version wrote them, then what was
/// agreed on about each, then the roots; versions before ignore what follows. The same ring always gives the same bytes.
/// </summary>
internal static class TicketKeyWire
{
    /// <summary>More turns than rotations ever take; beyond it bytes are no ring.</summary>
    private const uint TurnMax = 1 << 30;

    private const int KeyBytes = sizeof(long) + 1 + TicketKey.SecretBytes;
    private const int AgreementBytesMin = 1 + 1 + sizeof(long);

    public static byte[] ToBytes(TicketKeyRing ring)
    {
        var writer = new WireWriter();
        Write(writer, ring);
        return writer.ToArray();
    }

    /// <exception cref="SerializationException">No such ring.</exception>
    public static TicketKeyRing OfBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return Read(ref reader);
    }

    public static void Write(WireWriter writer, TicketKeyRing ring)
    {
        writer.Varint((ulong)ring.Entries.Length);
        foreach (TicketKeyEntry entry in ring.Entries)
        {
            Write(writer, entry.Key);
        }

        // A ring about which nothing was agreed on keeps the bytes that it always had.
        if (ring.Horizon == 0 && ring.Roots.IsEmpty && ring.Entries.All(e => e is { Turn: 0, Signs: false, SignedAt: 0 }))
        {
            return;
        }

        foreach (TicketKeyEntry entry in ring.Entries)
        {
            writer.Varint(entry.Turn);
            writer.Bool(entry.Signs);
            writer.Int64(entry.SignedAt);
        }

        writer.Int64(ring.Horizon);
        if (!ring.Roots.IsEmpty)
        {
            writer.Varint((ulong)ring.Roots.Length);
            foreach (TicketKey root in ring.Roots)
            {
                Write(writer, root);
            }
        }
    }

    /// <exception cref="SerializationException">No such ring.</exception>
    public static TicketKeyRing Read(ref WireReader reader)
    {
        var keys = new TicketKey[reader.Count(KeyBytes)];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = ReadKey(ref reader);
        }

        if (reader.Left == 0)
        {
            return TicketKeyRing.Of(keys);
        }

        if (reader.Left < keys.Length * AgreementBytesMin)
        {
            throw new SerializationException($"{keys.Length} ticket keys with {reader.Left} bytes of what was agreed on");
        }

        var entries = ImmutableArray.CreateBuilder<TicketKeyEntry>(keys.Length);
        foreach (TicketKey key in keys)
        {
            ulong turn = reader.Varint();
            entries.Add(turn <= TurnMax
                ? new TicketKeyEntry(key, (uint)turn, reader.Bool(), reader.Int64())
                : throw new SerializationException($"turn {turn}"));
        }

        long horizon = reader.Int64();
        var roots = new TicketKey[reader.Left == 0 ? 0 : reader.Count(KeyBytes)];
        for (int i = 0; i < roots.Length; i++)
        {
            roots[i] = ReadKey(ref reader);
        }

        return TicketKeyRing.Of(entries, horizon, roots);
    }

    private static void Write(WireWriter writer, TicketKey key)
    {
        writer.Int64(key.CreatedAt);
        writer.Bytes(key.Secret.AsSpan());
    }

    private static TicketKey ReadKey(ref WireReader reader)
    {
        long createdAt = reader.Int64();
        ReadOnlySpan<byte> secret = reader.Bytes();
        return secret.Length == TicketKey.SecretBytes
            ? new TicketKey([.. secret], createdAt)
            : throw new SerializationException($"a ticket key of {secret.Length} bytes");
    }
}
