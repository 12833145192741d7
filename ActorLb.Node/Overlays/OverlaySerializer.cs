using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Node.Configuration.Sections;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Akka.Actor;

namespace ActorLb.Node.Overlays;

/// <summary>Decisions about backends, between nodes and on disk. Sorted: the same decisions are the same bytes on every node.</summary>
internal sealed class OverlaySerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Overlays, Table)
{
    /// <summary>The fewest bytes of a register: its write, three texts, version, time and what it has beside.</summary>
    private const int RegisterBytesMin = 8 + 1 + 1 + 1 + 1 + 1 + 8 + 1;

    private const int KnownBytesMin = 8 + 1;

    /// <summary>What a register has beside, in this order.</summary>
    private const byte HasAddress = 1;
    private const byte HasWeight = 2;
    private const byte HasRemoval = 4;
    private const byte HasDeadline = 8;
    private const byte HasMoves = 16;
    private const byte HasBelow = 32;

    /// <summary>Says something by itself, of an address.</summary>
    private const byte IsBackup = 64;
    private const byte Parts = HasAddress | HasWeight | HasRemoval | HasDeadline | HasMoves | HasBelow | IsBackup;

    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<BackendRegisters>("BR", Write, Read),
        WireMessage.Of<BackendRegistersKey>("BK", (w, k) => w.Text(k.Id), (ref r) => new BackendRegistersKey(r.Text())),
        WireMessage.Of<AskWritten>("BW", (w, a) => Write(w, a.Dot), (ref r) => new AskWritten(ReadDot(ref r))),
        WireMessage.Of<AskAddable>(
            "BQ",
            (w, a) =>
            {
                Write(w, a.Backend);
                w.Text(a.Address.GetLeftPart(UriPartial.Authority));
            },
            (ref r) => new AskAddable(ReadName(ref r), ReadAddress(r.Text()))),
        WireMessage.Of<Addable>(
            "BP",
            (w, a) =>
            {
                w.Text(a.Node);
                w.Text(a.Problem);
                w.Text(a.Why);
            },
            (ref r) => new Addable(r.Text(), r.Text(), r.Text())),
        WireMessage.Of<AskGone>(
            "BA",
            (w, a) =>
            {
                Write(w, a.Backend);
                w.Varint((ulong)a.Version);
            },
            (ref r) => new AskGone(ReadName(ref r), (long)r.Varint())),
        WireMessage.Of<BackendGone>(
            "BG",
            (w, g) =>
            {
                w.Text(g.Node);
                Write(w, g.Backend);
                w.Varint((ulong)g.Version);
                w.Bool(g.IsGone);
            },
            (ref r) => new BackendGone(r.Text(), ReadName(ref r), (long)r.Varint(), r.Bool())),
    ];

    internal static byte[] ToBytes(BackendRegisters registers)
    {
        var writer = new WireWriter();
        Write(writer, registers);
        return writer.ToArray();
    }

    /// <exception cref="SerializationException">No such registers.</exception>
    internal static BackendRegisters OfBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return Read(ref reader);
    }

    private static void Write(WireWriter writer, BackendRegisters registers)
    {
        writer.Varint((ulong)registers.Written.Count);
        foreach ((Dot dot, BackendRegister register) in registers.Written.OrderBy(w => w.Key))
        {
            Write(writer, dot);
            Write(writer, register);
        }

        writer.Varint((ulong)registers.Known.Count);
        foreach ((ulong run, ulong count) in registers.Known.OrderBy(k => k.Key))
        {
            Write(writer, new Dot(run, count));
        }
    }

    private static void Write(WireWriter writer, BackendRegister register)
    {
        Write(writer, register.Backend);
        writer.Varint((ulong)register.Version);
        writer.Text(register.Node);
        writer.Time(register.At);
        writer.Byte((byte)(
            (register.Address is null ? 0 : HasAddress)
            | (register.Weight is null ? 0 : HasWeight)
            | (register.Removal is null ? 0 : HasRemoval)
            | (register.Removal?.Deadline is null ? 0 : HasDeadline)
            | (register.Removal?.Moves is null ? 0 : HasMoves)
            | (register.Below is null ? 0 : HasBelow)
            | (register.IsBackup ? IsBackup : 0)));
        if (register.Address is { } address)
        {
            writer.Text(address.GetLeftPart(UriPartial.Authority));
        }

        if (register.Weight is { } weight)
        {
            writer.Varint((ulong)weight);
        }

        if (register.Removal is { } removal)
        {
            Write(writer, removal);
        }

        if (register.Below is { } below)
        {
            writer.Text(below.Address);
            writer.Varint((ulong)below.Weight);
        }
    }

    private static void Write(WireWriter writer, BackendRemoval removal)
    {
        writer.Time(removal.At);
        writer.Varint((ulong)removal.Version);
        writer.Text(removal.Node);
        if (removal.Deadline is { } deadline)
        {
            writer.Time(deadline);
        }

        if (removal.Moves is { } moves)
        {
            writer.Time(moves.Begins);
        }
    }

    private static void Write(WireWriter writer, Dot dot)
    {
        writer.UInt64(dot.Run);
        writer.Varint(dot.Count);
    }

    private static void Write(WireWriter writer, BackendName backend)
    {
        writer.Text(backend.Pool);
        writer.Text(backend.Id);
    }

    private static BackendRegisters Read(ref WireReader reader)
    {
        var written = new Dictionary<Dot, BackendRegister>();
        for (int left = reader.Count(RegisterBytesMin); left > 0; left--)
        {
            Dot dot = ReadDot(ref reader);
            written[dot] = ReadRegister(ref reader);
        }

        var known = new Dictionary<ulong, ulong>();
        for (int left = reader.Count(KnownBytesMin); left > 0; left--)
        {
            Dot dot = ReadDot(ref reader);
            known[dot.Run] = dot.Count;
        }

        return BackendRegisters.Of(written, known);
    }

    private static BackendRegister ReadRegister(ref WireReader reader)
    {
        BackendName backend = ReadName(ref reader);
        long version = ReadVersion(ref reader);
        string node = reader.Text();
        DateTimeOffset at = reader.Time();
        byte parts = reader.Byte();
        if ((parts & ~Parts) != 0
            || ((parts & (HasDeadline | HasMoves)) != 0 && (parts & HasRemoval) == 0)
            || ((parts & IsBackup) != 0 && (parts & HasAddress) == 0))
        {
            throw new SerializationException($"no decision about a backend: parts {parts}");
        }

        return new BackendRegister(backend, version, node, at)
        {
            Address = (parts & HasAddress) != 0 ? ReadAddress(reader.Text()) : null,
            Weight = (parts & HasWeight) != 0 ? ReadWeight(ref reader) : null,
            IsBackup = (parts & IsBackup) != 0,
            Removal = (parts & HasRemoval) != 0 ? ReadRemoval(ref reader, parts) : null,
            Below = (parts & HasBelow) != 0 ? new WrittenBackend(reader.Text(), ReadWeight(ref reader)) : null,
        };
    }

    private static BackendRemoval ReadRemoval(ref WireReader reader, byte parts)
    {
        DateTimeOffset at = reader.Time();
        long version = ReadVersion(ref reader);
        string node = reader.Text();
        DateTimeOffset? deadline = (parts & HasDeadline) != 0 ? reader.Time() : null;
        DateTimeOffset? begins = (parts & HasMoves) != 0 ? reader.Time() : null;
        return begins > SessionMoves.LatestBegin
            ? throw new SerializationException($"no moves: from {begins}")
            : new BackendRemoval(at, deadline, begins is { } b ? new SessionMoves(b, TimeSpan.Zero, null) : null, version, node);
    }

    private static long ReadVersion(ref WireReader reader) => reader.Varint() is var version && version <= long.MaxValue
        ? (long)version
        : throw new SerializationException($"{version} is no version");

    private static int ReadWeight(ref WireReader reader) => reader.Varint() is var weight && weight is >= 1 and <= BackendReader.WeightMax
        ? (int)weight
        : throw new SerializationException($"{weight} is no weight");

    private static Uri ReadAddress(string text) => BackendReader.ReadServer(text, out Uri? address) is null
        ? address!
        : throw new SerializationException("no address of a backend");

    // What no operator can name is of nobody.
    private static BackendName ReadName(ref WireReader reader)
    {
        var name = new BackendName(reader.Text(), reader.Text());
        return Names.Read(name.Pool, out _) is null && Names.Read(name.Id, out _) is null ? name : throw new SerializationException("no name of a backend");
    }

    private static Dot ReadDot(ref WireReader reader) => new(reader.UInt64(), reader.Varint());
}
