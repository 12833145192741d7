using ActorLb.Engine;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.DistributedData;
using Akka.Event;

namespace ActorLb.Node.Operator;

/// <summary>
/// Takes the operator's wishes, shares them with all nodes, keeps them on disk, and tells this node's routers what is
/// decided now, here or elsewhere. Answers when a majority has a decision.
/// </summary>
internal sealed class OperatorActor : ReceiveActor
{
    public const string Name = "operator";

    /// <summary>How long a majority may take. A decision that it does not reach in time holds here and spreads later.</summary>
    private static readonly TimeSpan MajorityTimeout = TimeSpan.FromSeconds(3);

    private readonly NodeSettings _settings;
    private readonly HealthCapability _capability;
    private readonly TimeProvider _time;
    private readonly IActorRef _replicator;
    private readonly OperatorFile _file;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private OperatorDecisions _decisions = OperatorDecisions.Empty;

    public OperatorActor(DataPlane plane, HealthCapability capability, TimeProvider time, IActorRef replicator)
    {
        _settings = plane.Settings;
        _capability = capability;
        _time = time;
        _replicator = replicator;
        _file = new OperatorFile(plane.Settings.DataDirectory);
        ReceiveAsync<SetBackendState>(OnSetAsync);
        ReceiveAsync<Changed>(m => AdoptAsync(m.Get(OperatorDecisions.Key)));
        Receive<IUpdateResponse>(OnUpdated);
    }

    protected override void PreStart()
    {
        _decisions = _file.Load(out string? problem);
        if (problem is not null)
        {
            _log.Error(problem);
        }

        Announce();
        Share(WriteLocal.Instance, pending: null);
        _replicator.Tell(Dsl.Subscribe(OperatorDecisions.Key, Self));
    }

    private async Task OnSetAsync(SetBackendState wish)
    {
        IActorRef asker = Sender;
        if (Mistake(wish) is { } mistake)
        {
            asker.Tell(new Status.Failure(mistake));
            return;
        }

        var decision = new OperatorDecision(
            wish.Backend,
            wish.State,
            wish is { State: OperatorState.Draining, DrainFor: { } drain } ? _time.GetUtcNow() + drain : null,
            (_decisions.ByBackend.GetValueOrDefault(wish.Backend)?.Version ?? 0) + 1,
            _settings.Name);
        _log.Info("the operator sets {0} to {1}", decision.Backend, decision.State);
        await AdoptAsync(_decisions.With(decision));
        Share(new WriteMajority(MajorityTimeout), new Pending(asker, decision));
    }

    private Exception? Mistake(SetBackendState wish)
    {
        if (!_settings.Pools.TryGetValue(wish.Backend.Pool, out PoolSettings? pool)
            || !pool.Backends.Any(b => b.Id == wish.Backend.Id))
        {
            return new KeyNotFoundException($"there is no backend {wish.Backend}");
        }

        if (!Enum.IsDefined(wish.State))
        {
            return new ArgumentException($"there is no state {wish.State}");
        }

        return wish.DrainFor < TimeSpan.Zero ? new ArgumentException("a drain cannot end before it begins") : null;
    }

    private async Task AdoptAsync(OperatorDecisions others)
    {
        OperatorDecisions merged = _decisions.Merge(others);
        if (merged.Equals(_decisions))
        {
            return;
        }

        _decisions = merged;
        Announce();
        try
        {
            await _file.SaveAsync(merged);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It holds all the same, here until the end of the process and in the files of the other nodes.
            _log.Error(e, "the operator's decisions could not be saved");
        }
    }

    private void Announce()
    {
        _capability.KnownDecisions = _decisions.ByBackend;
        Context.System.EventStream.Publish(new OperatorDecisionsChanged(_decisions.ByBackend));
    }

    private void Share(IWriteConsistency consistency, Pending? pending)
    {
        OperatorDecisions mine = _decisions;
        _replicator.Tell(Dsl.Update(OperatorDecisions.Key, OperatorDecisions.Empty, consistency, pending, all => all.Merge(mine)));
    }

    private void OnUpdated(IUpdateResponse response)
    {
        if (response.Request is not Pending pending)
        {
            return;
        }

        if (!response.IsSuccessful)
        {
            _log.Warning("no majority of the nodes has {0} yet; it spreads when they can be reached", pending.Decision);
        }

        pending.Asker.Tell(new BackendStateSet(pending.Decision, response.IsSuccessful));
    }

    private sealed record Pending(IActorRef Asker, OperatorDecision Decision);
}
