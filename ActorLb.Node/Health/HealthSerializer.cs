using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Health;

/// <summary>Verdicts, requests to probe, what is open at backends, and which of them a node knows, between nodes.</summary>
internal sealed class HealthSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Health, Table)
{
    private const byte Healthy = 1;
    private const byte Passed = 2;

    /// <summary>The fewest bytes of a verdict: three lengths, flags and a time.</summary>
    private const int VerdictBytesMin = 12;

    /// <summary>Two lengths and two counts.</summary>
    private const int OpenBytesMin = 4;

    /// <summary>Three lengths and a flag.</summary>
    private const int KnownBytesMin = 4;

    private const ulong CountMax = 1_000_000;

    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<VerdictsReported>("VR", WriteReport, ReadReport),
        WireMessage.Of<ProbeBackend>("PB", WriteRequest, ReadRequest),
        WireMessage.Of<TrafficReported>("TR", WriteTraffic, ReadTraffic),
        WireMessage.Of<BackendsKnown>("BK", WriteKnown, ReadKnown),
    ];

    // The flag came later: nodes that do not know it ignore it, and theirs are read without it.
    private static void WriteRequest(WireWriter writer, ProbeBackend request)
    {
        WriteName(writer, request.Backend);
        if (request.ConnectsFailed)
        {
            writer.Byte(1);
        }
    }

    private static ProbeBackend ReadRequest(ref WireReader reader) =>
        new(ReadName(ref reader)) { ConnectsFailed = reader.Left > 0 && reader.Bool() };

    private static void WriteReport(WireWriter writer, VerdictsReported report)
    {
        writer.Text(report.Node);
        writer.Varint((ulong)report.Verdicts.Length);
        foreach (Verdict verdict in report.Verdicts)
        {
            WriteName(writer, verdict.Backend);
            writer.Byte((byte)((verdict.Healthy ? Healthy : 0) | (verdict.Passed ? Passed : 0)));
            writer.Text(verdict.Detail);
            writer.Time(verdict.At);
        }
    }

    // The observer of every verdict in a report is its sender: its name is written once.
    private static VerdictsReported ReadReport(ref WireReader reader)
    {
        string node = reader.Text();
        var verdicts = ImmutableArray.CreateBuilder<Verdict>(reader.Count(VerdictBytesMin));
        for (int left = verdicts.Capacity; left > 0; left--)
        {
            BackendName backend = ReadName(ref reader);
            byte flags = reader.Byte();
            verdicts.Add(new Verdict(backend, node, (flags & Healthy) != 0, reader.Text(), reader.Time())
            {
                Passed = (flags & Passed) != 0,
            });
        }

        return new VerdictsReported(node, verdicts.MoveToImmutable());
    }

    private static void WriteTraffic(WireWriter writer, TrafficReported report)
    {
        writer.Text(report.Node);
        writer.Varint((ulong)report.Open.Length);
        foreach (OpenAtBackend open in report.Open)
        {
            WriteName(writer, open.Backend);
            writer.Varint((ulong)Math.Max(0, open.InFlight));
            writer.Varint((ulong)Math.Max(0, open.Tunnels));
        }

        // It came later, as the flag of a request for a probe did.
        if (report.Configuration is { } configuration)
        {
            writer.UInt32(configuration);
            writer.Varint((ulong)report.Drains.Length);
            foreach (DrainAtNode drain in report.Drains)
            {
                WriteName(writer, drain.Backend);
                writer.Varint((ulong)drain.Version);
                writer.Varint((ulong)Math.Max(0, drain.Sessions));
            }
        }
    }

    private static TrafficReported ReadTraffic(ref WireReader reader)
    {
        string node = reader.Text();
        var open = ImmutableArray.CreateBuilder<OpenAtBackend>(reader.Count(OpenBytesMin));
        for (int left = open.Capacity; left > 0; left--)
        {
            open.Add(new OpenAtBackend(ReadName(ref reader), ReadCount(ref reader), ReadCount(ref reader)));
        }

        return new TrafficReported(node, open.MoveToImmutable())
        {
            Configuration = reader.Left > 0 ? reader.UInt32() : null,
            Drains = reader.Left > 0 ? ReadDrains(ref reader) : [],
        };
    }

    private static ImmutableArray<DrainAtNode> ReadDrains(ref WireReader reader)
    {
        var drains = ImmutableArray.CreateBuilder<DrainAtNode>(reader.Count(OpenBytesMin));
        for (int left = drains.Capacity; left > 0; left--)
        {
            drains.Add(new DrainAtNode(
                ReadName(ref reader), (long)Math.Min(reader.Varint(), long.MaxValue), (int)Math.Min(reader.Varint(), SessionPlaces.Max)));
        }

        return drains.MoveToImmutable();
    }

    private static void WriteKnown(WireWriter writer, BackendsKnown known)
    {
        writer.Text(known.Node);
        writer.Varint((ulong)known.Backends.Length);
        foreach (KnownBackend backend in known.Backends)
        {
            WriteName(writer, backend.Backend);
            writer.Text(backend.Address.GetLeftPart(UriPartial.Authority));
            writer.Bool(backend.LeftAt is not null);
            if (backend.LeftAt is { } left)
            {
                writer.Time(left);
            }
        }
    }

    private static BackendsKnown ReadKnown(ref WireReader reader)
    {
        string node = reader.Text();
        var known = ImmutableArray.CreateBuilder<KnownBackend>(reader.Count(KnownBytesMin));
        for (int left = known.Capacity; left > 0; left--)
        {
            BackendName name = ReadName(ref reader);
            string text = reader.Text();
            if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address)
                || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
                || address.UserInfo.Length > 0
                || address.GetLeftPart(UriPartial.Authority) != address.OriginalString.TrimEnd('/'))
            {
                throw new SerializationException($"'{text}' is no address of a backend");
            }

            known.Add(new KnownBackend(name, address, reader.Bool() ? reader.Time() : null));
        }

        return new BackendsKnown(node, known.MoveToImmutable());
    }

    // No node has more connections than this, and sums of them stay sums.
    private static int ReadCount(ref WireReader reader) => (int)Math.Min(reader.Varint(), CountMax);

    private static void WriteName(WireWriter writer, BackendName name)
    {
        writer.Text(name.Pool);
        writer.Text(name.Id);
    }

    private static BackendName ReadName(ref WireReader reader)
    {
        string pool = reader.Text();
        return new BackendName(pool, reader.Text());
    }
}
