using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Topologies;
using ActorLb.Node.Wire;
using Akka.Actor;

namespace ActorLb.Node.Reloads;

/// <summary>Reloads between nodes. What a report lists is bounded: it is for people.</summary>
internal sealed class ReloadSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Reload, Table)
{
    /// <summary>Entries of each list that are told to another node, and characters of each text.</summary>
    public const int EntriesMax = 100;

    /// <inheritdoc cref="EntriesMax"/>
    public const int TextMax = 300;

    private const byte IsImpossible = 1;
    private const byte IsTrial = 2;

    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<ReloadFiles>("RF", WriteFiles, ReadFiles),
        WireMessage.Of<AskParts>(
            "RQ",
            (w, m) =>
            {
                w.Varint((ulong)m.Marks.Length);
                foreach (ulong mark in m.Marks)
                {
                    w.UInt64(mark);
                }
            },
            (ref r) => new AskParts(ReadAll(ref r, 8, PartsTold.MarksMax, static (ref r) => r.UInt64()))),
        WireMessage.Of<PartsTold>("RS", Write, ReadSettings),
        WireMessage.Of<FilesReloaded>("RR", (w, r) => Write(w, r.Report), (ref r) => new FilesReloaded(Read(ref r))),
    ];

    private static void WriteFiles(WireWriter writer, ReloadFiles files)
    {
        writer.Bool(files.IsTrial);

        // Behind all else, where a node of an earlier version does not look.
        if (files.Who is { } who)
        {
            writer.Text(who);
        }
    }

    private static ReloadFiles ReadFiles(ref WireReader reader) =>
        new(reader.Bool()) { Who = reader.Left > 0 && reader.Text() is { Length: > 0 } who ? who : null };

    private static void Write(WireWriter writer, ReloadReport report)
    {
        writer.Text(report.Node);
        writer.Byte((byte)report.Outcome);
        writer.Time(report.At);
        writer.UInt32(report.Before);
        writer.UInt32(report.After);
        writer.Byte((byte)((report.IsImpossible ? IsImpossible : 0) | (report.IsTrial ? IsTrial : 0)));
        Write(writer, report.Changes);
        Write(writer, report.NeedStart);
        writer.Varint((ulong)Math.Min(report.Mistakes.Length, EntriesMax));
        foreach (ReloadMistake mistake in report.Mistakes.Take(EntriesMax))
        {
            writer.Text(Cut(mistake.File));
            writer.Varint((ulong)mistake.Line);
            writer.Varint((ulong)mistake.Column);
            writer.Text(Cut(mistake.Key));
            writer.Text(Cut(mistake.Text));
        }

        writer.Varint((ulong)Math.Min(report.Warnings.Length, EntriesMax));
        foreach (string warning in report.Warnings.Take(EntriesMax))
        {
            writer.Text(Cut(warning));
        }
    }

    private static ReloadReport Read(ref WireReader reader)
    {
        string node = reader.Text();
        var outcome = (ReloadOutcome)reader.Byte();
        if (!Enum.IsDefined(outcome))
        {
            throw new SerializationException($"no outcome of a reload: {outcome}");
        }

        var report = new ReloadReport(node, outcome, reader.Time(), reader.UInt32(), reader.UInt32());
        byte flags = reader.Byte();
        report = report with
        {
            IsImpossible = (flags & IsImpossible) != 0,
            IsTrial = (flags & IsTrial) != 0,
            Changes = ReadDifferences(ref reader),
            NeedStart = ReadDifferences(ref reader),
        };
        var mistakes = ImmutableArray.CreateBuilder<ReloadMistake>(reader.Count(5));
        for (int left = mistakes.Capacity; left > 0; left--)
        {
            string file = reader.Text();
            int line = (int)reader.Varint();
            int column = (int)reader.Varint();
            string key = reader.Text();
            mistakes.Add(new ReloadMistake(file, line, column, key, reader.Text()));
        }

        var warnings = ImmutableArray.CreateBuilder<string>(reader.Count(1));
        for (int left = warnings.Capacity; left > 0; left--)
        {
            warnings.Add(reader.Text());
        }

        return report with { Mistakes = mistakes.ToImmutable(), Warnings = warnings.ToImmutable() };
    }

    private delegate T ItemReader<out T>(ref WireReader reader);

    private static void Write(WireWriter writer, PartsTold told)
    {
        writer.Text(told.Node);
        writer.UInt32(told.Fingerprint);
        writer.Varint((ulong)told.Revision);
        writer.Varint((ulong)told.Parts.Length);
        foreach (SettingTree part in told.Parts)
        {
            writer.Text(part.Key);
            writer.Text(part.Summary);
            writer.Varint((ulong)part.Lines.Length);
            foreach (SettingLine line in part.Lines)
            {
                writer.Text(line.Key);
                writer.Text(line.Text);
                writer.Text(line.Secret);
            }

            writer.Varint((ulong)part.Lists.Length);
            foreach (SettingList list in part.Lists)
            {
                writer.Text(list.Key);
                writer.Bool(list.IsOrder);
                writer.Varint((ulong)list.Items.Length);
                foreach (string item in list.Items)
                {
                    writer.Text(item);
                }
            }
        }

        writer.Varint((ulong)told.Missing.Length);
        foreach (uint key in told.Missing)
        {
            writer.UInt32(key);
        }

        writer.Varint((ulong)told.More);
    }

    private static PartsTold ReadSettings(ref WireReader reader) => new(
        reader.Text(),
        reader.UInt32(),
        (long)Math.Min(reader.Varint(), int.MaxValue),
        ReadAll(ref reader, 4, PartsTold.LinesMax, ReadPart),
        ReadAll(ref reader, 4, PartsTold.LinesMax, static (ref r) => r.UInt32()),
        (int)Math.Min(reader.Varint(), int.MaxValue));

    private static SettingTree ReadPart(ref WireReader reader) => new(
        reader.Text(),
        reader.Text(),
        ReadAll(ref reader, 3, PartsTold.LinesMax, static (ref r) => new SettingLine(r.Text(), r.Text()) { Secret = r.Text() }),
        ReadAll(ref reader, 3, PartsTold.LinesMax, static (ref r) =>
        {
            string key = r.Text();
            bool isOrder = r.Bool();
            return new SettingList(key, ReadAll(ref r, 1, PartsTold.LinesMax, static (ref item) => item.Text()), isOrder);
        }),
        []);

    private static ImmutableArray<T> ReadAll<T>(ref WireReader reader, int bytesMin, int most, ItemReader<T> read)
    {
        int count = reader.Count(bytesMin);
        if (count > most)
        {
            throw new SerializationException($"{count} where {most} is the most");
        }

        var all = ImmutableArray.CreateBuilder<T>(count);
        for (int left = count; left > 0; left--)
        {
            all.Add(read(ref reader));
        }

        return all.MoveToImmutable();
    }

    private static void Write(WireWriter writer, ImmutableArray<SettingDifference> differences)
    {
        writer.Varint((ulong)Math.Min(differences.Length, EntriesMax));
        foreach (SettingDifference difference in differences.Take(EntriesMax))
        {
            writer.Text(Cut(difference.Key));
            Write(writer, difference.Old);
            Write(writer, difference.New);
        }
    }

    private static ImmutableArray<SettingDifference> ReadDifferences(ref WireReader reader)
    {
        var differences = ImmutableArray.CreateBuilder<SettingDifference>(reader.Count(3));
        for (int left = differences.Capacity; left > 0; left--)
        {
            string key = reader.Text();
            string? old = ReadOptional(ref reader);
            differences.Add(new SettingDifference(key, old, ReadOptional(ref reader)));
        }

        return differences.ToImmutable();
    }

    private static void Write(WireWriter writer, string? text)
    {
        writer.Bool(text is not null);
        if (text is not null)
        {
            writer.Text(Cut(text));
        }
    }

    private static string? ReadOptional(ref WireReader reader) => reader.Bool() ? reader.Text() : null;

    private static string Cut(string text) => text.Length <= TextMax ? text : text[..TextMax] + "…";
}
