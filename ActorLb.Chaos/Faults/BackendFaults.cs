using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Faults;

/// <summary>Faults of the servers behind the balancers.</summary>
internal sealed class BackendFaults(IChaosTarget target, Misbehaviour misbehaviour)
{
    public async Task KillAsync(FaultPlan plan, FaultDiary diary)
    {
        BackendPlace backend = Hit(plan);
        diary.Begin(backend.Name, backend);
        await target.KillAsync(backend);
        diary.Struck();
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.StartAsync(backend);
        diary.Heal();
    }

    public async Task PauseAsync(FaultPlan plan, FaultDiary diary)
    {
        BackendPlace backend = Hit(plan);
        diary.Begin($"{backend.Name} for {plan.Seconds:F0} s", backend);
        await target.PauseAsync(backend);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await target.ResumeAsync(backend);
        diary.Heal();
    }

    /// <param name="how">silent or reset: it loses its sessions by it.</param>
    public Task BehaveAsync(FaultPlan plan, FaultDiary diary, string how)
    {
        BackendPlace backend = Hit(plan);
        diary.Begin($"{backend.Name} for {plan.Seconds:F0} s", backend);
        return BehaveAsync(backend, how, plan, diary);
    }

    /// <summary>Slow is not sick: its sessions stay.</summary>
    public Task SlowDownAsync(FaultPlan plan, FaultDiary diary)
    {
        BackendPlace backend = Hit(plan);
        diary.Begin($"{backend.Name} for {plan.Seconds:F0} s");
        return BehaveAsync(backend, "slow", plan, diary);
    }

    public async Task SickenAsync(FaultPlan plan, FaultDiary diary)
    {
        BackendPlace backend = Hit(plan);
        diary.Begin($"{backend.Name} for {plan.Seconds:F0} s", backend);
        await misbehaviour.SetHealthAsync(backend, 503);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await misbehaviour.SetHealthAsync(backend, 200);
        diary.Heal();
    }

    private async Task BehaveAsync(BackendPlace backend, string how, FaultPlan plan, FaultDiary diary)
    {
        await misbehaviour.SetAsync(backend, how);
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await misbehaviour.SetAsync(backend, "well");
        diary.Heal();
    }

    private BackendPlace Hit(FaultPlan plan) => target.Backends[plan.Backend % target.Backends.Count];
}
