using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Forwarding;

/// <summary>What tells the client of a request that has no session from others: its address, its agent and whom it asks. Pure.</summary>
internal static class FirstAsker
{
    private const int AuthorityBytesMax = 256;
    private const int AgentBytesMax = 512;

    /// <summary>What proxies add: whoever is not trusted and sends it passes on what many ask.</summary>
    private static readonly KnownFieldSet OfProxies =
        KnownFieldSet.Of(KnownField.Via, KnownField.Forwarded, KnownField.XForwardedFor, KnownField.ForwardingClaim);

    /// <param name="key">Of the client, or of the one whom a trusted proxy names.</param>
    /// <returns>Null: the client cannot be told from others.</returns>
    public static UInt128? Of(
        ForwardedClient client, ClientKey key, ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<HeaderField> fields)
    {
        // A proxy that does not say for whom it asks is one address for all of them.
        if (client.IsTrusted ? !head.Fields.Has(KnownField.XForwardedFor) : head.Fields.Seen.Overlaps(OfProxies))
        {
            return null;
        }

        Span<byte> text = stackalloc byte[1 + sizeof(ulong) + AuthorityBytesMax + 1 + AgentBytesMax];
        text[0] = key.IsIPv4 ? (byte)4 : (byte)6;
        BinaryPrimitives.WriteUInt64BigEndian(text[1..], key.Network);
        int length = 1 + sizeof(ulong);
        length += Append(head.Authority.Of(source), AuthorityBytesMax, text[length..]);
        text[length++] = 0;
        length += Append(Agent(source, fields), AgentBytesMax, text[length..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    private static int Append(ReadOnlySpan<byte> part, int max, Span<byte> target)
    {
        part = part[..Math.Min(part.Length, max)];
        part.CopyTo(target);
        return part.Length;
    }

    private static ReadOnlySpan<byte> Agent(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.Other && Ascii.EqualsIgnoreCase(field.Name(source), "User-Agent"u8))
            {
                return field.Value(source);
            }
        }

        return default;
    }
}
