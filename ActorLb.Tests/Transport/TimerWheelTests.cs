using ActorLb.Engine.Transport;
using Xunit;

namespace ActorLb.Tests.Transport;

public sealed class TimerWheelTests
{
    private const int Tick = TimerWheel.TickMilliseconds;

    // Longer than the wheel goes round once.
    private const int LongMilliseconds = 200_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Who_waits_as_long_as_it_says_tells_nobody_too_early_and_nobody_more_than_a_tick_late(int seed)
    {
        var random = new Random(seed);
        long now = random.Next(1_000_000);
        var wheel = new TimerWheel(now);
        var entries = new List<Deadline>();
        for (int i = 0; i < 300; i++)
        {
            var entry = new Deadline(() => now);
            entries.Add(entry);
            Set(entry);
        }

        // Postponed, brought forward and called off on the way.
        for (int rounds = 0; wheel.Delay(now) is var delay and >= 0; rounds++)
        {
            now += random.Next(4) == 0 ? random.Next(delay + 1) : delay;
            Advance(wheel, now);
            Deadline other = entries[random.Next(entries.Count)];
            if (rounds < 500)
            {
                if (random.Next(8) == 0)
                {
                    wheel.Remove(other);
                    other.Wanted = TimerWheel.Never;
                }
                else
                {
                    Set(other);
                }
            }
        }

        Assert.All(entries, e => Assert.Equal(TimerWheel.Never, e.Wanted));

        void Set(Deadline entry)
        {
            entry.Wanted = now + random.Next(random.Next(2) == 0 ? 500 : LongMilliseconds);
            wheel.Set(entry, entry.Wanted);
        }
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void A_deadline_at_the_end_of_a_tick_is_due_then(int more, int told)
    {
        long now = 0;
        var wheel = new TimerWheel(now);
        var entry = new Deadline(() => now) { Wanted = 10 * Tick };
        wheel.Set(entry, entry.Wanted);

        now = (10 * Tick) + more;
        Advance(wheel, now);

        Assert.Equal(told, entry.Told);
    }

    [Fact]
    public void A_deadline_that_is_over_already_is_told_with_the_next_tick()
    {
        long now = 1000;
        var wheel = new TimerWheel(now);
        var entry = new Deadline(() => now) { Wanted = 500, MayBeLate = true };
        wheel.Set(entry, 500);

        now += wheel.Delay(now);
        Advance(wheel, now);

        Assert.Equal(1, entry.Told);
        Assert.InRange(now, 1000, 1000 + Tick);
    }

    [Fact]
    public void A_deadline_that_was_set_to_never_is_not_told_and_can_be_set_again()
    {
        long now = 0;
        var wheel = new TimerWheel(now);
        var entry = new Deadline(() => now) { Wanted = TimerWheel.Never };
        wheel.Set(entry, 100);
        wheel.Set(entry, TimerWheel.Never);
        now = 1000;
        Advance(wheel, now);
        Assert.Equal(0, entry.Told);
        Assert.Equal(-1, wheel.Delay(now));

        entry.Wanted = 2000;
        wheel.Set(entry, 2000);
        now = 2000;
        Advance(wheel, now);
        Assert.Equal(1, entry.Told);
    }

    [Fact]
    public void After_a_pause_of_many_turns_everybody_is_told_once()
    {
        long now = 0;
        var wheel = new TimerWheel(now);
        Deadline[] entries = [.. Enumerable.Range(1, 100).Select(i => new Deadline(() => now) { Wanted = i * 1000, MayBeLate = true })];
        Array.ForEach(entries, e => wheel.Set(e, e.Wanted));

        now = 100_000_000;
        Advance(wheel, now);

        Assert.All(entries, e => Assert.Equal(1, e.Told));
        Assert.Equal(-1, wheel.Delay(now));
    }

    [Fact]
    public void Who_is_told_may_call_off_another_of_the_same_moment()
    {
        long now = 0;
        var wheel = new TimerWheel(now);
        var first = new Deadline(() => now) { Wanted = 100, MayBeLate = true };
        var second = new Deadline(() => now) { Wanted = 100, MayBeLate = true };
        first.WhenTold = () => wheel.Remove(second);
        second.WhenTold = () => wheel.Remove(first);
        wheel.Set(first, 100);
        wheel.Set(second, 100);

        now = 200;
        Advance(wheel, now);

        Assert.Equal(1, first.Told + second.Told);
        Assert.Equal(-1, wheel.Delay(now));
    }

    [Fact]
    public void Who_is_told_may_wait_again()
    {
        long now = 0;
        var wheel = new TimerWheel(now);
        var entry = new Deadline(() => now) { Wanted = 100 };
        entry.WhenTold = () =>
        {
            entry.Wanted = now + 100;
            wheel.Set(entry, entry.Wanted);
        };
        wheel.Set(entry, entry.Wanted);

        while (entry.Told < 5)
        {
            now += wheel.Delay(now);
            Advance(wheel, now);
        }

        Assert.InRange(now, 500, 500 + (5 * Tick));
    }

    [Fact]
    public void Who_throws_when_told_is_named_and_the_others_of_the_same_moment_are_told()
    {
        long now = 0;
        var wheel = new TimerWheel(now);
        Deadline[] entries = [.. Enumerable.Range(0, 5).Select(_ => new Deadline(() => now) { Wanted = 100 })];
        Array.ForEach(entries, e => wheel.Set(e, e.Wanted));
        entries[2].WhenTold = () => throw new InvalidOperationException("bad");
        var faults = new List<(TimedEntry Entry, string Message)>();

        now += wheel.Delay(now);
        wheel.Advance(now, (e, exception) => faults.Add((e, exception.Message)));

        Assert.All(entries, e => Assert.Equal(1, e.Told));
        Assert.Equal((entries[2], "bad"), Assert.Single(faults));
    }

    [Fact]
    public void Where_nobody_waits_there_is_no_delay() => Assert.Equal(-1, new TimerWheel(12345).Delay(12345));

    private static void Advance(TimerWheel wheel, long now) =>
        wheel.Advance(now, (_, e) => System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e));

    /// <summary>Checks when it is told against when it wanted to be.</summary>
    private sealed class Deadline(Func<long> now) : TimedEntry
    {
        public long Wanted { get; set; }

        public int Told { get; private set; }

        public bool MayBeLate { get; init; }

        public Action WhenTold { get; set; } = () => { };

        protected internal override void OnDue()
        {
            Assert.InRange(now(), Wanted, MayBeLate ? long.MaxValue : Wanted + TimerWheel.TickMilliseconds);
            Wanted = TimerWheel.Never;
            Told++;
            WhenTold();
        }

        protected internal override void OnFault()
        {
        }
    }
}
