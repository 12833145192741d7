using ActorLb.Shared.Routing;

namespace ActorLb.Engine.Kestrel;

/// <summary>The address of a request at a backend: the client's target byte for byte, neither unescaped nor shortened.</summary>
internal static class RequestTarget
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <param name="target">In origin or absolute form (RFC 9112, 3.2), already screened.</param>
    public static Uri Of(BackendSnapshot backend, string target)
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
}
