using Akka.Actor;

namespace ActorLb.Node.Health;

/// <summary>
/// One timer of the injected clock that wakes its actor by <see cref="AlarmRang"/>. Setting it replaces what was set.
/// Only its actor touches it.
/// </summary>
internal sealed class Alarm(TimeProvider time, IActorRef actor) : IDisposable
{
    /// <summary>Longer waits ring early, and the actor sets the alarm again: timers end at 49 days.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(1);

    private ITimer? _timer;
    private AlarmRang? _expected;

    public void Set(TimeSpan wait)
    {
        _timer?.Dispose();
        _expected = new AlarmRang();

        // Timers cut to whole milliseconds: rounded up, or an actor that waits for a moment would wake just before it.
        TimeSpan due = wait < WaitMax ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : WaitMax;
        _timer = time.CreateTimer(rang => actor.Tell(rang, ActorRefs.NoSender), _expected, due, Timeout.InfiniteTimeSpan);
    }

    /// <summary>False for a ring that was already under way when the alarm was set again.</summary>
    public bool IsMine(AlarmRang rang) => ReferenceEquals(rang, _expected);

    public void Dispose() => _timer?.Dispose();
}

/// <summary>An actor's alarm rang. One object per setting: its identity tells which one.</summary>
internal sealed class AlarmRang;
