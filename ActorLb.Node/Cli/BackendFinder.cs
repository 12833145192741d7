using ActorLb.Node.Admin;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Cli;

/// <summary>Which backend an operator means: POOL/BACKEND, or its id alone where one pool has it.</summary>
internal static class BackendFinder
{
    /// <exception cref="AdminException">No pool has it, or several have.</exception>
    public static async Task<BackendName> FindAsync(AdminClient client, string text, CancellationToken cancellation)
    {
        // A pool's name has no slash in it, and an id may: what is behind the first one is the id.
        int slash = text.IndexOf('/');
        return slash > 0 && slash < text.Length - 1
            ? new BackendName(text[..slash], text[(slash + 1)..])
            : Among(await client.StatusAsync(cancellation), text);
    }

    private static BackendName Among(StatusDocument status, string id)
    {
        BackendName[] all = [.. status.Pools.SelectMany(p => p.Backends.Select(b => new BackendName(p.Name, b.Id)))];
        BackendName[] found = [.. all.Where(b => b.Id == id)];
        if (found is [var only])
        {
            return only;
        }

        if (found.Length > 1)
        {
            throw new AdminException($"several pools have a backend \"{id}\": say which, as {string.Join(" or ", found)}");
        }

        if (status.Pools.FirstOrDefault(p => p.Name == id) is { } pool)
        {
            throw new AdminException(pool.Backends.Count == 0
                ? $"\"{id}\" is a pool, and has no backends now"
                : $"\"{id}\" is a pool: say which of its backends, as {string.Join(", ", pool.Backends.Select(b => $"{id}/{b.Id}"))}");
        }

        string meant = NearestName.Of(id, all.Select(b => b.Id).Distinct()) is { } near ? $"; did you mean {string.Join(" or ", all.Where(b => b.Id == near))}?" : "";
        throw new AdminException($"no pool has a backend \"{id}\"; there are {(all.Length == 0 ? "none" : string.Join(", ", all))}{meant}");
    }
}
