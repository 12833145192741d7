using System.Collections.Immutable;
using ActorLb.Node.Events;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Health;

/// <summary>
/// What the rest of the node may read of health and operator states at any time, from any thread. Written by the
/// actors of this capability only; one per node, and it may outlive a restart of the control plane.
/// </summary>
internal sealed class HealthCapability
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _unjudged;
    private readonly TaskCompletionSource _firstVerdicts = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HealthBoardState? _board;
    private ImmutableDictionary<BackendName, OperatorDecision>? _decisions;

    /// <param name="pools">Names of the pools that the node starts with.</param>
    public HealthCapability(IEnumerable<string> pools)
    {
        _unjudged = [.. pools];
        if (_unjudged.Count == 0)
        {
            _firstVerdicts.SetResult();
        }
    }

    /// <summary>
    /// Completes once every backend of every pool has been judged, by this node's probes or the other observers', and
    /// the data plane knows. Start-up awaits it, with a bound: two observers that disagree from the start may never agree.
    /// </summary>
    public Task FirstVerdicts => _firstVerdicts.Task;

    /// <summary>The operator's decisions as this node knows them; empty until they were read.</summary>
    public ImmutableDictionary<BackendName, OperatorDecision> Decisions =>
        Volatile.Read(ref _decisions) ?? ImmutableDictionary<BackendName, OperatorDecision>.Empty;

    /// <summary>Decisions of operators that this node took.</summary>
    public DecisionsTaken<OperatorDecision> Taken { get; } = new();

    /// <summary>What each observer says about a backend, by node name.</summary>
    public ImmutableArray<Verdict> VerdictsOn(BackendName backend) => Board?.VerdictsOn(backend) ?? [];

    internal HealthBoardState? Board
    {
        get => Volatile.Read(ref _board);
        set => Volatile.Write(ref _board, value);
    }

    /// <summary>Null until the operator's file was read: until then the data plane keeps what it has.</summary>
    internal ImmutableDictionary<BackendName, OperatorDecision>? KnownDecisions
    {
        get => Volatile.Read(ref _decisions);
        set => Volatile.Write(ref _decisions, value);
    }

    /// <summary>Every backend of the pool is judged, or the pool is gone.</summary>
    internal void PoolJudged(string pool)
    {
        lock (_lock)
        {
            if (_unjudged.Remove(pool) && _unjudged.Count == 0)
            {
                _firstVerdicts.TrySetResult();
            }
        }
    }
}
