namespace ActorLb.Node.SampleBackend;

/// <summary>The bytes of the sample backend's downloads: each can be told from its place, so that a lost or doubled buffer shows.</summary>
public static class SampleBytes
{
    /// <summary>Writes those from an offset on.</summary>
    public static void Fill(int offset, Span<byte> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = At(offset + i);
        }
    }

    /// <summary>Whether these are those from an offset on.</summary>
    public static bool AreAt(int offset, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != At(offset + i))
            {
                return false;
            }
        }

        return true;
    }

    // No period that a buffer could have.
    private static byte At(int offset) => (byte)((offset * 131) + (offset >> 8) + (offset >> 16));
}
