namespace ActorLb.Shared.Sessions;

/// <summary>The fingerprint of a bucket's content: nodes compare it before they fetch. The same on every machine.</summary>
internal static class BucketFingerprint
{
    private const ulong Odd = 0x9E3779B97F4A7C15;

    public static ulong Of(BindingBucket bucket)
    {
        ulong hash = Odd;
        for (int page = 0; page < BindingBucket.PageCount; page++)
        {
            hash = Add(hash, bucket.Page(page));
        }

        return Final(Step(hash, bucket.Horizon));
    }

    public static ulong Of(ReadOnlySpan<Binding> page) => page.IsEmpty ? 0 : Final(Add(Odd, page));

    private static ulong Add(ulong hash, ReadOnlySpan<Binding> bindings)
    {
        foreach (ref readonly Binding binding in bindings)
        {
            hash = Step(hash, binding.Id.High);
            hash = Step(hash, binding.Id.Low);
            hash = Step(hash, binding.Backend.Value);
            hash = Step(hash, ((ulong)binding.Version << 32) | binding.LastSeen);
        }

        return hash;
    }

    // Each step can be undone, so contents that differ in one place alone never have the same fingerprint.
    private static ulong Step(ulong hash, ulong value)
    {
        hash = (hash ^ value) * Odd;
        return hash ^ (hash >> 32);
    }

    private static ulong Final(ulong hash) => hash == 0 ? Odd : hash;
}
