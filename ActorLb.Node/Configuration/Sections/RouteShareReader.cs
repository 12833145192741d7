using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>The pools of one of actorlb.routes among which it shares its sessions out.</summary>
internal static class RouteShareReader
{
    private const int WeightMax = 1000;

    /// <param name="route">Has pools.</param>
    /// <param name="pools">actorlb.pools.</param>
    public static EquatableArray<PoolShare> Read(ConfigurationCursor route, ConfigurationCursor pools, IReadOnlyList<string> names)
    {
        ConfigurationCursor written = route["pools"];
        var read = new List<PoolShare>();
        foreach (ConfigurationCursor item in written.Items())
        {
            string pool = RouteReader.OneOf(item["pool"], "pool", names);
            int weight = item["weight"] is { Exists: true } key ? key.Integer(0, WeightMax) : 1;
            if (read.Any(s => s.Pool == pool) && !item.HasMistakes)
            {
                item["pool"].Complain($"the pool '{pool}' is there twice", "each pool once, with its weight");
            }

            if (!item.HasMistakes && pools[pool]["affinity"]["mode"] is { Exists: true, IsText: true } mode && mode.Text("") == "learn")
            {
                item["pool"].Complain(
                    $"the pool '{pool}' learns the application's own cookie, which does not tell a node that has not heard of it on which side its session is",
                    "a pool whose affinity.mode is cookie, header or off");
            }

            read.Add(new PoolShare(pool, weight));
        }

        if (!written.HasMistakes && read.All(s => s.Weight == 0))
        {
            written.Complain("no pool gets new sessions", "a weight above 0 for one of them");
        }

        return [.. read];
    }
}
