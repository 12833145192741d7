using ActorLb.Shared.Backends;

namespace ActorLb.Node.Health;

/// <summary>
/// When the next probe of a backend is due, and whether one is under way. Pure; times are of the node's steady clock.
/// Asked probes come at once, but only one per fast interval: a storm of asking must not become a storm of probes. Where
/// connects failed, sessions wait for the verdict: those come more often, and are repeated at once while connecting fails.
/// </summary>
/// <param name="StartedAt">When the last probe began.</param>
/// <param name="AskedAt">When the last asked one began.</param>
/// <param name="InFlight">At most one at a time.</param>
/// <param name="Asked">Why the probe under way or to come was asked for: somebody waits for its verdict.</param>
/// <param name="AskedAgain">Asked for during a probe, which may have begun before what made somebody ask.</param>
/// <param name="Repeats">The last one was asked for because connects failed, and could not connect either.</param>
internal readonly record struct ProbeState(
    TimeSpan StartedAt, TimeSpan? AskedAt, bool InFlight, ProbeReason Asked, ProbeReason AskedAgain, bool Repeats)
{
    /// <summary>Long enough for a server that only re-opens its port, and fall of them are over before anybody gives up.</summary>
    public static readonly TimeSpan RepeatInterval = TimeSpan.FromMilliseconds(100);

    public bool IsAsked => Asked != ProbeReason.None;

    public ProbeState Begun(TimeSpan now) =>
        this with { StartedAt = now, AskedAt = IsAsked ? now : AskedAt, InFlight = true };

    public ProbeState Requested(ProbeReason reason) =>
        InFlight ? this with { AskedAgain = AskedAgain | reason } : this with { Asked = Asked | reason };

    /// <param name="couldNotConnect">The probe failed by that, and at once; the verdict may be about to change.</param>
    public ProbeState Ended(bool couldNotConnect) => this with
    {
        InFlight = false,
        Asked = AskedAgain,
        AskedAgain = ProbeReason.None,
        Repeats = couldNotConnect && (Repeats || Asked.HasFlag(ProbeReason.ConnectsFailed)),
    };

    /// <summary>How long to wait for the next probe.</summary>
    /// <param name="interval">From the start of one probe to the start of the next.</param>
    /// <param name="fastInterval">The least time between two asked probes.</param>
    public TimeSpan Wait(TimeSpan now, TimeSpan interval, TimeSpan fastInterval)
    {
        TimeSpan repeat = RepeatInterval < fastInterval ? RepeatInterval : fastInterval;
        TimeSpan due = StartedAt + (Repeats && repeat < interval ? repeat : interval);
        if (IsAsked)
        {
            TimeSpan between = Asked.HasFlag(ProbeReason.ConnectsFailed) ? repeat : fastInterval;
            TimeSpan asked = AskedAt is { } last ? last + between : now;
            due = asked < due ? asked : due;
        }

        return due > now ? due - now : TimeSpan.Zero;
    }
}
