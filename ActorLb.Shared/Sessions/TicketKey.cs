using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace ActorLb.Shared.Sessions;

/// <summary>A secret that signs tickets. The id is on the ticket; the secret never leaves the nodes.</summary>
/// <param name="Secret">32 bytes.</param>
/// <param name="CreatedAt">Milliseconds since 1970-01-01 UTC; 0 for keys from the configuration.</param>
public sealed record TicketKey(ImmutableArray<byte> Secret, long CreatedAt)
{
    public const int SecretBytes = 32;

    /// <summary>16 bits of the secret's digest: enough to find the key among a few, and they tell nothing.</summary>
    public ushort Id { get; } = BinaryPrimitives.ReadUInt16BigEndian(SHA256.HashData([.. "ticket-key-id"u8, .. Secret]));

    /// <summary>64 bits of another digest: nodes tell each other by it which keys they hold, without the secret.</summary>
    public ulong Fingerprint { get; } = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData([.. "ticket-key-fingerprint"u8, .. Secret]));

    /// <summary>The key for a text that the operator configured: SHA-256 of its UTF-8 bytes.</summary>
    public static TicketKey FromText(string text) =>
        new([.. SHA256.HashData(Encoding.UTF8.GetBytes(text))], 0);

    /// <summary>A random key.</summary>
    public static TicketKey Create(TimeProvider time) => Create(time, []);

    /// <summary>A random key whose id none of these has, so that a ticket leads to one key.</summary>
    public static TicketKey Create(TimeProvider time, ImmutableArray<TicketKey> others)
    {
        while (true)
        {
            var secret = new byte[SecretBytes];
            RandomNumberGenerator.Fill(secret);
            var key = new TicketKey([.. secret], time.GetUtcNow().ToUnixTimeMilliseconds());
            if (!others.Any(o => o.Id == key.Id))
            {
                return key;
            }
        }
    }

    /// <summary>Another secret of the same age: whoever has it cannot tell this one.</summary>
    public TicketKey Root() => new([.. HMACSHA256.HashData(Secret.AsSpan(), "actorlb root of session names"u8)], CreatedAt);

    /// <summary>Older first, then by secret: a total order.</summary>
    public static int CompareByAge(TicketKey left, TicketKey right)
    {
        int age = left.CreatedAt.CompareTo(right.CreatedAt);
        return age != 0 ? age : left.Secret.AsSpan().SequenceCompareTo(right.Secret.AsSpan());
    }

    public bool Equals(TicketKey? other) =>
        other is not null && CreatedAt == other.CreatedAt && Secret.AsSpan().SequenceEqual(other.Secret.AsSpan());

    public override int GetHashCode() => Secret.Length < 4 ? 0 : BitConverter.ToInt32(Secret.AsSpan()[..4]);

    /// <summary>Shows the id, never the secret.</summary>
    public override string ToString() => $"key {Id:x4}";
}
