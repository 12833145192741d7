using System.Collections.Immutable;

namespace ActorLb.Shared.Sessions;

/// <summary>
/// The time that a node writes and compares: of its own clock and those of the members that it hears, the middle one, of
/// two in the middle the one behind. From three nodes on, one that is wrong is outvoted; of two, nothing is over before
/// both say so. Between looks it runs by the monotonic clock. Where it is set forward, by whatever, what was written before
/// ends as if it had not been, for as long as anything of it may live. Pure. All in milliseconds; a base is what a clock
/// shows less the node's monotonic clock.
/// </summary>
public sealed record ClockState
{
    /// <summary>Clocks that agree within this are the same: times are kept in whole seconds.</summary>
    public const long StepMin = 1000;

    /// <summary>A member that has not been heard for this long has no say.</summary>
    public const long SampleAgeMax = 30_000;

    /// <summary>What took longer on the way says too little.</summary>
    public const long RoundTripMax = 4000;

    private ClockState(long ownBase)
    {
        OwnBase = ownBase;
        Base = ownBase;
    }

    /// <summary>That of this node's own clock, as it was last looked at.</summary>
    public long OwnBase { get; private init; }

    /// <summary>That of the time in force.</summary>
    public long Base { get; private init; }

    /// <summary>How far behind the time is by which things end, until <see cref="HeldUntil"/>.</summary>
    public long Held { get; private init; }

    /// <summary>By the monotonic clock.</summary>
    public long HeldUntil { get; private init; }

    /// <summary>False: a node that has just started, and does not know yet whether others say the same. Nothing ends.</summary>
    public bool IsSettled { get; private init; } = true;

    /// <summary>How often the time was set.</summary>
    public long Steps { get; private init; }

    public ImmutableDictionary<string, ClockSample> Samples { get; private init; } = ImmutableDictionary<string, ClockSample>.Empty;

    /// <param name="wall">Since 1970, by this node's own clock.</param>
    /// <param name="monotonic">By a clock that nobody sets.</param>
    public static ClockState Of(long wall, long monotonic) => new(wall - monotonic);

    public ClockState Unsettled() => this with { IsSettled = false };

    public ClockState Settled() => this with { IsSettled = true };

    /// <summary>This node's own clock shows this now.</summary>
    /// <param name="hold">What was written ends after this at the latest: the longest idle timeout.</param>
    public ClockState Looked(long wall, long monotonic, long hold)
    {
        ClockState looked = this with
        {
            OwnBase = wall - monotonic,
            Samples = Samples.Values.All(s => IsFresh(s, monotonic)) ? Samples : Samples.RemoveRange(Samples.Where(s => !IsFresh(s.Value, monotonic)).Select(s => s.Key)),
            Held = monotonic < HeldUntil ? Held : 0,
        };
        return looked.Stepped(monotonic, hold);
    }

    /// <summary>A member said what its own clock showed between question and answer (RFC 5905, 8, with one time of its).</summary>
    public ClockState Heard(string node, long wall, long asked, long answered) => answered - asked > RoundTripMax
        ? this
        : this with { Samples = Samples.SetItem(node, new ClockSample(wall - (asked + ((answered - asked) / 2)), (answered - asked) / 2, answered)) };

    /// <summary>Only these have a say.</summary>
    public ClockState Among(IEnumerable<string> nodes)
    {
        ImmutableHashSet<string> members = [.. nodes];
        return Samples.Keys.All(members.Contains) ? this : this with { Samples = Samples.RemoveRange(Samples.Keys.Where(n => !members.Contains(n))) };
    }

    /// <summary>How far a member's clock is ahead of what all agree on; null where it was not heard.</summary>
    public long? OffsetOf(string node) => Samples.TryGetValue(node, out ClockSample sample) ? sample.Base - Middle : null;

    /// <summary>How far this node's own clock is ahead of what all agree on.</summary>
    public long Offset => OwnBase - Middle;

    /// <summary>The lower of both where two are in the middle: what is ahead ends sessions, what is behind does not.</summary>
    public long Middle
    {
        get
        {
            long[] bases = [OwnBase, .. Samples.Values.Select(s => s.Base)];
            Array.Sort(bases);
            return bases[(bases.Length - 1) / 2];
        }
    }

    private static bool IsFresh(in ClockSample sample, long monotonic) => monotonic - sample.At <= SampleAgeMax;

    private ClockState Stepped(long monotonic, long hold)
    {
        long step = Middle - Base;
        if (Math.Abs(step) < StepMin)
        {
            return this;
        }

        long held = Math.Max(0, Held + step);
        return this with
        {
            Base = Middle,
            Held = held,
            HeldUntil = step > 0 ? monotonic + hold : HeldUntil,
            Steps = Steps + 1,
        };
    }
}

/// <summary>What a member's clock showed.</summary>
/// <param name="Base">Less this node's monotonic clock.</param>
/// <param name="Error">At most: half of the way there and back.</param>
/// <param name="At">When it was heard, by this node's monotonic clock.</param>
public readonly record struct ClockSample(long Base, long Error, long At);
