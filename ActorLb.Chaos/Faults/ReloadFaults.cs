using ActorLb.Chaos.Targets;
using ActorLb.Node.Admin;

namespace ActorLb.Chaos.Faults;

/// <summary>Files of all nodes that change and are read again while clients go on. No request and no session may notice.</summary>
internal sealed class ReloadFaults(IChaosTarget target, ClusterWatch watch)
{
    private const int GoodChanges = 8;
    private const int BadChanges = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Each beside a change that would be good.</summary>
    private static readonly string[] Mistakes =
    [
        "limits.idle-timeout = 5", "routes = [ { pool = nobody } ]", "pools {", "listeners.more.bind = \"192.0.2.1:1\"",
    ];

    public Task GoodAsync(FaultPlan plan, FaultDiary diary) => RunAsync(plan, diary, GoodChanges, i => new FileVariant(1 + (i % 4), 60 + i, i % 2 == 1), "changed");

    public Task BadAsync(FaultPlan plan, FaultDiary diary) =>
        RunAsync(plan, diary, BadChanges, i => new FileVariant(9, 60 + i, true, Mistakes[i % Mistakes.Length]), "refused");

    private async Task RunAsync(FaultPlan plan, FaultDiary diary, int count, Func<int, FileVariant> variant, string expected)
    {
        diary.Begin($"of all nodes, {count} times");
        for (int i = 0; i < count; i++)
        {
            await ReloadAsync(variant(i), expected);
            await Task.Delay(TimeSpan.FromSeconds(plan.Seconds / count));
        }

        await ReloadAsync(new FileVariant(), expected == "refused" ? "unchanged" : expected);
        diary.Heal();
    }

    private Task ReloadAsync(FileVariant variant, string expected) => Task.WhenAll(target.Nodes.Select(async node =>
    {
        StatusDocument.Files? before = await watch.FilesAsync(node);
        await target.ReloadAsync(node, variant);
        StatusDocument.Files? after = null;
        await watch.WhenAsync(async () => (after = await watch.FilesAsync(node)) is { At: { } at } && at != before?.At, Patience);
        if (after?.Outcome != expected || (expected != "changed" && after.Fingerprint != before?.Fingerprint))
        {
            throw new InvalidOperationException(
                $"{node.Name}: {variant} was to be {expected}, and is {after?.Outcome ?? "not answered"} ({before?.Fingerprint} -> {after?.Fingerprint}) {string.Join("; ", after?.Mistakes ?? [])}");
        }
    }));
}
