using ActorLb.Shared.Sessions;
using Microsoft.Data.Sqlite;

namespace ActorLb.Node.Storage;

/// <summary>What a file held.</summary>
/// <param name="Damage">What could not be read; null where everything could.</param>
/// <param name="LastSeq">The highest number of its log; 0 where that is empty.</param>
internal sealed record LoadedFile(
    Dictionary<string, LoadedPool> Pools, Dictionary<string, byte[]> States, string? Damage, long LastSeq);

/// <summary>The buckets of one pool, and which of them have more in the log than in their images.</summary>
internal sealed class LoadedPool
{
    public Dictionary<int, BindingBucket> Buckets { get; } = [];

    public HashSet<int> Logged { get; } = [];
}

/// <summary>
/// Reads a file as far as it can be read: what is sound in a damaged one is as good as ever, since every blob carries
/// its sum and bindings merge in any order.
/// </summary>
internal static class FileLoad
{
    /// <param name="states">The names of the states to read.</param>
    /// <param name="isExpired">Bindings that nobody may see again.</param>
    public static LoadedFile Read(NodeDatabase database, IEnumerable<string> states, Func<string, Binding, bool> isExpired)
    {
        string? damage = null;
        var found = new Dictionary<string, byte[]>();
        foreach (string name in states)
        {
            damage = Attempt(() =>
            {
                if (database.State(name) is { } value)
                {
                    found[name] = value;
                }

                return null;
            }) ?? damage;
        }

        var pools = new Dictionary<string, LoadedPool>();
        damage = Attempt(() => ReadImages(database, pools, isExpired)) ?? damage;
        long lastSeq = 0;
        damage = Attempt(() =>
        {
            (string? unsound, lastSeq) = ReadLog(database, pools, isExpired);
            return unsound;
        }) ?? damage;
        return new LoadedFile(pools, found, damage, lastSeq);
    }

    private static string? ReadImages(
        NodeDatabase database, Dictionary<string, LoadedPool> pools, Func<string, Binding, bool> isExpired)
    {
        string? damage = null;
        var bindings = new List<Binding>();
        foreach ((string pool, int index, byte[] records) in database.Images())
        {
            bindings.Clear();
            if (!BindingRecords.TryRead(records, bindings, out uint horizon) || index is < 0 or >= BucketId.Count)
            {
                damage = $"bucket {index} of {pool} does not match its sum";
                continue;
            }

            if (bindings.RemoveAll(b => BucketId.IndexOf(b.Id) != index || b.LastSeen < horizon) > 0)
            {
                damage = $"bucket {index} of {pool} holds what does not belong there";
            }

            // The image in the file is older than what is left of it here.
            bool shrank = bindings.RemoveAll(b => isExpired(pool, b)) > 0;
            LoadedPool loaded = PoolOf(pools, pool);
            loaded.Buckets[index] = BucketOf(bindings, horizon);
            if (shrank)
            {
                loaded.Logged.Add(index);
            }
        }

        return damage;
    }

    private static (string? Damage, long LastSeq) ReadLog(
        NodeDatabase database, Dictionary<string, LoadedPool> pools, Func<string, Binding, bool> isExpired)
    {
        string? damage = null;
        long lastSeq = 0;
        var logged = new Dictionary<string, List<Binding>?[]>();
        var bindings = new List<Binding>();
        foreach ((long seq, string pool, byte[] records) in database.Log())
        {
            lastSeq = seq;
            bindings.Clear();
            if (!BindingRecords.TryRead(records, bindings, out _))
            {
                damage = $"row {seq} of the log does not match its sum";
                continue;
            }

            if (!logged.TryGetValue(pool, out List<Binding>?[]? buckets))
            {
                logged[pool] = buckets = new List<Binding>?[BucketId.Count];
            }

            foreach (Binding binding in bindings)
            {
                if (!isExpired(pool, binding))
                {
                    (buckets[BucketId.IndexOf(binding.Id)] ??= []).Add(binding);
                }
            }
        }

        foreach ((string pool, List<Binding>?[] buckets) in logged)
        {
            LoadedPool loaded = PoolOf(pools, pool);
            for (int index = 0; index < buckets.Length; index++)
            {
                if (buckets[index] is { } of)
                {
                    BindingBucket image = loaded.Buckets.GetValueOrDefault(index, BindingBucket.Empty);
                    of.RemoveAll(b => b.LastSeen < image.Horizon);
                    loaded.Buckets[index] = image.Merge(BucketOf(of, image.Horizon));
                    loaded.Logged.Add(index);
                }
            }
        }

        return (damage, lastSeq);
    }

    /// <summary>The bucket of bindings in any order, each id perhaps several times.</summary>
    private static BindingBucket BucketOf(List<Binding> bindings, uint horizon)
    {
        bindings.Sort((left, right) => left.Id.CompareTo(right.Id));
        int kept = 0;
        for (int i = 0; i < bindings.Count; i++)
        {
            if (kept > 0 && bindings[kept - 1].Id == bindings[i].Id)
            {
                bindings[kept - 1] = Binding.Merge(bindings[kept - 1], bindings[i]);
            }
            else
            {
                bindings[kept++] = bindings[i];
            }
        }

        bindings.RemoveRange(kept, bindings.Count - kept);
        return BindingBucket.FromSorted(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bindings), horizon);
    }

    private static LoadedPool PoolOf(Dictionary<string, LoadedPool> pools, string name)
    {
        if (!pools.TryGetValue(name, out LoadedPool? pool))
        {
            pools[name] = pool = new LoadedPool();
        }

        return pool;
    }

    // Which rows a damaged file still gives is luck; what it gave before the fault is kept.
    private static string? Attempt(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException or InvalidCastException)
        {
            return e.Message;
        }
    }
}
