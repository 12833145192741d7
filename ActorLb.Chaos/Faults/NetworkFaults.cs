using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Faults;

/// <summary>Faults between nodes, and between a node and a backend.</summary>
internal sealed class NetworkFaults(IChaosTarget target, ClusterWatch watch)
{
    /// <summary>Who waits for the whole cluster reports a node that does not see its backends again in this time.</summary>
    private static readonly TimeSpan ReturnPatience = TimeSpan.FromSeconds(30);

    /// <summary>Of all packets between nodes; more than this is a cut.</summary>
    private const double LossMax = 0.4;

    private const double LossMin = 0.05;

    /// <summary>Two nodes that do not hear each other.</summary>
    public static NodePlace[][] Pair(FaultPlan plan, IReadOnlyList<NodePlace> nodes) => Deal(plan.Order.Take(2), 2, nodes);

    /// <summary>All nodes, dealt to two or three sides.</summary>
    public static NodePlace[][] Sides(FaultPlan plan, IReadOnlyList<NodePlace> nodes) => Deal(plan.Order, plan.SideCount, nodes);

    public async Task CutAsync(FaultPlan plan, FaultDiary diary, NodePlace[][] sides)
    {
        diary.Begin($"{Describe(sides)} for {plan.Seconds:F0} s");
        await target.LoseAsync(Between(sides));
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.LoseAsync([]);
        diary.Heal();
    }

    public async Task FlapAsync(FaultPlan plan, FaultDiary diary)
    {
        NodePlace[][] sides = Sides(plan, target.Nodes);
        diary.Begin($"{Describe(sides)} for {plan.Seconds:F0} s");
        for (double left = plan.Seconds; left > 0; left -= 2 * (1 + plan.Chance))
        {
            await target.LoseAsync(Between(sides));
            await Task.Delay(TimeSpan.FromSeconds(1 + plan.Chance));
            await target.LoseAsync([]);
            await Task.Delay(TimeSpan.FromSeconds(1 + plan.Chance));
        }

        diary.Heal();
    }

    public async Task CutOneWayAsync(FaultPlan plan, FaultDiary diary)
    {
        NodePlace[][] pair = Pair(plan, target.Nodes);
        (NodePlace from, NodePlace to) = (pair[0][0], pair[1][0]);
        diary.Begin($"from {from.Name} to {to.Name} for {plan.Seconds:F0} s");
        await target.LoseAsync([new LostLink(to, from, null)]);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.LoseAsync([]);
        diary.Heal();
    }

    public async Task LosePacketsAsync(FaultPlan plan, FaultDiary diary)
    {
        double share = LossMin + (plan.Chance * (LossMax - LossMin));
        diary.Begin($"{share:P0} between all nodes for {plan.Seconds:F0} s");
        await target.LoseAsync(Between([.. target.Nodes.Select(n => new[] { n })], share));
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.LoseAsync([]);
        diary.Heal();
    }

    public async Task CutBackendAsync(FaultPlan plan, FaultDiary diary)
    {
        NodePlace node = target.Nodes[plan.Order[0] % target.Nodes.Count];
        BackendPlace backend = target.Backends[plan.Backend % target.Backends.Count];
        diary.Begin($"{backend.Name} from {node.Name} for {plan.Seconds:F0} s", backend);
        diary.CutFrom(node);
        await target.LoseAsync([new LostLink(node, null, backend)]);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.LoseAsync([]);
        diary.Heal();
    }

    public async Task LoseBackendAsync(FaultPlan plan, FaultDiary diary)
    {
        BackendPlace backend = target.Backends[plan.Backend % target.Backends.Count];
        diary.Begin($"{backend.Name} from all nodes for {plan.Seconds:F0} s", backend);
        await target.LoseAsync([.. target.Nodes.Select(n => new LostLink(n, null, backend))]);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.LoseAsync([]);
        diary.Heal();
    }

    public async Task DisconnectAsync(FaultPlan plan, FaultDiary diary)
    {
        NodePlace node = target.Nodes[plan.Order[0] % target.Nodes.Count];
        diary.Begin($"{node.Name} for {plan.Seconds:F0} s");
        diary.Away(node);
        await target.ConnectAsync(node, connected: false);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.ConnectAsync(node, connected: true);
        diary.Heal();

        // It has to see its backends again before it can answer.
        await watch.WhenAsync(() => Task.FromResult(watch.BackendsAreUp(node.Name)), ReturnPatience);
        diary.Back(node);
    }

    private static NodePlace[][] Deal(IEnumerable<int> order, int sides, IReadOnlyList<NodePlace> nodes) =>
    [
        .. order.Select((n, turn) => (Node: nodes[n % nodes.Count], Side: turn % sides))
            .GroupBy(n => n.Side, n => n.Node)
            .Select(g => g.ToArray()),
    ];

    private static LostLink[] Between(NodePlace[][] sides, double share = 1) =>
    [
        .. from side in sides
           from other in sides
           where side != other
           from node in side
           from peer in other
           select new LostLink(node, peer, null, share),
    ];

    private static string Describe(NodePlace[][] sides) => string.Join(" | ", sides.Select(s => string.Join(' ', s.Select(n => n.Name))));
}
