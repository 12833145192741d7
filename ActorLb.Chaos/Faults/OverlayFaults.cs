using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;
using ActorLb.Node.Admin;

namespace ActorLb.Chaos.Faults;

/// <summary>
/// Backends that operators remove, add, weigh and drain by the admin API while clients go on. No request may notice, and no session
/// whose backend stays.
/// </summary>
internal sealed class OverlayFaults(IChaosTarget target, ClusterWatch watch, OperatorClient operators)
{
    private const int Weighings = 8;

    /// <summary>Sessions a second that leave a backend whose sessions are moved.</summary>
    private const int MovesPerSecond = 10;

    private static readonly TimeSpan DrainDeadline = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>Each login leaves the session of its old cookie behind until that expires: they are many hundreds in an hour, ten a second.</summary>
    private static readonly TimeSpan DrainPatience = TimeSpan.FromMinutes(4);

    /// <summary>One is removed by one node and added again by another, in all pools.</summary>
    public async Task AddAndRemoveAsync(FaultPlan plan, FaultDiary diary)
    {
        BackendPlace backend = Hit(plan);
        diary.Begin($"{backend.Name} for {plan.Seconds:F0} s", backend);
        await InAllPoolsAsync(pool => diary.ChangeAsync($"remove {pool}/{backend.Name}", () => operators.DecideAsync(
            Node(plan, 0), HttpMethod.Delete, $"{PathOf(pool, backend)}?deadline={DrainDeadline.TotalSeconds}s")));
        await Task.Delay(DrainDeadline + TimeSpan.FromSeconds(plan.Seconds));
        await InAllPoolsAsync(pool => diary.ChangeAsync($"add {pool}/{backend.Name}", () => operators.DecideAsync(
            Node(plan, 1), HttpMethod.Post, $"pools/{pool}/backends", new { address = backend.Address.GetLeftPart(UriPartial.Authority), id = backend.Id })));
        await watch.WhenAsync(() => Task.FromResult(watch.BackendsAreUp()), Patience);
        diary.Heal();
    }

    /// <summary>All of them have other weights, again and again, and those that are written at the end.</summary>
    public async Task WeighAsync(FaultPlan plan, FaultDiary diary)
    {
        diary.Begin($"of all backends, {Weighings} times");
        for (int i = 0; i < Weighings; i++)
        {
            foreach ((int place, BackendPlace backend) in target.Backends.Index())
            {
                int weight = 1 + ((i + place) * 5 % 9);
                await InAllPoolsAsync(pool => diary.ChangeAsync($"weight {pool}/{backend.Name} {weight}", () => operators.DecideAsync(
                    Node(plan, i + place), HttpMethod.Put, $"{PathOf(pool, backend)}/weight", new { weight })));
            }

            await Task.Delay(TimeSpan.FromSeconds(plan.Seconds / Weighings));
        }

        await diary.ChangeAsync("reset", () => operators.DecideAsync(Node(plan, 0), HttpMethod.Delete, "overlays"));
        diary.Heal();
    }

    /// <summary>One drains and its sessions move, so many a second, until it can be stopped; then it is ready again.</summary>
    public async Task DrainAsync(FaultPlan plan, FaultDiary diary)
    {
        BackendPlace backend = Hit(plan);
        diary.Begin($"{backend.Name} at {MovesPerSecond}/s", backend);
        await InAllPoolsAsync(pool => diary.ChangeAsync($"drain {pool}/{backend.Name} --move --rate {MovesPerSecond} --wait", async () =>
        {
            Change asked = await operators.DecideAsync(Node(plan, 0), HttpMethod.Post, $"{PathOf(pool, backend)}/drain", new { move = true, rate = MovesPerSecond });
            DrainsDocument.Drain? left = null;
            if (asked.IsDone)
            {
                await watch.WhenAsync(async () => (left = await operators.DrainAsync(Node(plan, 1), pool, backend)) is { CanBeStopped: true }, DrainPatience);
            }

            // A WebSocket may live longer, and a drain without a deadline waits for it.
            return left is { CanBeStopped: true } ? asked with { Outcome = "can be stopped" }
                : left is { Sessions: 0, Requests: 0, Tunnels: > 0 } ? asked with { Outcome = left.Why ?? "" }
                : asked with { IsDone = false, Mistakes = [.. asked.Mistakes, left?.Why ?? "it does not drain"] };
        }));
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await InAllPoolsAsync(pool => diary.ChangeAsync($"ready {pool}/{backend.Name}", () => operators.DecideAsync(Node(plan, 2), HttpMethod.Post, $"{PathOf(pool, backend)}/ready")));
        await watch.WhenAsync(() => Task.FromResult(watch.BackendsAreUp()), Patience);
        diary.Heal();
    }

    private static string PathOf(string pool, BackendPlace backend) => $"pools/{pool}/backends/{Uri.EscapeDataString(backend.Id)}";

    private Task InAllPoolsAsync(Func<string, Task> change) => Task.WhenAll(target.Pools.Select(p => change(p.Name)));

    private BackendPlace Hit(FaultPlan plan) => target.Backends[plan.Backend % target.Backends.Count];

    private NodePlace Node(FaultPlan plan, int turn) => target.Nodes[(plan.Order[0] + turn) % target.Nodes.Count];
}
