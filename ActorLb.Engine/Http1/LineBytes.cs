using System.Buffers;

namespace ActorLb.Engine.Http1;

/// <summary>What request lines and status lines have in common.</summary>
internal static class LineBytes
{
    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Where(c => c != '\t').Select(c => (byte)c), 0x7f]);

    /// <summary>The first control character but HTAB; below 0 if there is none.</summary>
    public static int FindControl(ReadOnlySpan<byte> bytes) => bytes.IndexOfAny(Controls);

    /// <summary>Versions are case-sensitive and have no other spelling (RFC 9112, 2.3).</summary>
    public static bool IsVersion(ReadOnlySpan<byte> bytes) => bytes.SequenceEqual("HTTP/1.1"u8) || bytes.SequenceEqual("HTTP/1.0"u8);
}
