using ActorLb.Node.Configuration;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>
/// The topology of one node: who wants another one asks here, from any thread, and changes are made one after the other. Each is
/// made as a whole or not at all. Needs no control plane.
/// </summary>
internal sealed class LiveTopology : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ITopologyTarget _target;
    private volatile TopologyState _state;

    /// <param name="written">As the node is started with it.</param>
    /// <param name="text">The same as it was written.</param>
    /// <param name="tokens">Of the admin API, at the start.</param>
    public LiveTopology(Topology written, ITopologyTarget target, string text = "", EquatableArray<AdminToken> tokens = default)
    {
        _target = target;
        _state = TopologyState.Of(new WrittenLayer(written, text, null) { Hidden = HiddenValues.Of(text, Environment.GetEnvironmentVariable) }).With(tokens);
    }

    /// <summary>What is in force, and why. A reader takes it once.</summary>
    public TopologyState State => _state;

    /// <summary>Something is in force that was not before. On the thread that changed it, while the next change waits: only pass the word on.</summary>
    public event Action<TopologyChange>? Changed;

    /// <summary>A layer is another, also where all of them come to the same. As <see cref="Changed"/>, and before it.</summary>
    public event Action<TopologyChange>? LayersChanged;

    /// <summary>Goes over to what the function makes of what is in force when it is its turn; nothing changes where it throws.</summary>
    /// <exception cref="TopologyRefusedException">This node cannot run that.</exception>
    public async Task<TopologyChange> ChangeAsync(Func<TopologyState, TopologyState> change, CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return await GoOverAsync(change(_state));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Whether this node could go over to that; gives everything back.</summary>
    /// <exception cref="TopologyRefusedException">It cannot.</exception>
    public async Task<TopologyChange> TryAsync(Func<TopologyState, TopologyState> change, CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            TopologyState next = change(_state);
            await using IPreparedTopology prepared = Prepare(next);
            return new TopologyChange(_state, next);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Does something that no change may be made meanwhile.</summary>
    public async Task InTurnAsync(Func<Task> work, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await work();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    // Also where nothing is said to have changed: files that are named may hold something else.
    private async Task<TopologyChange> GoOverAsync(TopologyState next)
    {
        var made = new TopologyChange(_state, next);
        await using IPreparedTopology prepared = Prepare(next);
        try
        {
            await prepared.CommitAsync();
        }
        catch (Exception e)
        {
            throw new TopologyRefusedException(e.Message, e);
        }

        _state = next;
        if (!ReferenceEquals(next, made.Before))
        {
            LayersChanged?.Invoke(made);
        }

        if (next.InForce != made.Before.InForce)
        {
            Changed?.Invoke(made);
        }

        return made;
    }

    private IPreparedTopology Prepare(TopologyState next)
    {
        try
        {
            return _target.Prepare(next.InForce);
        }
        catch (Exception e)
        {
            throw new TopologyRefusedException(e.Message, e);
        }
    }
}
