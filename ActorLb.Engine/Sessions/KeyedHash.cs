using System.Security.Cryptography;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// HMAC-SHA256 with one key. Keeps keyed hashes ready, about one per processor: setting one up costs several times
/// what it then computes. Any thread may call it.
/// </summary>
internal sealed class KeyedHash(byte[] key)
{
    private readonly IncrementalHash?[] _ready = new IncrementalHash?[Environment.ProcessorCount];

    /// <param name="digest">Receives 32 bytes.</param>
    public void Compute(ReadOnlySpan<byte> text, Span<byte> digest)
    {
        // Taken out while in use: a thread that moves to another processor half-way leaves the slot empty, not shared.
        ref IncrementalHash? slot = ref _ready[Thread.GetCurrentProcessorId() % _ready.Length];
        IncrementalHash hash = Interlocked.Exchange(ref slot, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(text);
        hash.GetHashAndReset(digest);
        Interlocked.Exchange(ref slot, hash)?.Dispose();
    }
}
