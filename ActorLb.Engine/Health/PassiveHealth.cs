using System.Runtime.CompilerServices;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Health;

/// <summary>
/// Learns from real requests, long before the next probe. Failed connects, and statuses that the operator calls failures,
/// open this node's circuit, which keeps new sessions away; whatever a client can bring about asks for a probe at most.
/// Both lanes report every attempt; a success costs a comparison. Counts nothing in <see cref="BackendTraffic"/>, which the
/// lanes keep themselves.
/// </summary>
public sealed class PassiveHealth
{
    private readonly DataPlane _plane;
    private readonly ConditionalWeakTable<BackendTraffic, Windows> _windows = [];

    // Two that open at a moment are counted one after the other.
    private readonly Lock _opening = new();

    public PassiveHealth(DataPlane plane) => _plane = plane;

    /// <summary>Tells how one attempt ended. Never throws, never waits for anybody but another failure of the same backend.</summary>
    /// <param name="status">The backend's status, where it answered.</param>
    /// <param name="client">Whose request it was; needed where <see cref="BlamesStatus"/>, where none counts as one client.</param>
    internal void Report(BackendSnapshot backend, PoolSettings pool, RequestOutcome outcome, int status = 0, ClientKey client = default)
    {
        PassiveSettings settings = pool.Health.Passive;
        FailureMeaning meaning = MeaningOf(settings, outcome, status);
        if (meaning == FailureMeaning.None || settings.Failures <= 0)
        {
            return;
        }

        var name = new BackendName(pool.Name, backend.Id);
        BackendTraffic traffic = backend.Traffic;
        switch (meaning)
        {
            case FailureMeaning.Unreachable:
                Unreached(name, traffic, settings, timedOut: outcome == RequestOutcome.ConnectTimedOut);
                break;
            case FailureMeaning.Status when !traffic.IsEjected && Of(traffic).Circuit.Failed(LimitOf(settings), Now, client):
                Open(name, traffic, settings, CircuitReason.Statuses);
                Ask(name, traffic, ProbeReason.RequestsFailed);
                break;
            case FailureMeaning.Suspicion when Of(traffic).Suspicions.Failed(LimitOf(settings), Now):
                Ask(name, traffic, ProbeReason.RequestsFailed);
                break;
        }
    }

    /// <summary>What speaks against the backend, and how much. Nothing that follows a sent request does by itself.</summary>
    internal static FailureMeaning MeaningOf(PassiveSettings settings, RequestOutcome outcome, int status) => outcome switch
    {
        RequestOutcome.Answered => BlamesStatus(settings, status) ? FailureMeaning.Status : FailureMeaning.None,
        RequestOutcome.ConnectFailed or RequestOutcome.ConnectTimedOut => FailureMeaning.Unreachable,
        RequestOutcome.ResetBeforeResponse
            or RequestOutcome.ResetDuringResponse
            or RequestOutcome.InvalidResponse
            or RequestOutcome.TimedOut => FailureMeaning.Suspicion,
        _ => FailureMeaning.None,
    };

    /// <summary>Whether an answer with this status counts as a failure.</summary>
    public static bool BlamesStatus(PassiveSettings settings, int status)
    {
        foreach (StatusRange range in settings.Statuses)
        {
            if (range.Contains(status))
            {
                return true;
            }
        }

        return false;
    }

    private long Now => _plane.Time.GetTimestamp();

    // The observers are asked at once: requests of sessions that live there wait for what they say. Open before asking:
    // who is asked looks at the circuit afterwards.
    private void Unreached(BackendName name, BackendTraffic traffic, PassiveSettings settings, bool timedOut)
    {
        Windows windows = Of(traffic);
        FailureLimit limit = LimitOf(settings);
        long now = Now;
        if (!traffic.IsEjected && windows.Circuit.Failed(limit, now))
        {
            Open(name, traffic, settings, timedOut ? CircuitReason.ConnectsTimedOut : CircuitReason.ConnectsFailed);
        }

        if (timedOut && !traffic.IsSilent && windows.Timeouts.Failed(limit, now))
        {
            traffic.FallSilent(now);
        }

        Ask(name, traffic, ProbeReason.ConnectsFailed);
    }

    // One that could not be ejected is as soon as there is room and it has failed as often again.
    private void Open(BackendName name, BackendTraffic traffic, PassiveSettings settings, CircuitReason why)
    {
        lock (_opening)
        {
            bool ejects = !_plane.Routing.Pools.TryGetValue(name.Pool, out PoolSnapshot? pool) || EjectionPolicy.Allows(pool, settings.MaxEjectedPercent);
            if (ejects || !traffic.CircuitOpen)
            {
                traffic.OpenCircuit(Kept(new OpenedCircuit(_plane.Steady.GetUtcNow(), why, ejects), traffic, settings));
            }
        }
    }

    // What statuses say is not what probes ask for, so that a probe that passes is no answer to it.
    private OpenedCircuit Kept(OpenedCircuit circuit, BackendTraffic traffic, PassiveSettings settings)
    {
        if (circuit.Reason != CircuitReason.Statuses)
        {
            return circuit;
        }

        Windows windows = Of(traffic);
        if (!traffic.CircuitOpen)
        {
            windows.Ejection = windows.Ejection.Opened(
                settings.EjectionTime, traffic.ClosedAt == long.MinValue ? null : _plane.Time.GetElapsedTime(traffic.ClosedAt));
        }

        TimeSpan length = windows.Ejection.Length;
        return length == TimeSpan.Zero
            ? circuit
            : circuit with { AtLeast = length, KeptUntil = Now + (long)(length.TotalSeconds * _plane.Time.TimestampFrequency) };
    }

    private void Ask(BackendName name, BackendTraffic traffic, ProbeReason reason)
    {
        if (traffic.WantProbe(reason))
        {
            _plane.Circuits.Offer(name);
        }
    }

    private Windows Of(BackendTraffic traffic) => _windows.GetValue(traffic, static _ => new Windows());

    private FailureLimit LimitOf(PassiveSettings settings) => new(settings.Failures, (long)(settings.Window.TotalSeconds * _plane.Time.TimestampFrequency));

    private sealed class Windows
    {
        public FailureWindow Circuit { get; } = new();

        public FailureWindow Timeouts { get; } = new();

        public FailureWindow Suspicions { get; } = new();

        /// <summary>Changed where circuits are opened, one after the other.</summary>
        public EjectionTimeState Ejection { get; set; } = EjectionTimeState.None;
    }
}
