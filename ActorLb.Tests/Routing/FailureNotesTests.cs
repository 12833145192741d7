using ActorLb.Shared.Backends;
using Xunit;

namespace ActorLb.Tests.Routing;

public sealed class FailureNotesTests
{
    [Fact]
    public void The_last_twenty_are_kept_the_latest_first()
    {
        var notes = new FailureNotes();
        for (int i = 0; i < 25; i++)
        {
            notes.Add(new FailureNote(DateTimeOffset.UnixEpoch, $"{i}", "", 500));
        }

        Assert.Equal(Enumerable.Range(5, FailureNotes.Kept).Reverse().Select(i => $"{i}"), notes.Read().Select(n => n.RequestId));
    }

    [Fact]
    public void Of_a_thousand_in_a_moment_one_is_taken_and_the_next_a_tenth_of_a_second_later()
    {
        var notes = new FailureNotes();
        TimeProvider time = TimeProvider.System;
        const long Now = 1_000_000;
        int taken = 0;
        Parallel.For(0, 1000, _ => Interlocked.Add(ref taken, notes.TryTake(time, Now) ? 1 : 0));
        Assert.Equal(1, taken);
        long later = Now + (time.TimestampFrequency / 10);
        Assert.False(notes.TryTake(time, later - 1));
        Assert.True(notes.TryTake(time, later));
    }
}
