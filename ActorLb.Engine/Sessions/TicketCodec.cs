using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// Seals and opens one pool's tickets. A ticket is 51 bytes, 68 characters of base64url: format 1, key id 2,
/// session id 16, issued at 4 (seconds), version 4, backend 8 (sealed), tag 16. The tag is HMAC-SHA256 over
/// everything, the backend in clear, by a key that belongs to the pool; the backend is masked by a second HMAC
/// of the tag (synthetic IV, as RFC 5297 does it with CMAC), so that equal backends look different.
/// Immutable; a new ring of keys gives a new codec. Layout and reasons: docs/decisions/0003-tickets.md.
/// </summary>
internal sealed class TicketCodec
{
    public const int TicketBytes = 51;

    /// <summary>51 bytes are exactly 68 characters: no padding and no spare bits, one text for one ticket.</summary>
    public const int TicketChars = 68;

    private const byte Format = 1;
    private const int KeyIdAt = 1;
    private const int SessionAt = 3;
    private const int IssuedAt = 19;
    private const int VersionAt = 23;
    private const int BackendAt = 27;
    private const int TagAt = 35;
    private const int TagBytes = 16;

    private readonly ImmutableArray<PoolKey> _keys;

    /// <param name="cluster">cluster.name: tickets of a cluster of another name look like those of an unknown key.</param>
    public TicketCodec(TicketKeyRing ring, string pool, string cluster = ClusterSettings.DefaultName)
    {
        Ring = ring;
        _keys = [.. ring.Keys.Select(k => PoolKey.Derive(k, pool, cluster))];
    }

    public TicketKeyRing Ring { get; }

    /// <summary>False while there is no key to sign with.</summary>
    public bool CanSeal => !_keys.IsEmpty;

    /// <summary>Decodes a text that has a ticket's form. Says nothing about its being genuine.</summary>
    /// <param name="ticket">Receives <see cref="TicketBytes"/> bytes.</param>
    public static bool TryRead(ReadOnlySpan<char> text, Span<byte> ticket) =>
        text.Length == TicketChars
        && Base64Url.DecodeFromChars(text, ticket, out _, out int written) == OperationStatus.Done
        && written == TicketBytes
        && HasForm(ticket);

    /// <inheritdoc cref="TryRead(ReadOnlySpan{char}, Span{byte})"/>
    public static bool TryRead(ReadOnlySpan<byte> text, Span<byte> ticket) =>
        text.Length == TicketChars
        && Base64Url.DecodeFromUtf8(text, ticket, out _, out int written) == OperationStatus.Done
        && written == TicketBytes
        && HasForm(ticket);

    /// <summary>What a ticket shows to everybody.</summary>
    public static TicketClaim ClaimOf(ReadOnlySpan<byte> ticket) => new(
        SessionId.Read(ticket[SessionAt..]),
        BinaryPrimitives.ReadUInt32BigEndian(ticket[VersionAt..]),
        BinaryPrimitives.ReadUInt32BigEndian(ticket[IssuedAt..]));

    private static bool HasForm(ReadOnlySpan<byte> ticket) =>
        ticket[0] == Format && BinaryPrimitives.ReadUInt32BigEndian(ticket[VersionAt..]) != 0;

    /// <summary>The id of the key that a ticket names.</summary>
    public static ushort KeyOf(ReadOnlySpan<byte> ticket) => BinaryPrimitives.ReadUInt16BigEndian(ticket[KeyIdAt..]);

