using System.Runtime.Serialization;
using ActorLb.Node.Revisions;
using ActorLb.Node.Wire;
using Akka.Actor;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Revisions;

public sealed class RevisionSerializerTests : IDisposable
{
    private static readonly Revision Given = RevisionHistoryTests.Given(7, "lb2", 1) with { Note = "rollback to 3" };

    private static readonly object[] Messages =
    [
        new TryRevision("lb1", "actorlb { pools {} }"),
        new TryRevision("", null),
        new RevisionTried("lb2", "lb3", 7, [new RevisionMistake("lb2", "a.conf", 3, 5, "actorlb.pools", "a.conf:3:5: actorlb.pools: wrong")]),
        new KeepRevision(new PreparedRevision(Given, ["lb1", "lb2"])),
        new RevisionKept("lb2", true, ""),
        new CommitRevision(Given with { Text = null }),
        new RevisionTaken("lb2", true, "no such file", 0xa521f2fb),
        new AskTurn(new TurnRequest("lb2", 1_700_000_000_000)),
        new EndTurn(new TurnRequest("lb2", 1)),
        new TurnStands(new TurnRequest("lb2", 1), "lb3"),
        new DropRevision(Given.Id),
        new AskStanding(Given.Id),
        new RevisionStands("lb2", Given.Id, RevisionStanding.Deciding),
        new RevisionsKnown("lb1", [Given.Id]),
        new AskRevisions([Given.Id]),
        new RevisionTold(Given),
    ];

    private readonly ActorSystem _system = ActorSystem.Create("wire");
    private readonly WireSerializer _serializer;

    public RevisionSerializerTests() => _serializer = new RevisionSerializer((ExtendedActorSystem)_system);

    public void Dispose() => _system.Dispose();

    [Fact]
    public void Every_message_is_read_as_it_was_written_and_has_its_row()
    {
        Assert.Equal(RevisionSerializer.Table.Select(r => r.Type).ToHashSet(), Messages.Select(m => m.GetType()).ToHashSet());
        foreach (object message in Messages)
        {
            byte[] bytes = _serializer.ToBinary(message);
            object read = _serializer.FromBinary(bytes, _serializer.Manifest(message));
            Assert.Equal(bytes, _serializer.ToBinary(read));
            Assert.IsType(message.GetType(), read);
        }
    }

    [Fact]
    public void Every_cut_and_every_random_message_is_refused_by_name_or_read()
    {
        foreach (object message in Messages)
        {
            byte[] bytes = _serializer.ToBinary(message);
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.Throws<SerializationException>(() => _serializer.FromBinary(bytes[..length], _serializer.Manifest(message)));
            }
        }

        Gen.Select(Gen.Int[0, Messages.Length - 1], Gen.Byte.Array[0, 200]).Sample((index, bytes) =>
        {
            object message = Messages[index];
            try
            {
                _serializer.FromBinary(bytes, _serializer.Manifest(message));
            }
            catch (SerializationException)
            {
                // Refused.
            }
        });
    }

    [Fact]
    public void What_is_on_disk_is_read_again()
    {
        RevisionHistory history = RevisionHistory.Of([Given, RevisionHistoryTests.Given(8, "lb1", text: null)]);
        Assert.Equal(history.All.AsEnumerable(), RevisionSerializer.HistoryOf(RevisionSerializer.ToBytes(history)).All);
        var prepared = new PreparedRevision(Given, ["lb1", "lb2", "lb3"]);
        PreparedRevision read = RevisionSerializer.PreparedOf(RevisionSerializer.ToBytes(prepared))!;
        Assert.Equal((prepared.Revision, 2), (read.Revision, read.Majority));
        Assert.Equal(prepared.Electorate.AsEnumerable(), read.Electorate);
        Assert.Null(RevisionSerializer.PreparedOf(RevisionSerializer.ToBytes((PreparedRevision?)null)));
    }

    [Fact]
    public void Numbers_and_texts_beyond_their_bounds_are_refused()
    {
        Refused(new AskStanding(Given.Id with { Number = 0 }));
        Refused(new AskStanding(Given.Id with { Number = long.MaxValue }));
        Refused(new AskStanding(Given.Id with { Node = new string('n', Revision.WordMax + 1) }));
        Refused(new RevisionTold(Given with { Text = new string('x', Revision.TextMax + 1) }));
        Refused(new KeepRevision(new PreparedRevision(Given, [])));
        Refused(new RevisionStands("lb1", Given.Id, (RevisionStanding)99));
        Refused(new RevisionsKnown("lb1", [.. Enumerable.Repeat(Given.Id, RevisionHistory.LengthMax + 1)]));
    }

    private void Refused(object message) =>
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message)));
}
