using System.Security.Cryptography;

namespace ActorLb.Engine.WebSockets;

/// <summary>Close frames with code 1001, "going away" (RFC 6455, 5.5.1 and 7.4.1): browsers and libraries connect again after it.</summary>
internal static class CloseFrames
{
    public const int MaskedBytes = 8;

    private const byte FinalClose = 0x88;
    private const byte Masked = 0x80;
    private const int PayloadBytes = 2;

    /// <summary>To a client: unmasked (5.1).</summary>
    public static ReadOnlySpan<byte> ToClient => [FinalClose, PayloadBytes, 0x03, 0xE9];

    /// <summary>To a backend, as its client: masked (5.3).</summary>
    /// <param name="target"><see cref="MaskedBytes"/> bytes.</param>
    public static void WriteToBackend(Span<byte> target)
    {
        target[0] = FinalClose;
        target[1] = Masked | PayloadBytes;
        Span<byte> mask = target.Slice(2, 4);
        RandomNumberGenerator.Fill(mask);
        target[6] = (byte)(0x03 ^ mask[0]);
        target[7] = (byte)(0xE9 ^ mask[1]);
    }
}
