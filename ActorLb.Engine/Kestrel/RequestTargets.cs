using ActorLb.Shared.Routing;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The addresses of requests at backends: the client's target byte for byte, neither unescaped nor shortened. Keeps
/// those of late, since making one costs more than finding it and few targets make up most of the traffic;
/// direct-mapped and of fixed size, a newcomer overwrites. Any thread may call it.
/// </summary>
internal sealed class RequestTargets
{
    private const int KeptMax = 1024;
    private const int KeptCharsMax = 256;

    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly Kept?[] _kept = new Kept?[KeptMax];

    /// <param name="target">In origin or absolute form (RFC 9112, 3.2), already screened.</param>
    public Uri Of(BackendSnapshot backend, string target)
    {
        if (target.Length > KeptCharsMax)
        {
            return Make(backend, target);
        }

        // The runtime's string hash is seeded: nobody can choose targets that crowd one slot.
        ref Kept? slot = ref _kept[(target.GetHashCode(StringComparison.Ordinal) ^ (int)backend.Key.Value) & (KeptMax - 1)];
        if (Volatile.Read(ref slot) is { } kept && ReferenceEquals(kept.Backend, backend.Address) && kept.Target == target)
        {
            return kept.Address;
        }

        Uri address = Make(backend, target);
        Volatile.Write(ref slot, new Kept(backend.Address, target, address));
        return address;
    }

    private static Uri Make(BackendSnapshot backend, string target)
    {
        ReadOnlySpan<char> path = target.StartsWith('/') ? target : PathOf(target);
        ReadOnlySpan<char> slash = path.StartsWith('/') ? default : "/";
        return new Uri(string.Concat(Origin(backend), slash, path), AsItIs);
    }

    // TLS is the connection's business (BackendClient): for the handler every backend is plain HTTP.
    private static ReadOnlySpan<char> Origin(BackendSnapshot backend) =>
        backend.Address.Scheme == Uri.UriSchemeHttps
            ? $"http://{backend.Address.Host}:{backend.Address.Port}"
            : backend.Prefix.AsSpan(0, backend.Prefix.Length - 1);

    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> absolute)
    {
        int authority = absolute.IndexOf("://");
        ReadOnlySpan<char> rest = authority < 0 ? absolute : absolute[(authority + 3)..];
        int path = rest.IndexOfAny('/', '?');
        return path < 0 ? default : rest[path..];
    }

    private sealed record Kept(Uri Backend, string Target, Uri Address);
}
