using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Event;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Health;

/// <summary>
/// Asks all observers of a backend for a probe when requests fail at it, tells the data plane what they answer, and closes
/// this node's circuits once their probes refute them. <see cref="BackendTraffic"/> is the truth; what the feed lost is found there.
/// </summary>
internal sealed class CircuitActor : ReceiveActor, INodeActor
{
    public static string Name => "circuits";

    /// <summary>How long an opening may go unnoticed when its notice was lost, and between two questions about an open circuit.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly DataPlane _plane;
    private readonly TimeProvider _time;
    private readonly Alarm _alarm;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Dictionary<BackendName, TimeSpan> _openedAt = [];
    private readonly HashSet<BackendName> _ejected = [];
    private readonly Dictionary<BackendName, ProbeAsk> _asks = [];
    private readonly UnreachedMovesLog _moves;
    private readonly RefusalsLog _refusals;
    private readonly ILogger _logger;
    private HealthBoardState? _board;
    private MembershipChanged? _membership;
    private TimeSpan _checkDue;

    public CircuitActor(DataPlane plane, ILogger<CircuitActor> logger, TimeProvider time)
    {
        _plane = plane;
        _logger = logger;
        _time = time;
        _alarm = new Alarm(time, Self);
        _moves = new UnreachedMovesLog(plane, logger);
        _refusals = new RefusalsLog(plane, logger);
        Receive<FeedReady>(_ => OnFeed());
        Receive<BoardChanged>(m => OnBoard(m.Board));
        Receive<MembershipChanged>(m => _membership = m);
        Receive<AlarmRang>(_alarm.IsMine, _ => OnAlarm());
        Receive<AlarmRang>(_ => { });
    }

    protected override void PreStart()
    {
        Context.FollowMembership();
        Context.System.EventStream.Subscribe<BoardChanged>(Self);
        WaitForFeed();
        _checkDue = Now;
        OnAlarm();
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
        _ = WaitAsync(_plane.Circuits.Changed.WaitToReadAsync(_stopped.Token), Self);

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
        while (_plane.Circuits.Changed.TryRead(out BackendName backend))
        {
            Notice(backend);
        }

        AskWhatIsDue();
        WaitForFeed();
    }

    private void OnAlarm()
    {
        if (Now >= _checkDue)
        {
            _checkDue = Now + CheckInterval;
            Check();
        }

        AskWhatIsDue();
    }

    private void Check()
    {
        _plane.ForgetGone();
        foreach (BackendName gone in _openedAt.Keys.Where(b => !_plane.Traffic.TryGetValue(b, out _)).ToArray())
        {
            _openedAt.Remove(gone);
            _ejected.Remove(gone);
        }

        foreach (BackendName backend in _plane.Traffic.Keys)
        {
            Notice(backend);
        }

        // Nobody who waits connects, so that nobody else would ask again.
        foreach (BackendName backend in _openedAt.Keys)
        {
            bool isSilent = _plane.Traffic.TryGetValue(backend, out BackendTraffic? traffic) && traffic.IsSilent;
            if (_board?.HealthOf(backend) is not BackendHealth.Down && (isSilent || !IsKept(backend)))
            {
                Want(backend, isSilent ? ProbeReason.ConnectsFailed : ProbeReason.RequestsFailed);
            }
        }

        CloseWhatIsRefuted();
        foreach (BackendName over in _asks.Where(a => a.Value.IsOver(Now)).Select(a => a.Key).ToArray())
        {
            _asks.Remove(over);
        }

        _moves.Tell(Now);
        _refusals.Tell(Now);
    }

    // First what is wanted, then the circuit: whoever opens it wants a probe afterwards.
    private void Notice(BackendName backend)
    {
        if (!_plane.Traffic.TryGetValue(backend, out BackendTraffic? traffic))
        {
            return;
        }

        ProbeReason wanted = traffic.TakeProbeWanted();
        if (traffic.Circuit is { } circuit && _openedAt.TryAdd(backend, Now))
        {
            wanted |= ProbeReason.RequestsFailed;
            if (!circuit.Ejects)
            {
                Log.CircuitOpenedKept(_logger, backend, CircuitWords.Of(circuit.Reason));
            }
        }

        if (traffic.Circuit is { Ejects: true } ejecting && _ejected.Add(backend))
        {
            Log.CircuitOpened(_logger, backend, CircuitWords.Of(ejecting.Reason), CircuitWords.Until(ejecting));
            Context.System.EventStream.Publish(new CircuitChanged(backend, Open: true));
        }

        if (wanted != ProbeReason.None)
        {
            Want(backend, wanted);
        }
    }

    private void Want(BackendName backend, ProbeReason reason) => _asks[backend] = _asks.GetValueOrDefault(backend).Want(reason);

    private void AskWhatIsDue()
    {
        TimeSpan next = _checkDue;
        foreach ((BackendName backend, ProbeAsk ask) in _asks.Where(a => a.Value.DueAt is not null).ToArray())
        {
            if (ask.DueAt > Now)
            {
                next = ask.DueAt.Value < next ? ask.DueAt.Value : next;
            }
            else
            {
                _asks[backend] = ask.Sent(Now);
                AskObservers(new ProbeBackend(backend) { ConnectsFailed = ask.Wanted.HasFlag(ProbeReason.ConnectsFailed) });
            }
        }

        _alarm.Set(next > Now ? next - Now : TimeSpan.Zero);
    }

    private void AskObservers(ProbeBackend ask)
    {
        Context.System.Own<HealthSupervisorActor>().Tell(ask);
        if (_membership is not { } membership || !_plane.Topology.Pools.TryGetValue(ask.Backend.Pool, out PoolSettings? pool))
        {
            return;
        }

        ImmutableArray<string> observers = ObserverPolicy.Observers(ask.Backend, membership.Active, pool.Health.Observers);
        foreach (NodeMember member in membership.Members)
        {
            if (member.Name != membership.Self && observers.Contains(member.Name))
            {
                Context.At<HealthSupervisorActor>(member.Address).Tell(ask);
            }
        }
    }

    private void OnBoard(HealthBoardState board)
    {
        _board = board;
        CloseWhatIsRefuted();
        foreach ((BackendName backend, ProbeAsk ask) in _asks)
        {
            if (!ask.AwaitsAnswer)
            {
                continue;
            }

            if (board.Confirms(backend, ask.AskedAt!.Value, Now))
            {
                _asks[backend] = ask.Answered();
                _plane.Confirm(backend);
            }
            else if (board.HealthOf(backend) is BackendHealth.Down)
            {
                _asks[backend] = ask.Answered();
            }
        }
    }

    private void CloseWhatIsRefuted()
    {
        foreach ((BackendName backend, TimeSpan openedAt) in _openedAt)
        {
            if (_board?.Refutes(backend, openedAt, Now) is not true)
            {
                continue;
            }

            if (IsKept(backend))
            {
                _plane.EndSilence(backend);
                continue;
            }

            _openedAt.Remove(backend);
            _ejected.Remove(backend);
            _plane.CloseCircuit(backend);
            Log.CircuitClosed(_logger, backend);
            Context.System.EventStream.Publish(new CircuitChanged(backend, Open: false));
        }
    }

    // Statuses opened it, and health.passive.ejection-time is not over.
    private bool IsKept(BackendName backend) =>
        _plane.Traffic.TryGetValue(backend, out BackendTraffic? traffic)
        && traffic.Circuit is { } circuit
        && circuit.KeptUntil > _plane.Time.GetTimestamp();

    private sealed class FeedReady
    {
        public static readonly FeedReady Instance = new();
    }
}
