using System.Collections.Immutable;
using ActorLb.Node.Events;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class EventLogTests
{
    private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void Events_of_a_node_have_rising_ids_also_where_its_clock_goes_back()
    {
        EventLog log = Log();
        NodeEvent first = log.Note(Up("a"));
        NodeEvent second = log.Note(Up("b"));
        _now -= TimeSpan.FromHours(1);
        NodeEvent third = log.Note(Up("c"));
        Assert.True(first.Id.CompareTo(second.Id) < 0 && second.Id.CompareTo(third.Id) < 0);
        Assert.Equal(_now, third.At);
        Assert.True(string.CompareOrdinal(first.Id.ToString(), second.Id.ToString()) < 0);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    [InlineData(5, 4)]
    public void The_newest_are_kept(int noted, int kept)
    {
        EventLog log = Log(4);
        for (int i = 0; i < noted; i++)
        {
            log.Note(Up($"b{i}"));
        }

        (ImmutableArray<NodeEvent> events, long next, _) = log.All();
        Assert.Equal(Enumerable.Range(noted - kept, kept).Select(i => $"b{i}"), events.Select(e => e.Backend));
        Assert.Equal(noted, next);
    }

    [Fact]
    public void Who_is_slower_than_the_log_is_full_is_told()
    {
        EventLog log = Log(2);
        log.Note(Up("a"));
        log.Note(Up("b"));
        Assert.Equal(2, log.Read(0, 10, out _)!.Value.Length);
        log.Note(Up("c"));
        Assert.Null(log.Read(0, 10, out _));
        Assert.Equal("b", log.Read(1, 1, out long next)!.Value.Single().Backend);
        Assert.Equal(2, next);
    }

    [Fact]
    public void What_other_nodes_tell_is_taken_once_and_in_their_order()
    {
        EventLog other = Log(node: "n2");
        NodeEvent[] told = [other.Note(Up("a")), other.Note(Up("b"))];
        EventLog log = Log();
        Assert.Equal(2, log.Take(told).Length);
        Assert.Empty(log.Take(told));
        Assert.Equal(told[1].Id.Position, log.Positions["n2"]);
        Assert.Equal(["a", "b"], log.All().Events.Select(e => e.Backend));
    }

    [Fact]
    public void One_of_a_clock_that_is_days_ahead_is_not_taken()
    {
        EventLog other = Log(node: "n2");
        _now += TimeSpan.FromDays(3);
        NodeEvent ahead = other.Note(Up("a"));
        _now -= TimeSpan.FromDays(3);
        Assert.Empty(Log().Take([ahead]));
    }

    [Fact]
    public async Task Who_waits_hears_of_the_next_event_and_of_the_end()
    {
        EventLog log = Log();
        Task next = log.WhenBeyond(0);
        Assert.False(next.IsCompleted);
        log.Note(Up("a"));
        await next.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(log.WhenBeyond(0).IsCompleted);
        Task end = log.WhenBeyond(1);
        Assert.False(end.IsCompleted);
        log.Close();
        await end.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(log.IsClosed);
    }

    [Fact]
    public void The_last_event_that_fits_is_found()
    {
        EventLog log = Log();
        NodeEvent first = log.Note(Up("a"));
        log.Note(Up("b"));
        Assert.Equal(first, log.Last(TimeSpan.FromMinutes(1), e => e.Backend == "a"));
        _now += TimeSpan.FromMinutes(2);
        Assert.Null(log.Last(TimeSpan.FromMinutes(1), e => e.Backend == "a"));
    }

    [Fact]
    public void Many_threads_may_note_at_once()
    {
        EventLog log = Log(10_000);
        Parallel.For(0, 4000, i => log.Note(Up($"b{i}")));
        ImmutableArray<NodeEvent> events = log.All().Events;
        Assert.Equal(4000, events.Select(e => e.Id).Distinct().Count());
        Assert.Equal(events.Select(e => e.Id), events.Select(e => e.Id).Order());
    }

    private static EventNote Up(string backend) => new(EventKind.BackendUp, $"web/{backend} is up") { Pool = "web", Backend = backend };

    private EventLog Log(int max = 100, string node = "n1") => new(node, () => _now, NullLogger.Instance, max);
}
