using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Topologies;
using ActorLb.Node.Wire;
using Akka.Actor;

namespace ActorLb.Node.Revisions;

/// <summary>Revisions, between nodes and on disk.</summary>
internal sealed class RevisionSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Revisions, Table)
{
    /// <summary>Number, time and a length.</summary>
    private const int IdBytesMin = 10;

    /// <summary>An id, a length, the switch for a text, the fingerprint and another length.</summary>
    private const int RevisionBytesMin = IdBytesMin + 7;

    private const int MistakesMax = 200;
    private const int MistakeTextMax = 2000;
    private const int NodesMax = 1000;

    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<TryRevision>(
            "RT",
            (w, m) =>
            {
                w.Text(m.Coordinator);
                WriteText(w, m.Text);
            },
            (ref r) => new TryRevision(Word(ref r), ReadText(ref r))),
        WireMessage.Of<RevisionTried>("RP", WriteTried, ReadTried),
        WireMessage.Of<KeepRevision>("RK", (w, m) => Write(w, m.Prepared), (ref r) => new KeepRevision(ReadPrepared(ref r))),
        WireMessage.Of<RevisionKept>(
            "RD",
            (w, m) =>
            {
                w.Text(m.Node);
                w.Bool(m.IsOnDisk);
                w.Text(m.Busy);
            },
            (ref r) => new RevisionKept(Word(ref r), r.Bool(), Word(ref r))),
        WireMessage.Of<CommitRevision>("RC", (w, m) => Write(w, m.Revision), (ref r) => new CommitRevision(ReadRevision(ref r))),
        WireMessage.Of<RevisionTaken>(
            "RI",
            (w, m) =>
            {
                w.Text(m.Node);
                w.Bool(m.IsOnDisk);
                w.Text(Cut(m.Problem));
                w.UInt32(m.Fingerprint);
            },
            (ref r) => new RevisionTaken(Word(ref r), r.Bool(), r.Text(), r.UInt32())),
        WireMessage.Of<AskTurn>("RU", (w, m) => Write(w, m.Request), (ref r) => new AskTurn(ReadTurn(ref r))),
        WireMessage.Of<EndTurn>("RE", (w, m) => Write(w, m.Request), (ref r) => new EndTurn(ReadTurn(ref r))),
        WireMessage.Of<TurnStands>(
            "RH",
            (w, m) =>
            {
                Write(w, m.Request);
                w.Text(m.Holder);
            },
            (ref r) => new TurnStands(ReadTurn(ref r), Word(ref r))),
        WireMessage.Of<DropRevision>("RX", (w, m) => Write(w, m.Id), (ref r) => new DropRevision(ReadId(ref r))),
        WireMessage.Of<AskStanding>("RA", (w, m) => Write(w, m.Id), (ref r) => new AskStanding(ReadId(ref r))),
        WireMessage.Of<RevisionStands>(
            "RS",
            (w, m) =>
            {
                w.Text(m.Node);
                Write(w, m.Id);
                w.Byte((byte)m.Standing);
            },
            (ref r) => new RevisionStands(Word(ref r), ReadId(ref r), ReadStanding(ref r))),
        WireMessage.Of<RevisionsKnown>(
            "RN",
            (w, m) =>
            {
                w.Text(m.Node);
                Write(w, m.Ids);
            },
            (ref r) => new RevisionsKnown(Word(ref r), ReadIds(ref r))),
        WireMessage.Of<AskRevisions>("RQ", (w, m) => Write(w, m.Ids), (ref r) => new AskRevisions(ReadIds(ref r))),
        WireMessage.Of<RevisionTold>("RR", (w, m) => Write(w, m.Revision), (ref r) => new RevisionTold(ReadRevision(ref r))),
    ];

    internal static byte[] ToBytes(RevisionHistory history)
    {
        var writer = new WireWriter();
        writer.Varint((ulong)history.All.Length);
        foreach (Revision revision in history.All)
        {
            Write(writer, revision);
        }

        return writer.ToArray();
    }

    /// <exception cref="SerializationException">No such history.</exception>
    internal static RevisionHistory HistoryOf(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var all = ImmutableArray.CreateBuilder<Revision>();
        for (int left = Bounded(reader.Count(RevisionBytesMin), RevisionHistory.LengthMax); left > 0; left--)
        {
            all.Add(ReadRevision(ref reader));
        }

        return RevisionHistory.Of(all);
    }

    /// <param name="prepared">Null: none is.</param>
    internal static byte[] ToBytes(PreparedRevision? prepared)
    {
        var writer = new WireWriter();
        writer.Bool(prepared is not null);
        if (prepared is not null)
        {
            Write(writer, prepared);
        }

        return writer.ToArray();
    }

    /// <exception cref="SerializationException">No such revision.</exception>
    internal static PreparedRevision? PreparedOf(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return reader.Bool() ? ReadPrepared(ref reader) : null;
    }

    private static void Write(WireWriter writer, RevisionId id)
    {
        writer.Varint((ulong)id.Number);
        writer.Time(id.At);
        writer.Text(id.Node);
    }

    private static RevisionId ReadId(ref WireReader reader)
    {
        ulong number = reader.Varint();
        return number is 0 or > int.MaxValue
            ? throw new SerializationException($"{number} is no number of a revision")
            : new RevisionId((long)number, reader.Time(), Word(ref reader));
    }

    private static void Write(WireWriter writer, TurnRequest turn)
    {
        writer.Text(turn.Node);
        writer.Varint((ulong)turn.Number);
    }

    private static TurnRequest ReadTurn(ref WireReader reader) => new(Word(ref reader), unchecked((long)reader.Varint()));

    private static void Write(WireWriter writer, ImmutableArray<RevisionId> ids)
    {
        writer.Varint((ulong)ids.Length);
        foreach (RevisionId id in ids)
        {
            Write(writer, id);
        }
    }

    private static ImmutableArray<RevisionId> ReadIds(ref WireReader reader)
    {
        var ids = ImmutableArray.CreateBuilder<RevisionId>();
        for (int left = Bounded(reader.Count(IdBytesMin), RevisionHistory.LengthMax); left > 0; left--)
        {
            ids.Add(ReadId(ref reader));
        }

        return ids.ToImmutable();
    }

    private static void Write(WireWriter writer, Revision revision)
    {
        Write(writer, revision.Id);
        writer.Text(revision.Who);
        WriteText(writer, revision.Text);
        writer.UInt32(revision.Fingerprint);
        writer.Text(revision.Note);
    }

    private static Revision ReadRevision(ref WireReader reader) =>
        new(ReadId(ref reader), Word(ref reader), ReadText(ref reader), reader.UInt32()) { Note = Word(ref reader) };

    private static void Write(WireWriter writer, PreparedRevision prepared)
    {
        Write(writer, prepared.Revision);
        writer.Varint((ulong)prepared.Electorate.Length);
        foreach (string node in prepared.Electorate)
        {
            writer.Text(node);
        }
    }

    private static PreparedRevision ReadPrepared(ref WireReader reader)
    {
        Revision revision = ReadRevision(ref reader);
        var electorate = ImmutableArray.CreateBuilder<string>();
        for (int left = Bounded(reader.Count(1), NodesMax); left > 0; left--)
        {
            electorate.Add(Word(ref reader));
        }

        return electorate.Count == 0 ? throw new SerializationException("nobody could decide it") : new PreparedRevision(revision, electorate.ToImmutable());
    }

    private static void WriteTried(WireWriter writer, RevisionTried tried)
    {
        writer.Text(tried.Node);
        writer.Text(tried.Busy);
        writer.Varint((ulong)tried.Highest);
        writer.Varint((ulong)Math.Min(tried.Mistakes.Length, MistakesMax));
        foreach (RevisionMistake mistake in tried.Mistakes.Take(MistakesMax))
        {
            writer.Text(mistake.File);
            writer.Varint((ulong)mistake.Line);
            writer.Varint((ulong)mistake.Column);
            writer.Text(Cut(mistake.Key));
            writer.Text(Cut(mistake.Text));
        }
    }

    private static RevisionTried ReadTried(ref WireReader reader)
    {
        string node = Word(ref reader);
        string busy = Word(ref reader);
        ulong highest = reader.Varint();
        var mistakes = ImmutableArray.CreateBuilder<RevisionMistake>();
        for (int left = Bounded(reader.Count(5), MistakesMax); left > 0; left--)
        {
            mistakes.Add(new RevisionMistake(
                node, reader.Text(), (int)Math.Min(reader.Varint(), int.MaxValue), (int)Math.Min(reader.Varint(), int.MaxValue), reader.Text(), reader.Text()));
        }

        return highest > int.MaxValue
            ? throw new SerializationException($"{highest} is no number of a revision")
            : new RevisionTried(node, busy, (long)highest, mistakes.ToImmutable());
    }

    private static RevisionStanding ReadStanding(ref WireReader reader) =>
        (RevisionStanding)reader.Byte() is var standing && Enum.IsDefined(standing) ? standing : throw new SerializationException($"there is no {standing}");

    private static void WriteText(WireWriter writer, string? text)
    {
        writer.Bool(text is not null);
        if (text is not null)
        {
            writer.Text(text);
        }
    }

    private static string? ReadText(ref WireReader reader)
    {
        string? text = reader.Bool() ? reader.Text() : null;
        return text?.Length > Revision.TextMax ? throw new SerializationException($"a text of {text.Length} characters") : text;
    }

    private static string Word(ref WireReader reader) =>
        reader.Text() is { Length: <= Revision.WordMax } word ? word : throw new SerializationException("a word that is too long");

    private static int Bounded(int count, int most) => count <= most ? count : throw new SerializationException($"{count} where {most} is the most");

    private static string Cut(string text) => text.Length <= MistakeTextMax ? text : text[..MistakeTextMax] + "…";
}
