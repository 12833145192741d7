using ActorLb.Shared.Backends;

namespace ActorLb.Node.Health;

/// <summary>What this node asks the observers of one backend. Pure; times are of the node's steady clock.</summary>
/// <param name="AskedAt">When they were last asked; null before.</param>
/// <param name="Wanted">Why they are to be asked again.</param>
/// <param name="AwaitsAnswer">They have not said since that it is up, nor that it is down.</param>
internal readonly record struct ProbeAsk(TimeSpan? AskedAt, ProbeReason Wanted, bool AwaitsAnswer)
{
    /// <summary>A dead backend fails thousands of requests a second: more asking would not make the observers quicker.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>When they are to be asked; null where nobody wants it.</summary>
    public TimeSpan? DueAt => Wanted == ProbeReason.None ? null : AskedAt is { } asked ? asked + Interval : TimeSpan.Zero;

    public ProbeAsk Want(ProbeReason reason) => this with { Wanted = Wanted | reason };

    public ProbeAsk Sent(TimeSpan now) => this with { AskedAt = now, Wanted = ProbeReason.None, AwaitsAnswer = true };

    public ProbeAsk Answered() => this with { AwaitsAnswer = false };

    /// <summary>Nothing of it matters any more.</summary>
    public bool IsOver(TimeSpan now) => Wanted == ProbeReason.None && !AwaitsAnswer && now - AskedAt >= Interval;
}
