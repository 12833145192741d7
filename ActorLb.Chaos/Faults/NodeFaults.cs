using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Faults;

/// <summary>Faults of the balancers' own processes and machines.</summary>
internal sealed class NodeFaults(IChaosTarget target, ClusterWatch watch)
{
    /// <summary>A node that does not come back in this time is reported by who waits for the whole cluster.</summary>
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan JumpMax = TimeSpan.FromMinutes(5);

    public NodePlace Hit(FaultPlan plan) => target.Nodes[plan.Order[0] % target.Nodes.Count];

    public async Task KillAsync(FaultPlan plan, FaultDiary diary, IReadOnlyCollection<NodePlace> nodes)
    {
        diary.Begin(string.Join(' ', nodes.Select(n => n.Name)));
        foreach (NodePlace node in nodes)
        {
            diary.Away(node);
        }

        await target.KillAsync(nodes);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        diary.Started();
        await target.StartAsync(nodes);
        diary.Heal();
        await Task.WhenAll(nodes.Select(n => WaitForAsync(n, diary)));
    }

    public async Task PauseAsync(FaultPlan plan, FaultDiary diary)
    {
        NodePlace node = Hit(plan);
        diary.Begin($"{node.Name} for {plan.Seconds:F0} s");
        diary.Away(node);
        await target.PauseAsync(node);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.ResumeAsync(node);
        diary.Heal();
        diary.Back(node);
    }

    public async Task RollAsync(FaultPlan plan, FaultDiary diary)
    {
        diary.Begin("of all nodes");
        foreach (NodePlace node in target.Nodes)
        {
            await RestartAsync(node, diary, () => target.StartAsync([node]));
            await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        }

        diary.Heal();
    }

    public async Task StopAllAsync(FaultPlan plan, FaultDiary diary)
    {
        diary.Begin("nodes and backends", target.BackendsKeepTheirNames ? [] : target.Backends);
        foreach (NodePlace node in target.Nodes)
        {
            diary.Away(node, gracefully: true);
        }

        await Task.WhenAll(target.Nodes.Select(target.StopAsync));
        await Task.WhenAll(target.Backends.Select(target.StopAsync));
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await Task.WhenAll(target.Backends.Select(target.StartAsync));
        diary.Started();
        await target.StartAsync(target.Nodes);
        diary.Heal();
        await Task.WhenAll(target.Nodes.Select(n => WaitForAsync(n, diary)));
    }

    public async Task FillDiskAsync(FaultPlan plan, FaultDiary diary)
    {
        NodePlace node = Hit(plan);
        diary.Begin($"of {node.Name}");
        await target.FillDiskAsync(node, full: true);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.FillDiskAsync(node, full: false);
        diary.Heal();
    }

    public async Task JumpAsync(FaultPlan plan, FaultDiary diary)
    {
        NodePlace node = Hit(plan);
        TimeSpan ahead = JumpMax * ((plan.Chance * 2) - 1);
        diary.Begin($"of {node.Name} by {ahead.TotalSeconds:F0} s");
        await RestartAsync(node, diary, () => target.StartWithClockAsync(node));
        await target.SetClockAsync(node, ahead);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.SetClockAsync(node, TimeSpan.Zero);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await RestartAsync(node, diary, () => target.StartAsync([node]));
        diary.Heal();
    }

    private async Task RestartAsync(NodePlace node, FaultDiary diary, Func<Task> start)
    {
        diary.Away(node, gracefully: true);
        await target.StopAsync(node);
        await start();
        await WaitForAsync(node, diary);
        await watch.WhenAsync(() => Task.FromResult(watch.IsOneCluster()), ReadyPatience);
    }

    private async Task WaitForAsync(NodePlace node, FaultDiary diary)
    {
        await watch.WhenAsync(() => watch.IsReadyAsync(target.Nodes.Single(n => n.Name == node.Name)), ReadyPatience);
        diary.Back(node);
    }
}
