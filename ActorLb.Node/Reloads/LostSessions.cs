using ActorLb.Shared.Settings;

namespace ActorLb.Node.Reloads;

/// <summary>Finds what a change costs clients that have a session. It is what an operator may want, so he is told and nothing is refused. Pure.</summary>
internal static class LostSessions
{
    /// <summary>A sentence for each, with its key.</summary>
    public static IEnumerable<string> Between(Topology before, Topology after)
    {
        foreach (PoolSettings old in before.Pools.Values.Where(p => p.Affinity.IsSticky).OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            IEnumerable<string> found = after.Pools.TryGetValue(old.Name, out PoolSettings? next) ? Between(old, next) : Renamed(old, before, after);
            foreach (string warning in found)
            {
                yield return warning;
            }
        }
    }

    private static IEnumerable<string> Between(PoolSettings old, PoolSettings next)
    {
        string key = $"pools.{old.Name}";
        AffinitySettings was = old.Affinity;
        AffinitySettings now = next.Affinity;
        if (!now.IsSticky)
        {
            yield return $"{key}.affinity.mode: sessions are not kept any more: their next requests go to any backend";
            yield break;
        }

        if (was.Mode != now.Mode)
        {
            yield return $"{key}.affinity.mode: a client is known by {CarrierOf(was)} and from now on by {CarrierOf(now)}: all sessions of the pool begin again, on any backend";
            yield break;
        }

        if (was.Mode == AffinityMode.Header)
        {
            if (!was.Header.Equals(now.Header, StringComparison.OrdinalIgnoreCase))
            {
                yield return $"{key}.affinity.header: who sends {was.Header} is a new client from now on: all sessions of the pool begin again, on any backend";
            }
        }
        else if (was.Mode == AffinityMode.Learn)
        {
            if (was.LearnedCookie != now.LearnedCookie)
            {
                yield return $"{key}.affinity.learn.cookie: who has the cookie {was.LearnedCookie} is a new client from now on: all sessions of the pool begin again, on any backend";
            }
        }
        else if (was.Cookie.Name != now.Cookie.Name)
        {
            yield return $"{key}.affinity.cookie.name: who has the cookie {was.Cookie.Name} is a new client from now on: all sessions of the pool begin again, on any backend";
        }
        else if (!was.Cookie.Path.StartsWith(now.Cookie.Path, StringComparison.Ordinal) && !now.Cookie.Path.StartsWith(was.Cookie.Path, StringComparison.Ordinal))
        {
            yield return $"{key}.affinity.cookie.path: browsers send the cookies that they have below {was.Cookie.Path} only: elsewhere their sessions begin again";
        }

        string[] dropped = [.. was.Keys.Where(k => !now.Keys.Contains(k)).Select(k => $"{k.Id:x4}")];
        if (was.UsesSharedKeys && !now.UsesSharedKeys)
        {
            dropped = ["shared", .. dropped];
        }

        if (dropped.Length > 0 && was.HasTickets)
        {
            yield return $"{key}.affinity.keys: tickets that were signed with a key that is gone ({string.Join(", ", dropped)}) are refused: sessions that have one begin again";
        }

        foreach (BackendSettings backend in next.Backends)
        {
            if (old.Backends.FirstOrDefault(b => b.Id == backend.Id) is { } same && same.Address != backend.Address)
            {
                yield return $"{key}.backends: {backend.Id} is another server now ({same.Address.GetLeftPart(UriPartial.Authority)} before, {backend.Address.GetLeftPart(UriPartial.Authority)} from now on): its sessions go there, and what the first one kept of them stays behind";
            }
        }
    }

    private static string CarrierOf(AffinitySettings affinity) => affinity.Mode switch
    {
        AffinityMode.Header => $"the header {affinity.Header}",
        AffinityMode.Learn => $"the application's cookie {affinity.LearnedCookie}",
        _ => $"the cookie {affinity.Cookie.Name}",
    };

    private static IEnumerable<string> Renamed(PoolSettings old, Topology before, Topology after)
    {
        var addresses = old.Backends.Select(b => b.Address).ToHashSet();
        if (after.Pools.Values.FirstOrDefault(p => !before.Pools.ContainsKey(p.Name) && p.Backends.Any(b => addresses.Contains(b.Address))) is { } heir)
        {
            yield return $"pools.{old.Name}: it is gone and the new pool {heir.Name} has backends of it: sessions belong to a pool by its name, so they all begin again, on any backend";
        }
    }
}
