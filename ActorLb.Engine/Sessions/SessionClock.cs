using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// The time of sessions on this node: what is written into bindings and tickets, and what they are compared with.
/// <see cref="ClockState"/> decides. Any thread may read it; ClockActor changes it.
/// </summary>
public sealed class SessionClock
{
    private const long StartAnewInterval = 300_000;

    private readonly TimeProvider _time;
    private readonly long _steadyBase;
    private long _hold;
    private readonly Lock _gate = new();
    private volatile TaskCompletionSource _compared = Completed();
    private ClockState _state;
    private long? _startedAnewAt;

    /// <param name="hold">The longest idle timeout.</param>
    public SessionClock(TimeProvider time, TimeSpan hold)
    {
        _time = time;
        _hold = (long)hold.TotalMilliseconds;
        Steady = new SteadyTime(time);
        _state = ClockState.Of(Wall, Monotonic);
        _steadyBase = _state.OwnBase;
    }

    /// <summary>The longest idle timeout.</summary>
    public TimeSpan Hold
    {
        set => Volatile.Write(ref _hold, (long)value.TotalMilliseconds);
    }

    public ClockState State => Volatile.Read(ref _state);

    /// <summary>Milliseconds since 1970: the time that the nodes agree on.</summary>
    public long Milliseconds => State.Base + Monotonic;

    public DateTimeOffset UtcNow => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <summary>By this is kept when something happened here: whatever sets this node's own clock meanwhile does not move it.</summary>
    public TimeProvider Steady { get; }

    /// <summary>How far <see cref="Steady"/> is ahead of the time that the nodes agree on; zero where they agree within a second.</summary>
    public TimeSpan Ahead => _steadyBase - State.Base is var ahead && Math.Abs(ahead) >= ClockState.StepMin ? TimeSpan.FromMilliseconds(ahead) : TimeSpan.Zero;

    /// <summary>The same in seconds: what is written.</summary>
    public uint Now => Seconds(Milliseconds);

    /// <inheritdoc cref="SessionTime.Ending"/>
    public uint Ending => Read().Ending;

    /// <summary>This node's own clock, milliseconds since 1970.</summary>
    public long Wall => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Milliseconds by a clock that nobody sets.</summary>
    public long Monotonic => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Completes when this node has compared its clock with those of the members that it found.</summary>
    public Task WhenCompared => _compared.Task;

    /// <summary>Nothing ends until it is known whether others say the same. Before anything is read from the disk.</summary>
    public void HoldUntilSettled()
    {
        _compared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Look(state => state.Unsettled());
    }

    /// <summary>Whether the control plane may start anew because of what was written by a wrong clock: at most once in five minutes.</summary>
    public bool TryStartAnew()
    {
        long now = Monotonic;
        if (_startedAnewAt is { } at && now - at < StartAnewInterval)
        {
            return false;
        }

        _startedAnewAt = now;
        return true;
    }

    public void MarkCompared() => _compared.TrySetResult();

    internal SessionTime Read()
    {
        ClockState state = State;
        long monotonic = Monotonic;
        long now = state.Base + monotonic;
        return new SessionTime(
            Seconds(now), state.IsSettled ? Seconds(now - (monotonic < state.HeldUntil ? state.Held : 0)) : 0);
    }

    /// <summary>Looks at this node's own clock and takes in what was heard.</summary>
    /// <returns>Before and after.</returns>
    public (ClockState Before, ClockState After) Look(Func<ClockState, ClockState> heard)
    {
        lock (_gate)
        {
            ClockState before = _state;
            ClockState after = heard(before).Looked(Wall, Monotonic, Volatile.Read(ref _hold));
            Volatile.Write(ref _state, after);
            return (before, after);
        }
    }

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }

    private static uint Seconds(long milliseconds) => (uint)Math.Clamp(milliseconds / 1000, 0, uint.MaxValue);
}
