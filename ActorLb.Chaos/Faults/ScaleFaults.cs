using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Faults;

/// <summary>More and fewer nodes and backends while clients go on.</summary>
internal sealed class ScaleFaults(IChaosTarget target, ClusterWatch watch)
{
    private const int MoreNodes = 2;
    private const int MoreBackends = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>Two more; then one less than before; then as before.</summary>
    public async Task NodesAsync(FaultPlan plan, FaultDiary diary)
    {
        int before = target.Nodes.Count;
        int fewer = Math.Max(1, before - 1);
        diary.Begin($"{before} to {before + MoreNodes} to {fewer} to {before}");
        await AddAsync(MoreNodes, diary);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await RemoveAsync(before + MoreNodes - fewer, diary);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await AddAsync(before - fewer, diary);
        diary.Heal();
    }

    public async Task BackendsAsync(FaultPlan plan, FaultDiary diary)
    {
        int before = target.Backends.Count;
        diary.Begin($"{before} to {before + MoreBackends} to {before}");
        await target.ScaleBackendsAsync(before + MoreBackends);
        diary.Added(target.Backends.Skip(before));
        await watch.WhenAsync(() => Task.FromResult(watch.BackendsAreUp()), Patience);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.ScaleBackendsAsync(before);
        diary.Heal();
    }

    private async Task AddAsync(int count, FaultDiary diary)
    {
        IReadOnlyList<NodePlace> added = await target.AddNodesAsync(count);
        foreach (NodePlace node in added)
        {
            await watch.WhenAsync(() => watch.IsReadyAsync(node), Patience);
            diary.Back(node);
        }

        target.MakeKnown(added);
        await watch.WhenAsync(() => Task.FromResult(watch.IsOneCluster()), Patience);
    }

    private async Task RemoveAsync(int count, FaultDiary diary)
    {
        foreach (NodePlace node in target.Nodes.TakeLast(count))
        {
            diary.Away(node, gracefully: true);
        }

        await target.RemoveNodesAsync(count);
        await watch.WhenAsync(() => Task.FromResult(watch.IsOneCluster()), Patience);
    }
}