    /// <summary>Whether one of the keys has the ticket's key id; where none has, the ticket cannot be opened.</summary>
    public bool KnowsKeyOf(ReadOnlySpan<byte> ticket)
    {
        ushort keyId = KeyOf(ticket);
        foreach (PoolKey key in _keys)
        {
            if (key.Id == keyId)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Checks the tag against every key with the ticket's key id and opens the binding; LastSeen is the issue time.</summary>
    public bool TryOpen(ReadOnlySpan<byte> ticket, in TicketClaim claim, out Binding binding)
    {
        ushort keyId = KeyOf(ticket);
        Span<byte> clear = stackalloc byte[TagAt];
        Span<byte> tag = stackalloc byte[TagBytes];
        foreach (PoolKey key in _keys)
        {
            if (key.Id != keyId)
            {
                continue;
            }

            ulong backend = BinaryPrimitives.ReadUInt64BigEndian(ticket[BackendAt..]) ^ key.Mask(ticket[TagAt..]);
            ticket[..TagAt].CopyTo(clear);
            BinaryPrimitives.WriteUInt64BigEndian(clear[BackendAt..], backend);
            key.Tag(clear, tag);
            if (CryptographicOperations.FixedTimeEquals(tag, ticket[TagAt..TicketBytes]))
            {
                binding = new Binding(claim.Session, new BackendKey(backend), claim.Version, claim.IssuedAt);
                return true;
            }
        }

        binding = default;
        return false;
    }

    /// <summary>Writes the ticket of a binding, issued at its LastSeen, as <see cref="TicketChars"/> characters.</summary>
    /// <exception cref="InvalidOperationException">There is no key yet.</exception>
    public void Seal(in Binding binding, Span<char> text)
    {
        Span<byte> ticket = stackalloc byte[TicketBytes];
        Seal(binding, ticket);
        Base64Url.EncodeToChars(ticket, text, out _, out _);
    }

    /// <summary>The same as ASCII.</summary>
    /// <exception cref="InvalidOperationException">There is no key yet.</exception>
    public void SealToUtf8(in Binding binding, Span<byte> text)
    {
        Span<byte> ticket = stackalloc byte[TicketBytes];
        Seal(binding, ticket);
        Base64Url.EncodeToUtf8(ticket, text, out _, out _);
    }

    private void Seal(in Binding binding, Span<byte> ticket)
    {
        if (_keys.IsEmpty)
        {
            throw new InvalidOperationException("no ticket key yet");
        }

        PoolKey key = _keys[0];
        ticket[0] = Format;
        BinaryPrimitives.WriteUInt16BigEndian(ticket[KeyIdAt..], key.Id);
        binding.Id.Write(ticket[SessionAt..]);
        BinaryPrimitives.WriteUInt32BigEndian(ticket[IssuedAt..], binding.LastSeen);
        BinaryPrimitives.WriteUInt32BigEndian(ticket[VersionAt..], binding.Version);
        BinaryPrimitives.WriteUInt64BigEndian(ticket[BackendAt..], binding.Backend.Value);
        key.Tag(ticket[..TagAt], ticket[TagAt..]);
        BinaryPrimitives.WriteUInt64BigEndian(
            ticket[BackendAt..], binding.Backend.Value ^ key.Mask(ticket[TagAt..]));
    }

    /// <summary>The two secrets that one key gives to one pool.</summary>
    private sealed class PoolKey(ushort id, byte[] signing, byte[] masking)
    {
        private readonly KeyedHash _signing = new(signing);
        private readonly KeyedHash _masking = new(masking);

        public ushort Id => id;

        // The default name changes nothing: tickets are older than names of clusters.
        public static PoolKey Derive(TicketKey key, string pool, string cluster)
        {
            bool isNamed = cluster != ClusterSettings.DefaultName;
            byte[] name = Encoding.UTF8.GetBytes(isNamed ? $"{pool}\0{cluster}" : pool);
            int mark = isNamed ? BinaryPrimitives.ReadUInt16BigEndian(SHA256.HashData([.. "actorlb cluster "u8, .. Encoding.UTF8.GetBytes(cluster)])) : 0;
            return new PoolKey(
                (ushort)(key.Id ^ mark),
                HMACSHA256.HashData(key.Secret.AsSpan(), [.. "actorlb ticket tag "u8, .. name]),
                HMACSHA256.HashData(key.Secret.AsSpan(), [.. "actorlb ticket mask "u8, .. name]));
        }

        public void Tag(ReadOnlySpan<byte> clear, Span<byte> tag)
        {
            Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
            _signing.Compute(clear, digest);
            digest[..TagBytes].CopyTo(tag);
        }

        public ulong Mask(ReadOnlySpan<byte> tag)
        {
            Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
            _masking.Compute(tag[..TagBytes], digest);
            return BinaryPrimitives.ReadUInt64BigEndian(digest);
        }
    }
}

/// <summary>What a ticket shows without a key. Not to be believed before the tag held.</summary>
internal readonly record struct TicketClaim(SessionId Session, uint Version, uint IssuedAt)
{
    /// <summary>
    /// Whether it says more than another one about the side of a split on which its client is: a split has begun its session, and that of
    /// the other none, or before. What some other route has begun says nothing of when.
    /// </summary>
    public bool Outranks(in TicketClaim other) =>
        Session.IsOfSplit && (!other.Session.IsOfSplit || IssuedAt > other.IssuedAt);
}
