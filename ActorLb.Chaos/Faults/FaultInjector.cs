using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Faults;

/// <summary>Does what a plan says to a target, and takes it back.</summary>
/// <param name="kills">Whether nodes are killed in the middle of a change.</param>
internal sealed class FaultInjector(IChaosTarget target, ClusterWatch watch, bool kills) : IDisposable
{
    private readonly OperatorClient _operators = new(target.Token);
    private readonly Misbehaviour _misbehaviour = new();
    private readonly NodeFaults _nodes = new(target, watch);
    private readonly NetworkFaults _network = new(target, watch);
    private readonly ScaleFaults _scale = new(target, watch);
    private readonly ReloadFaults _reloads = new(target, watch);

    private OverlayFaults Overlays => new(target, watch, _operators);

    private ApplyFaults Applies => new(target, watch, _operators, kills);

    private BackendFaults Backends => new(target, _misbehaviour);

    /// <summary>Complete when all is taken back; not when the cluster has recovered.</summary>
    public Task RunAsync(FaultPlan plan, FaultDiary diary) => plan.Kind switch
    {
        FaultKind.KillNode => _nodes.KillAsync(plan, diary, [_nodes.Hit(plan)]),
        FaultKind.KillAllNodes => _nodes.KillAsync(plan, diary, target.Nodes),
        FaultKind.PauseNode => _nodes.PauseAsync(plan, diary),
        FaultKind.RollingRestart => _nodes.RollAsync(plan, diary),
        FaultKind.StopAll => _nodes.StopAllAsync(plan, diary),
        FaultKind.FullDisk => _nodes.FillDiskAsync(plan, diary),
        FaultKind.ClockJump => _nodes.JumpAsync(plan, diary),
        FaultKind.ScaleNodes => _scale.NodesAsync(plan, diary),
        FaultKind.ScaleBackends => _scale.BackendsAsync(plan, diary),
        FaultKind.Disconnect => _network.DisconnectAsync(plan, diary),
        FaultKind.CutPair => _network.CutAsync(plan, diary, NetworkFaults.Pair(plan, target.Nodes)),
        FaultKind.CutSides => _network.CutAsync(plan, diary, NetworkFaults.Sides(plan, target.Nodes)),
        FaultKind.FlapSides => _network.FlapAsync(plan, diary),
        FaultKind.CutOneWay => _network.CutOneWayAsync(plan, diary),
        FaultKind.LosePackets => _network.LosePacketsAsync(plan, diary),
        FaultKind.CutBackend => _network.CutBackendAsync(plan, diary),
        FaultKind.LoseBackend => _network.LoseBackendAsync(plan, diary),
        FaultKind.Reload => _reloads.GoodAsync(plan, diary),
        FaultKind.BadReload => _reloads.BadAsync(plan, diary),
        FaultKind.AddRemove => Overlays.AddAndRemoveAsync(plan, diary),
        FaultKind.Weights => Overlays.WeighAsync(plan, diary),
        FaultKind.Apply => Applies.GoodAsync(plan, diary),
        FaultKind.BadApply => Applies.BadAsync(plan, diary),
        FaultKind.DrainMove => Overlays.DrainAsync(plan, diary),
        FaultKind.KillBackend => Backends.KillAsync(plan, diary),
        FaultKind.PauseBackend => Backends.PauseAsync(plan, diary),
        FaultKind.SilentBackend => Backends.BehaveAsync(plan, diary, "silent"),
        FaultKind.SlowBackend => Backends.SlowDownAsync(plan, diary),
        FaultKind.ResettingBackend => Backends.BehaveAsync(plan, diary, "reset"),
        FaultKind.SickBackend => Backends.SickenAsync(plan, diary),
        _ => throw new ArgumentOutOfRangeException(nameof(plan), plan.Kind, "nobody knows how"),
    };

    public void Dispose()
    {
        _misbehaviour.Dispose();
        _operators.Dispose();
    }
}
