using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Affinity.TicketKeys;

/// <summary>A ring of ticket keys as bytes: the same between nodes and on disk.</summary>
internal static class TicketKeyRecords
{
    public static byte[] Write(TicketKeyRing ring)
    {
        var writer = new WireWriter();
        Write(writer, ring);
        return writer.ToArray();
    }

    /// <exception cref="SerializationException">No such ring.</exception>
    public static TicketKeyRing Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return Read(ref reader);
    }

    public static void Write(WireWriter writer, TicketKeyRing ring)
    {
        writer.Varint((ulong)ring.Keys.Length);
        foreach (TicketKey key in ring.Keys)
        {
            writer.Int64(key.CreatedAt);
            writer.Bytes(key.Secret.AsSpan());
        }
    }

    /// <exception cref="SerializationException">No such ring.</exception>
    public static TicketKeyRing Read(ref WireReader reader)
    {
        int count = reader.Count(sizeof(long) + 1 + TicketKey.SecretBytes);
        var keys = new List<TicketKey>(count);
        while (keys.Count < count)
        {
            long createdAt = reader.Int64();
            ReadOnlySpan<byte> secret = reader.Bytes();
            keys.Add(secret.Length == TicketKey.SecretBytes
                ? new TicketKey([.. secret], createdAt)
                : throw new SerializationException($"a ticket key of {secret.Length} bytes"));
        }

        return TicketKeyRing.Of(keys);
    }
}
