using ActorLb.Shared.Backends;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Node.Admin;

/// <summary>
/// The names in a path of the admin API, <c>/api/v1/pools/{pool}/backends/{id}</c> or <c>/api/v1/overlays/{pool}/{id}</c>. Kestrel leaves
/// %2F in the decoded path as it is, which cannot be told from an encoded percent sign: they are taken from the target as it was sent.
/// </summary>
internal static class BackendPath
{
    /// <summary>The pool and the id, as many of them as there are.</summary>
    public static string[] NamesOf(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return [.. target.Split('?', 2)[0].Split('/').Skip(4).Where((s, i) => i != 1 || s != "backends").Take(2).Select(Uri.UnescapeDataString)];
    }

    /// <summary>Null where the path names none.</summary>
    public static BackendName? BackendOf(HttpContext context) => NamesOf(context) is [var pool, var id] ? new BackendName(pool, id) : null;
}
