using System.Buffers.Binary;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Balancing;

/// <summary>What of a request says where it goes, hashed: the same bytes are the same key on all nodes and in all versions.</summary>
internal readonly record struct BalanceKey(ulong Value)
{
    private const int Word = sizeof(ulong);

    /// <summary>The request has none, or its pool asks for none.</summary>
    public static BalanceKey None => default;

    public bool IsNone => Value == 0;

    public static BalanceKey Of(ReadOnlySpan<byte> text)
    {
        ulong hash = (ulong)text.Length;
        while (text.Length >= Word)
        {
            hash = Rendezvous.Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text));
            text = text[Word..];
        }

        ulong rest = 0;
        for (int i = 0; i < text.Length; i++)
        {
            rest |= (ulong)text[i] << (8 * i);
        }

        return Of(hash ^ rest);
    }

    public static BalanceKey Of(ulong value) => new(Math.Max(1, Rendezvous.Mix(value)));
}
