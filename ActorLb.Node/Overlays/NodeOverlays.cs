using System.Runtime.Serialization;
using ActorLb.Engine;
using ActorLb.Node.Events;
using ActorLb.Node.States;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Overlays;

/// <summary>
/// The decisions about backends at this node: what is known of them, what of it is in force, and what is on its disk. Needs no
/// control plane; one who calls at a time, and any thread reads.
/// </summary>
internal sealed class NodeOverlays
{
    private readonly DataPlane _plane;
    private readonly LiveTopology _topology;
    private readonly IStateStore _store;
    private readonly ILogger _logger;
    private volatile BackendRegisters _known = BackendRegisters.Empty;
    private volatile BackendRegisters _inForce = BackendRegisters.Empty;
    private string _refused = "";

    public NodeOverlays(DataPlane plane, LiveTopology topology, IStateStore store, ILogger<NodeOverlays> logger)
    {
        _plane = plane;
        _topology = topology;
        _store = store;
        _logger = logger;
        _topology.LayersChanged += TellWhatChangedBelow;
    }

    public BackendRegisters Known => _known;

    /// <summary>Decisions of operators that this node took.</summary>
    public DecisionsTaken<RegisterChange> Taken { get; } = new();

    /// <summary>Those that this node goes by.</summary>
    public BackendRegisters InForce => _inForce;

    /// <summary>It could not go by all that is known.</summary>
    public bool IsBehind => !ReferenceEquals(_known, _inForce);

    public bool IsKept => _store.IsKept(StateNames.BackendRegisters);

    public LiveTopology Topology => _topology;

    /// <summary>Before this node serves: what was decided before its start is in force from the beginning.</summary>
    public async Task LoadAsync()
    {
        try
        {
            if (_store.State(StateNames.BackendRegisters) is { } saved)
            {
                _known = OverlaySerializer.OfBytes(saved);
                await ApplyAsync();
            }
        }
        catch (SerializationException e)
        {
            // The other nodes may know what this one cannot read.
            Log.OverlaysUnread(_logger, e);
        }
    }

    /// <summary>Takes what is known elsewhere, or was decided now. Complete when this node goes by it, or cannot.</summary>
    /// <returns>False: all of it was known.</returns>
    public async Task<bool> AdoptAsync(BackendRegisters registers)
    {
        BackendRegisters merged = _known.Merge(registers);
        if (merged.Equals(_known))
        {
            return false;
        }

        _known = merged;
        _ = KeepAsync(_store.SaveAsync(StateNames.BackendRegisters, OverlaySerializer.ToBytes(merged)));
        await ApplyAsync();
        return true;
    }

    /// <summary>Goes by what is known, where that could not be done before.</summary>
    public Task RetryAsync() => IsBehind ? ApplyAsync() : Task.CompletedTask;

    private async Task ApplyAsync()
    {
        BackendRegisters known = _known;
        try
        {
            if (Unseen(known) is { } first)
            {
                await _topology.ChangeAsync(s => s.With(first));
            }

            await _topology.ChangeAsync(s => s.With(known.Overlays));
            _inForce = known;
            _refused = "";
        }
        catch (TopologyRefusedException e)
        {
            if (e.Message != _refused)
            {
                _refused = e.Message;
                Log.OverlaysNotInForce(_logger, e.Message);
            }
        }
    }

    // One that was added and removed while this node was away is there for its sessions until it is gone everywhere.
    private BackendOverlays? Unseen(BackendRegisters known)
    {
        BackendRegister[] unseen = [.. known.ByBackend.Values.Where(r =>
            r is { Address: not null, Removal: not null }
            && !_inForce.ByBackend.ContainsKey(r.Backend)
            && _plane.Routing.Pools.GetValueOrDefault(r.Backend.Pool)?.Find(BackendKey.Of(r.Backend.Id)) is null)];
        return unseen.Length == 0 ? null
            : unseen.Aggregate(known.Overlays, (all, r) => all.With(r.Backend, r.Overlay with { Removal = null }));
    }

    // Whoever asks whether it is kept asks the store.
    private async Task KeepAsync(Task saving)
    {
        try
        {
            await saving;
        }
        catch (IOException e)
        {
            // It holds all the same, here and in the files of the other nodes, and is written when that is possible.
            Log.OverlayNotOnDisk(_logger, e.Message);
        }
    }

    private void TellWhatChangedBelow(TopologyChange change)
    {
        if (ReferenceEquals(change.Before.Written, change.After.Written))
        {
            return;
        }

        foreach (BackendRegister register in _known.ByBackend.Values)
        {
            string? before = OverlayReport.NoteOn(register, change.Before.Written);
            string? now = OverlayReport.NoteOn(register, change.After.Written);
            if (now != before)
            {
                Log.WrittenBelowChanged(_logger, register.Backend, now ?? "it has its effect again");
            }
        }
    }
}
