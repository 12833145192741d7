using System.Security.Cryptography;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>Makes session ids from the system's random source, 256 at a time per thread: one system call serves many.</summary>
internal static class SessionIds
{
    private const int Batch = 256 * SessionId.Bytes;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    /// <param name="ofSplit"><see cref="SessionId.IsOfSplit"/>.</param>
    public static SessionId Next(bool ofSplit = false)
    {
        byte[] random = _random ??= new byte[Batch];
        if (_used is 0 or Batch)
        {
            RandomNumberGenerator.Fill(random);
            _used = 0;
        }

        Span<byte> bytes = random.AsSpan(_used, SessionId.Bytes);
        SessionId id = SessionId.Read(bytes).Of(ofSplit);

        // A used id must not be found in this process's memory next to those to come.
        bytes.Clear();
        _used += SessionId.Bytes;
        return id;
    }
}
