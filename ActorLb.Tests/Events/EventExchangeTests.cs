using System.Text;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Exchange;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

/// <summary>Logs of nodes that tell each other what they know, in any order, and with losses.</summary>
public sealed class EventExchangeTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void What_one_knows_of_a_third_is_given_as_well()
    {
        EventLog[] logs = Logs(3);
        NodeEvent[] noted = [Note(logs[2]), Note(logs[1]), Note(logs[2])];
        Pull(logs[1], logs[2]);
        Pull(logs[0], logs[1]);
        Assert.Equal(noted.Select(e => e.Id).Order(), Ids(logs[0]));
    }

    [Fact]
    public void After_a_partition_both_sides_have_what_happened_on_either()
    {
        EventLog[] logs = Logs(4);
        for (int i = 0; i < 20; i++)
        {
            Note(logs[i % 4]);
            Pull(logs[0], logs[1]);
            Pull(logs[1], logs[0]);
            Pull(logs[2], logs[3]);
            Pull(logs[3], logs[2]);
        }

        Pull(logs[0], logs[2]);
        Pull(logs[2], logs[1]);
        Pull(logs[1], logs[0]);
        Pull(logs[3], logs[2]);
        Assert.Equal(20, Ids(logs[0]).Length);
        Assert.All(logs, l => Assert.Equal(Ids(logs[0]), Ids(l)));
    }

    [Fact]
    public void However_they_ask_each_other_all_come_to_know_the_same_and_nothing_twice() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3]).Array[0, 60].Sample(steps =>
        {
            EventLog[] logs = Logs(4);
            int noted = 0;
            foreach ((int from, int to) in steps)
            {
                if (from == to)
                {
                    Note(logs[from]);
                    noted++;
                }
                else
                {
                    Pull(logs[to], logs[from]);
                }
            }

            for (int round = 0; round < 3; round++)
            {
                for (int i = 0; i < 4; i++)
                {
                    Pull(logs[(i + 1) % 4], logs[i]);
                }
            }

            Assert.All(logs, l => Assert.Equal(Ids(logs[0]), Ids(l)));
            Assert.Equal(noted, Ids(logs[0]).Distinct().Count());
        });

    [Fact]
    public void A_reader_that_goes_from_node_to_node_misses_nothing_and_sees_nothing_twice() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2]).Array[0, 60].Sample(steps =>
        {
            EventLog[] logs = Logs(3);
            EventPositions seen = EventPositions.None;
            var read = new List<EventId>();
            foreach ((int at, int from) in steps)
            {
                Note(logs[from]);
                Pull(logs[at], logs[from]);
                foreach (NodeEvent one in logs[at].All().Events.Where(e => !seen.Has(e.Id)).OrderBy(e => e.Id))
                {
                    seen = seen.With(one.Id);
                    read.Add(one.Id);
                }
            }

            Pull(logs[0], logs[1]);
            Pull(logs[0], logs[2]);
            read.AddRange(Ids(logs[0]).Where(i => !seen.Has(i)));
            Assert.Equal(read.Count, read.Distinct().Count());
            Assert.Equal(Ids(logs[0]), read.Order());
        });

    [Fact]
    public void More_than_goes_into_a_message_is_given_in_parts()
    {
        EventLog[] logs = Logs(2);
        for (int i = 0; i < 400; i++)
        {
            logs[1].Note(new EventNote(EventKind.NodeReady, new string('x', 400)) { Data = new { much = new string('y', 1800) } });
        }

        int messages = 0;
        bool hasMore = true;
        while (hasMore)
        {
            (System.Collections.Immutable.ImmutableArray<ReadOnlyMemory<byte>> events, hasMore) = EventExchange.Beyond(logs[1], logs[0].Positions);
            Assert.True(events.Sum(e => e.Length) <= EventExchange.BytesMax);
            Assert.True(EventExchange.Take(logs[0], events));
            messages++;
        }

        Assert.InRange(messages, 3, 10);
        Assert.Equal(Ids(logs[1]), Ids(logs[0]));
    }

    [Fact]
    public void What_only_a_newer_version_knows_is_passed_over_and_not_asked_for_again()
    {
        EventLog[] logs = Logs(2);
        NodeEvent[] noted = [Note(logs[1]), Note(logs[1]), Note(logs[1])];
        ReadOnlyMemory<byte>[] told = [.. noted.Select(e => e.Json)];
        told[1] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(told[1].Span).Replace("node.ready", "node.reborn", StringComparison.Ordinal));
        Assert.True(EventExchange.Take(logs[0], told));
        Assert.Equal([noted[0].Id, noted[2].Id], Ids(logs[0]));
        Assert.Equal(logs[1].Positions.ToString(), logs[0].Positions.ToString());
    }

    [Fact]
    public void What_is_no_event_is_passed_over() =>
        Assert.False(EventExchange.Take(Logs(1)[0], [default, "{}"u8.ToArray(), new byte[100_000]]));

    private static EventId[] Ids(EventLog log) => [.. log.All().Events.Select(e => e.Id).Order()];

    private static void Pull(EventLog to, EventLog from)
    {
        (System.Collections.Immutable.ImmutableArray<ReadOnlyMemory<byte>> events, _) = EventExchange.Beyond(from, to.Positions);
        EventExchange.Take(to, events);
    }

    private static NodeEvent Note(EventLog log) => log.Note(new EventNote(EventKind.NodeReady, "ready"));

    private static EventLog[] Logs(int count) => [.. Enumerable.Range(1, count).Select(i => new EventLog($"n{i}", () => Now, NullLogger.Instance, 1000))];
}
