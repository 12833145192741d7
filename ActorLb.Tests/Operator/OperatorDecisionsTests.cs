using ActorLb.Tests.Cluster;
using System.Runtime.Serialization;
using ActorLb.Node.Operator;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Operator;

public sealed class OperatorDecisionsTests : ActorTest
{
    private static readonly DateTimeOffset At = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<OperatorDecisions> Any = Gen.Select(
            Gen.Int[0, 3],
            Gen.Enum<OperatorState>(),
            Gen.Bool,
            Gen.Int[1, 4],
            Gen.Int[1, 3],
            Gen.Int[0, 5],
            (backend, state, deadline, version, node, parts) => new OperatorDecision(
                new BackendName("web", $"web-{backend}"), state, deadline ? At.AddSeconds(version) : null, version, $"node-{node}")
            {
                DrainsSince = parts > 3 ? At.AddSeconds(parts) : null,
                Moves = parts % 3 is 0 ? null : new SessionMoves(At.AddSeconds(parts), TimeSpan.FromMilliseconds(parts * 7), parts % 3 == 1 ? null : parts),
            })
        .Array[0, 8]
        .Select(decisions => OperatorDecisions.Of(decisions));

    private OperatorSerializer Serializer => new((ExtendedActorSystem)Sys);

    [Fact]
    public void Order_of_arrival_does_not_matter() =>
        Gen.Select(Any, Any, Any).Sample((a, b, c) =>
        {
            Assert.Equal(a, a.Merge(a));
            Assert.Equal(a.Merge(b), b.Merge(a));
            Assert.Equal(a.Merge(b).Merge(c), a.Merge(b.Merge(c)));
            Assert.Equal(a.Merge(b).GetHashCode(), b.Merge(a).GetHashCode());
        });

    [Fact]
    public void The_later_version_wins_and_with_equal_ones_the_higher_node()
    {
        OperatorDecision drain = Decision(OperatorState.Draining, version: 1, "node-2");
        OperatorDecision ready = Decision(OperatorState.Ready, version: 2, "node-1");
        OperatorDecision maintenance = Decision(OperatorState.Maintenance, version: 2, "node-3");
        Assert.Equal(ready, OperatorDecisions.Of([ready, drain]).ByBackend[drain.Backend]);
        Assert.Equal(maintenance, OperatorDecisions.Of([ready, maintenance, drain]).ByBackend[drain.Backend]);
    }

    [Fact]
    public void The_same_decisions_are_the_same_bytes_whatever_their_history() =>
        Gen.Select(Any, Any).Sample((a, b) =>
        {
            byte[] bytes = Serializer.ToBinary(a.Merge(b));
            Assert.Equal(bytes, Serializer.ToBinary(b.Merge(a)));
            Assert.Equal(a.Merge(b), Serializer.FromBinary(bytes, "OD"));
        });

    [Fact]
    public void Decisions_keep_their_bytes()
    {
        OperatorDecisions decisions = OperatorDecisions.Of(
        [
            new(new("web", "b"), OperatorState.Maintenance, null, 300, "n2"),
            new(new("web", "a"), OperatorState.Draining, At, 1, "n1"),
        ]);
        const string Golden =
            "02"
            + "03776562" + "0161" + "01" + "01" + "026E31" + "01" + "000001B8DAC5B400"
            + "03776562" + "0162" + "02" + "AC02" + "026E32" + "00";
        Assert.Equal(8104, Serializer.Identifier);
        Assert.Equal("OD", Serializer.Manifest(decisions));
        Assert.Equal(Golden, Convert.ToHexString(Serializer.ToBinary(decisions)));
        Assert.Equal(decisions, Serializer.FromBinary(Convert.FromHexString(Golden), "OD"));
    }

    [Fact]
    public void Drains_that_move_sessions_keep_their_bytes()
    {
        OperatorDecisions decisions = OperatorDecisions.Of(
        [
            new(new("web", "a"), OperatorState.Draining, At, 1, "n1") { DrainsSince = At, Moves = new SessionMoves(At, TimeSpan.FromSeconds(5), 200) },
            new(new("web", "b"), OperatorState.Draining, null, 2, "n1") { Moves = new SessionMoves(At, TimeSpan.Zero, null) },
        ]);
        const string Time = "000001B8DAC5B400";
        const string Golden =
            "02"
            + "03776562" + "0161" + "01" + "01" + "026E31" + "07" + Time + Time + "8827" + "C801" + Time
            + "03776562" + "0162" + "01" + "02" + "026E31" + "02" + Time + "00" + "00";
        Assert.Equal(Golden, Convert.ToHexString(Serializer.ToBinary(decisions)));
        Assert.Equal(decisions, Serializer.FromBinary(Convert.FromHexString(Golden), "OD"));
    }

