namespace ActorLb.Node.Health;

/// <summary>
/// When the next probe of a backend is due, and whether one is under way. Pure; times are of the node's steady clock.
/// Asked probes come at once, but only one per fast interval: a storm of circuits must not become a storm of probes.
/// </summary>
/// <param name="StartedAt">When the last probe began.</param>
/// <param name="AskedAt">When the last asked one began.</param>
/// <param name="InFlight">At most one at a time.</param>
/// <param name="Asked">The probe under way or to come was asked for, and somebody waits for its verdict.</param>
/// <param name="AskedAgain">Asked for during a probe, which may have begun before what made somebody ask.</param>
internal readonly record struct ProbeState(
    TimeSpan StartedAt, TimeSpan? AskedAt, bool InFlight, bool Asked, bool AskedAgain)
{
    public ProbeState Begun(TimeSpan now) =>
        this with { StartedAt = now, AskedAt = Asked ? now : AskedAt, InFlight = true };

    public ProbeState Requested() => InFlight ? this with { AskedAgain = true } : this with { Asked = true };

    public ProbeState Ended() => this with { InFlight = false, Asked = AskedAgain, AskedAgain = false };

    /// <summary>How long to wait for the next probe.</summary>
    /// <param name="interval">From the start of one probe to the start of the next.</param>
    /// <param name="fastInterval">The least time between two asked probes.</param>
    public TimeSpan Wait(TimeSpan now, TimeSpan interval, TimeSpan fastInterval)
    {
        TimeSpan wait = StartedAt + interval - now;
        if (Asked)
        {
            TimeSpan asked = AskedAt is { } last ? last + fastInterval - now : TimeSpan.Zero;
            wait = asked < wait ? asked : wait;
        }

        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
