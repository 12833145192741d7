using ActorLb.Node.Admin;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Cli;

/// <summary>Which backend an operator means: POOL/BACKEND, or its id or address alone where one pool has it.</summary>
internal static class BackendFinder
{
    /// <exception cref="AdminException">No pool has it, or several have.</exception>
    public static async Task<BackendName> FindAsync(AdminClient client, string text, CancellationToken cancellation)
    {
        // A pool's name has no slash in it, and an id may: what is behind the first one is the id.
        int slash = text.Contains("://", StringComparison.Ordinal) ? -1 : text.IndexOf('/');
        return slash > 0 && slash < text.Length - 1
            ? new BackendName(text[..slash], text[(slash + 1)..])
            : Among(await client.StatusAsync(cancellation), text);
    }

    private static BackendName Among(StatusDocument status, string text)
    {
        (BackendName Name, string Address)[] all = [.. status.Pools.SelectMany(p => p.Backends.Select(b => (new BackendName(p.Name, b.Id), b.Address)))];
        BackendName[] found = [.. all.Where(b => b.Name.Id == text).Select(b => b.Name)];
        string has = $"has a backend \"{text}\"";
        if (found.Length == 0)
        {
            has = $"is at {text}";
            found = [.. all.Where(b => IsAt(b.Address, text)).Select(b => b.Name)];
        }

        if (found is [var only])
        {
            return only;
        }

        if (found.Length > 1)
        {
            throw new AdminException($"More than one {has}: say which, as {string.Join(" or ", found)}.");
        }

        if (status.Pools.FirstOrDefault(p => p.Name == text) is { } pool)
        {
            throw new AdminException(pool.Backends.Count == 0
                ? $"\"{text}\" is a pool, and has no backends now."
                : $"\"{text}\" is a pool: say which of its backends, as {string.Join(", ", pool.Backends.Select(b => $"{text}/{b.Id}"))}.");
        }

        string meant = NearestName.Of(text, all.Select(b => b.Name.Id).Distinct()) is { } near
            ? $" Did you mean {string.Join(" or ", all.Where(b => b.Name.Id == near).Select(b => $"\"{b.Name}\""))}?"
            : "";
        string there = all.Length == 0 ? "is none" : $"{(all.Length == 1 ? "is" : "are")} {string.Join(", ", all.Select(b => b.Name))}";
        throw new AdminException($"No pool has a backend \"{text}\"; there {there}.{meant}");
    }

    // As status shows it: scheme, host and port, of which the scheme may be left out.
    private static bool IsAt(string address, string text)
    {
        string asked = text.TrimEnd('/');
        string full = address.TrimEnd('/');
        return full.Equals(asked, StringComparison.OrdinalIgnoreCase)
            || (full.IndexOf("://", StringComparison.Ordinal) is var scheme and > 0 && full.AsSpan(scheme + 3).Equals(asked, StringComparison.OrdinalIgnoreCase));
    }
}