    [Fact]
    public void What_is_known_to_be_gone_stands_behind_all_that_an_earlier_version_reads()
    {
        OperatorDecisions decisions = OperatorDecisions.Of([new(new("web", "a"), OperatorState.Ready, null, 1, "n1") { GoneSince = At }]).Cut(At);
        const string Decided = "01" + "03776562" + "0161" + "00" + "01" + "026E31" + "00";
        const string Gone = "000001B8DAC5B400" + "01" + "03776562" + "0161" + "000001B8DAC5B400";
        Assert.Equal(Decided + Gone, Convert.ToHexString(Serializer.ToBinary(decisions)));
        Assert.Equal(decisions, Serializer.FromBinary(Convert.FromHexString(Decided + Gone), "OD"));
        Assert.Equal(
            OperatorDecisions.Of([new(new("web", "a"), OperatorState.Ready, null, 1, "n1")]), Serializer.FromBinary(Convert.FromHexString(Decided), "OD"));
        for (int length = (Decided.Length / 2) + 1; length < (Decided.Length + Gone.Length) / 2; length++)
        {
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(Convert.FromHexString(Decided + Gone)[..length], "OD"));
        }
    }

    [Theory]
    [InlineData("08", "parts that nobody knows")]
    [InlineData("02" + "000001B8DAC5B400" + "80B88AF06F" + "00", "longer than any pool takes")]
    [InlineData("02" + "000001B8DAC5B400" + "FFFFFFFFFFFFFFFFFF01" + "00", "longer than a time can be")]
    [InlineData("02" + "000001B8DAC5B400" + "00" + "C1843D", "more a second than the most")]
    [InlineData("02" + "0000E677D21FDBFF" + "00" + "00", "in the last year of all")]
    [InlineData("02" + "7FFFFFFFFFFFFFFF" + "00" + "00", "at no time")]
    public void What_no_node_decides_is_refused(string parts, string why)
    {
        byte[] bytes = Convert.FromHexString("01" + "03776562" + "0161" + "01" + "01" + "026E31" + parts);
        Assert.True(Record.Exception(() => Serializer.FromBinary(bytes, "OD")) is SerializationException, why);
    }

    [Fact]
    public void Garbage_is_refused_or_read_and_no_more() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        Exception? refused = Record.Exception(() => Serializer.FromBinary(bytes, "OD"));
        Assert.True(refused is null or SerializationException, refused?.ToString());
    });

    [Fact]
    public void The_key_keeps_its_bytes()
    {
        const string Golden = "12" + "6F70657261746F722D6465636973696F6E73";
        Assert.Equal("OK", Serializer.Manifest(OperatorDecisions.Key));
        Assert.Equal(Golden, Convert.ToHexString(Serializer.ToBinary(OperatorDecisions.Key)));
        Assert.Equal(OperatorDecisions.Key, Serializer.FromBinary(Convert.FromHexString(Golden), "OK"));
    }

    [Fact]
    public void Who_asks_and_answers_for_what_is_on_disk_keeps_the_bytes()
    {
        var question = new AskKept(new BackendName("web", "a"), 300);
        const string Question = "03776562" + "0161" + "AC02";
        Assert.Equal("OA", Serializer.Manifest(question));
        Assert.Equal(Question, Convert.ToHexString(Serializer.ToBinary(question)));
        Assert.Equal(question, Serializer.FromBinary(Convert.FromHexString(Question), "OA"));

        var answer = new DecisionKept("n1", IsKnown: true, IsOnDisk: false, IsInForce: false);
        const string Answer = "026E31" + "01" + "00" + "00";
        Assert.Equal("OS", Serializer.Manifest(answer));
        Assert.Equal(Answer, Convert.ToHexString(Serializer.ToBinary(answer)));
        Assert.Equal(answer, Serializer.FromBinary(Convert.FromHexString(Answer), "OS"));

        // The first version had no word for what is in force.
        const string Older = "026E31" + "01" + "00";
        Assert.Equal(answer with { IsInForce = true }, Serializer.FromBinary(Convert.FromHexString(Older), "OS"));
    }

    [Fact]
    public void Cut_bytes_and_unknown_states_are_refused()
    {
        byte[] bytes = Serializer.ToBinary(OperatorDecisions.Of([Decision(OperatorState.Draining, 1, "n1")]));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes[..length], "OD"));
        }

        bytes[7] = 3;
        Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes, "OD"));
    }

    private static OperatorDecision Decision(OperatorState state, long version, string node) =>
        new(new BackendName("web", "a"), state, null, version, node);
}
