using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Event;

namespace ActorLb.Node.Health;

/// <summary>
/// Follows this node's circuits: has a backend probed by all of its observers when one opens, and closes it once
/// their probes refute it. <see cref="BackendTraffic.CircuitOpen"/> is the truth; what the feed lost is found there.
/// </summary>
internal sealed class CircuitActor : ReceiveActor
{
    public const string Name = "circuits";

    /// <summary>How long an opening may go unnoticed when its notice was lost.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly DataPlane _plane;
    private readonly HealthCapability _capability;
    private readonly TimeProvider _time;
    private readonly Alarm _alarm;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Dictionary<BackendName, TimeSpan> _openedAt = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private MembershipChanged? _membership;

    public CircuitActor(DataPlane plane, HealthCapability capability, TimeProvider time)
    {
        _plane = plane;
        _capability = capability;
        _time = time;
        _alarm = new Alarm(time, Self);
        Receive<FeedReady>(_ => OnFeed());
        Receive<BoardChanged>(m => OnBoard(m.Board));
        Receive<MembershipChanged>(m => _membership = m);
        Receive<AlarmRang>(_alarm.IsMine, _ => OnTick());
        Receive<AlarmRang>(_ => { });
    }

    protected override void PreStart()
    {
        _membership = _capability.Membership;
        Context.System.EventStream.Subscribe<MembershipChanged>(Self);
        Context.System.EventStream.Subscribe<BoardChanged>(Self);
        WaitForFeed();
        OnTick();
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _alarm.Dispose();
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    // One wait at a time and reading only in the mailbox: a wait that a restart left behind can take nothing away.
    private void WaitForFeed() =>
        _ = WaitAsync(_plane.Circuits.Opened.WaitToReadAsync(_stopped.Token), Self);

    private static async Task WaitAsync(ValueTask<bool> ready, IActorRef self)
    {
        try
        {
            if (await ready)
            {
                self.Tell(FeedReady.Instance, ActorRefs.NoSender);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped; whoever starts next waits anew.
        }
    }

    private void OnFeed()
    {
        while (_plane.Circuits.Opened.TryRead(out BackendName backend))
        {
            Notice(backend);
        }

        WaitForFeed();
    }

    private void OnTick()
    {
        foreach (BackendName backend in _plane.Traffic.Keys)
        {
            Notice(backend);
        }

        _alarm.Set(CheckInterval);
    }

    private void Notice(BackendName backend)
    {
        if (!_plane.Traffic.TryGetValue(backend, out BackendTraffic? traffic) || !traffic.CircuitOpen || !_openedAt.TryAdd(backend, Now))
        {
            return;
        }

        _log.Warning("the circuit to {0} opened: too many requests failed", backend);
        Context.System.EventStream.Publish(new CircuitChanged(backend, Open: true));
        AskObservers(backend);
    }

    private void AskObservers(BackendName backend)
    {
        var ask = new ProbeBackend(backend);
        Context.ActorSelection($"/user/{HealthSupervisorActor.Name}").Tell(ask);
        if (_membership is not { } membership || !_plane.Settings.Pools.TryGetValue(backend.Pool, out PoolSettings? pool))
        {
            return;
        }

        ImmutableArray<string> observers = ObserverPolicy.Observers(backend, membership.Active, pool.Health.Observers);
        foreach (NodeMember member in membership.Members)
        {
            if (member.Name != membership.Self && observers.Contains(member.Name))
            {
                Context.ActorSelection($"{member.Address}/user/{HealthSupervisorActor.Name}").Tell(ask);
            }
        }
    }

    private void OnBoard(HealthBoardState board)
    {
        foreach ((BackendName backend, TimeSpan openedAt) in _openedAt)
        {
            if (board.Refutes(backend, openedAt, Now))
            {
                _openedAt.Remove(backend);
                _plane.Traffic[backend].CloseCircuit();
                _log.Info("the circuit to {0} closed: probes pass", backend);
                Context.System.EventStream.Publish(new CircuitChanged(backend, Open: false));
            }
        }
    }

    private sealed class FeedReady
    {
        public static readonly FeedReady Instance = new();
    }
}
