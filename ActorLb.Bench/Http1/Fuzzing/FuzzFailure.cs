using ActorLb.Bench.Http1.Corpus;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>A message for which something does not hold. Its text can be put into a corpus as it is.</summary>
internal sealed class FuzzFailure(string what, ReadOnlySpan<byte> bytes) : Exception($"{what}: {CorpusText.FromBytes(bytes)}")
{
    public static void ThrowIf(bool isWrong, string what, ReadOnlySpan<byte> bytes)
    {
        if (isWrong)
        {
            throw new FuzzFailure(what, bytes);
        }
    }
}
