using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;

namespace ActorLb.Node.Health;

/// <summary>
/// Probes one backend for as long as this node observes it, and tells the health board what it thinks. The probe runs
/// beside the mailbox, one at a time.
/// </summary>
internal sealed class HealthMonitorActor : ReceiveActor
{
    /// <summary>Probes of many nodes and backends drift apart by it. It only shortens, so that "out within interval × fall" holds.</summary>
    private const double JitterShare = 0.1;

    private readonly BackendName _backend;
    private readonly string _node;
    private readonly HealthSettings _settings;
    private readonly IProbe _probe;
    private readonly TimeProvider _time;
    private readonly Func<DateTimeOffset> _agreed;
    private readonly Random _random;
    private readonly IActorRef _board;
    private readonly Alarm _alarm;
    private CancellationTokenSource? _timeout;
    private HealthState _health = HealthState.Unknown;
    private ProbeState _schedule;
    private bool _passed;

    /// <param name="agreed">Now, by the time that the nodes agree on: verdicts are read at all of them.</param>
    public HealthMonitorActor(
        BackendName backend,
        string node,
        HealthSettings settings,
        Func<IProbe> probe,
        TimeProvider time,
        Func<DateTimeOffset> agreed,
        int seed,
        IActorRef board)
    {
        _backend = backend;
        _node = node;
        _settings = settings;
        _probe = probe();
        _time = time;
        _agreed = agreed;
        _random = new Random(seed);
        _board = board;
        _alarm = new Alarm(time, Self);
        Receive<AlarmRang>(_alarm.IsMine, _ => Begin());
        Receive<AlarmRang>(_ => { });
        Receive<ProbeEnded>(m => OnEnded(m.Result));
        Receive<ProbeBackend>(OnAsked);
    }

    protected override void PreStart() => Begin();

    protected override void PostStop()
    {
        _alarm.Dispose();
        _timeout?.Cancel();
        _timeout?.Dispose();
        _probe.Dispose();
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    private void Begin()
    {
        _schedule = _schedule.Begun(Now);
        _timeout = new CancellationTokenSource(_settings.Timeout, _time);
        LookAsync(_probe, _timeout.Token).PipeTo(Self);
    }

    private static async Task<ProbeEnded> LookAsync(IProbe probe, CancellationToken timeout)
    {
        try
        {
            return new ProbeEnded(await probe.ProbeAsync(timeout));
        }
        catch (OperationCanceledException)
        {
            return new ProbeEnded(new ProbeResult(Passed: false, "timed out", TimedOut: true));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new ProbeEnded(ProbeFailure.Of(e));
        }
    }

    private void OnEnded(ProbeResult result)
    {
        _timeout?.Dispose();
        _timeout = null;
        if (result.SaysNothing && _health.Healthy is not null)
        {
            _schedule = _schedule.Ended(couldNotConnect: false);
            Schedule();
            return;
        }

        bool? before = _health.Healthy;
        _health = _health.After(result.Passed, result.TimedOut, _settings.Rise, _settings.Fall);
        bool isAsked = _schedule.IsAsked || _schedule.Repeats;
        _schedule = _schedule.Ended(result.CouldNotConnect && _health.IsChanging);
        Schedule();
        if (_health.Healthy is not { } healthy)
        {
            return;
        }

        var verdict = new Verdict(_backend, _node, healthy, result.Detail, _agreed()) { Passed = result.Passed };
        bool isUrgent = isAsked || before != healthy || _passed != result.Passed;
        _passed = result.Passed;
        _board.Tell(new ProbeJudged(verdict, isUrgent));
    }

    private void OnAsked(ProbeBackend ask)
    {
        _schedule = _schedule.Requested(ask.ConnectsFailed ? ProbeReason.ConnectsFailed : ProbeReason.RequestsFailed);
        if (!_schedule.InFlight)
        {
            Schedule();
        }
    }

    private void Schedule()
    {
        TimeSpan interval = _health.IsChanging && _settings.FastInterval < _settings.Interval
            ? _settings.FastInterval
            : _settings.Interval;
        interval *= 1 - (JitterShare * _random.NextDouble());
        _alarm.Set(_schedule.Wait(Now, interval, _settings.FastInterval));
    }

    private sealed record ProbeEnded(ProbeResult Result);
}

/// <summary>A monitor of this node has a new opinion. To this node's board.</summary>
/// <param name="IsUrgent">The other nodes wait for it: it changed, or somebody asked for the probe.</param>
internal sealed record ProbeJudged(Verdict Verdict, bool IsUrgent);
