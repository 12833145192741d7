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

    /// <summary>The key for a text that the operator configured: SHA-256 of its UTF-8 bytes.</summary>
    public static TicketKey FromText(string text) =>
        new([.. SHA256.HashData(Encoding.UTF8.GetBytes(text))], 0);

    public static TicketKey Create(TimeProvider time)
    {
        var secret = new byte[SecretBytes];
        RandomNumberGenerator.Fill(secret);
        return new TicketKey([.. secret], time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    public bool Equals(TicketKey? other) =>
        other is not null && CreatedAt == other.CreatedAt && Secret.AsSpan().SequenceEqual(other.Secret.AsSpan());

    public override int GetHashCode() => Secret.Length < 4 ? 0 : BitConverter.ToInt32(Secret.AsSpan()[..4]);

    /// <summary>Shows the id, never the secret.</summary>
    public override string ToString() => $"key {Id:x4}";
}
