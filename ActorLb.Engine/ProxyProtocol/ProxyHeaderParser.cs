namespace ActorLb.Engine.ProxyProtocol;

/// <summary>
/// Reads the header of the PROXY protocol with which a connection begins (HAProxy's proxy-protocol.txt), of version 1 or 2: its first
/// bytes say which. Strict: a header that a proxy would not write announces an attack, or another protocol. Pure.
/// </summary>
internal static class ProxyHeaderParser
{
    /// <summary>No header is longer.</summary>
    public const int BytesMax = BinaryHeader.HeadBytes + BinaryHeader.LengthMax;

    public static ProxyHeaderResult Parse(ReadOnlySpan<byte> input) =>
        input.IsEmpty ? ProxyHeaderResult.NeedMore
        : BeginsAs(input, TextHeader.Signature) ? TextHeader.Parse(input)
        : BeginsAs(input, BinaryHeader.Signature) ? BinaryHeader.Parse(input)
        : ProxyHeaderResult.Rejected(ProxyHeaderFault.Missing);

    private static bool BeginsAs(ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature)
    {
        int length = Math.Min(input.Length, signature.Length);
        return input[..length].SequenceEqual(signature[..length]);
    }
}
