using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Engine.Certificates;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using Akka.Actor;

namespace ActorLb.Node.Dashboard;

/// <summary>What nodes tell each other for those who look at the dashboard.</summary>
internal sealed class FiguresSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Figures, Table)
{
    private const int SeenBytesMin = 3;
    private const int StrainedBytesMin = 14;
    private const int ReadingBytesMin = 8;
    private const int ListenerBytesMin = 2;
    private const int CertificateBytesMin = 18;
    private const int ReasonsBytesMin = 2;
    private const int ReasonBytesMin = 2;
    private const int FailureBytesMin = 11;

    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<AskFigures>("QF", (_, _) => { }, (ref _) => AskFigures.Instance),
        WireMessage.Of<FiguresAtNode>("NF", Write, ReadFigures),
        WireMessage.Of<AskSlots>(
            "QL",
            (w, m) =>
            {
                Write(w, m.Subject);
                w.Varint((ulong)m.Seconds);
                w.Int64(m.Last);
                w.Varint((ulong)m.Count);
            },
            (ref r) => new AskSlots(
                ReadSubject(ref r), (int)Math.Clamp(r.Varint(), 1, FigureSeries.CoarseSeconds), r.Int64(), (int)Math.Min(r.Varint(), AskSlots.CountMax))),
        WireMessage.Of<SlotsAtNode>("NL", Write, ReadSlots),
        WireMessage.Of<AskFailures>(
            "QE",
            (w, m) =>
            {
                w.Text(m.Backend.Pool);
                w.Text(m.Backend.Id);
            },
            (ref r) => new AskFailures(new BackendName(r.Text(), r.Text()))),
        WireMessage.Of<FailuresAtNode>("NE", Write, ReadFailures),
        WireMessage.Of<DashboardSessionEnded>(
            "ED",
            (w, m) =>
            {
                w.Bytes(Convert.FromHexString(m.Id));
                w.Time(m.Ends);
            },
            ReadEnded),
    ];

    private static void Write(WireWriter w, FiguresAtNode m)
    {
        w.Text(m.Node);
        w.Text(m.Version);
        w.Text(m.Admin);
        w.Time(m.StartedAt);
        w.Varint((ulong)m.ProcessorPermille);
        w.Varint((ulong)m.MemoryBytes);
        w.Varint((ulong)m.Clients);
        w.Varint((ulong)m.Sees.Length);
        foreach (SeenMember seen in m.Sees)
        {
            w.Text(seen.Node);
            w.Text(seen.Status);
            w.Bool(seen.Reachable);
        }

        w.Varint((ulong)m.Strained.Length);
        foreach (StrainedBackend strained in m.Strained)
        {
            w.Text(strained.Backend.Pool);
            w.Text(strained.Backend.Id);
            w.Varint((ulong)strained.Waiting);
            w.Varint((ulong)strained.Held);
            w.Text(strained.Circuit);
            w.Bool(strained.Ejects);
            w.Time(strained.Since);
        }

        w.Varint((ulong)m.Figures.Length);
        foreach (FigureReading reading in m.Figures)
        {
            Write(w, reading);
        }

        w.Varint((ulong)m.Listeners.Length);
        foreach (OpenListener listener in m.Listeners)
        {
            w.Text(listener.Name);
            w.Varint((ulong)listener.Open);
        }

        w.Varint((ulong)m.Certificates.Length);
        foreach (CertificateInUse certificate in m.Certificates)
        {
            w.Text(certificate.Key);
            w.Text(certificate.Description);
            w.Time(certificate.Begins);
            w.Time(certificate.Expires);
        }

        WriteReasons(w, m.Figures);
        NodeStandingWire.Write(w, m.Standing);
        foreach (CertificateInUse certificate in m.Certificates)
        {
            w.Text(certificate.Fingerprint);
        }
    }

    private static void Write(WireWriter w, FigureReading reading)
    {
        Write(w, reading.Subject);
        w.Varint((ulong)reading.Requests);
        w.Varint((ulong)reading.Failures);
        w.Varint((ulong)reading.RecentRequests);
        w.Varint((ulong)reading.RecentFailures);

        // Most buckets in front of the first answer are empty.
        int first = Math.Max(0, reading.Latencies.AsSpan().IndexOfAnyExcept(0L));
        w.Varint((ulong)first);
        w.Varint((ulong)(reading.Latencies.Length - first));
        foreach (long count in reading.Latencies.AsSpan()[first..])
        {
            w.Varint((ulong)count);
        }
    }

    // By the places of the figures that have any: few fail.
    private static void WriteReasons(WireWriter w, ImmutableArray<FigureReading> figures)
    {
        w.Varint((ulong)figures.Count(f => f.Reasons.Length > 0));
        for (int i = 0; i < figures.Length; i++)
        {
            if (figures[i].Reasons is { Length: > 0 } reasons)
            {
                w.Varint((ulong)i);
                w.Varint((ulong)reasons.Length);
                foreach (FailureCount reason in reasons)
                {
                    w.Text(reason.Reason);
                    w.Varint((ulong)reason.Count);
                }
            }
        }
    }

    private static void Write(WireWriter w, FigureSubject subject)
    {
        w.Byte((byte)subject.Kind);
        w.Text(subject.Name);
        w.Text(subject.Id);
    }

    private static void Write(WireWriter w, SlotsAtNode m)
    {
        w.Text(m.Node);
        w.Varint((ulong)m.Slots.Length);
        foreach (Figure slot in m.Slots)
        {
            w.Varint(slot.Requests);
            w.Varint(slot.Failures);
            foreach (Half latency in (ReadOnlySpan<Half>)[slot.P50, slot.P95, slot.P99])
            {
                ushort bits = BitConverter.HalfToUInt16Bits(latency);
                w.Byte((byte)(bits >> 8));
                w.Byte((byte)bits);
            }
        }

        if (m.Since is { } since)
        {
            w.Time(since);
        }
    }

    private static void Write(WireWriter w, FailuresAtNode m)
    {
        w.Text(m.Node);
        w.Varint((ulong)m.Last.Length);
        foreach (FailureNote note in m.Last)
        {
            w.Time(note.At);
            w.Text(note.RequestId);
            w.Text(note.Reason);
            w.Varint((ulong)note.Status);
        }
    }

    private static FailuresAtNode ReadFailures(ref WireReader r)
    {
        string node = r.Text();
        var last = ImmutableArray.CreateBuilder<FailureNote>(r.Count(FailureBytesMin));
        while (last.Count < last.Capacity)
        {
            last.Add(new FailureNote(r.Time(), r.Text(), r.Text(), (int)Math.Min(r.Varint(), 999)));
        }

        return new FailuresAtNode(node, last.MoveToImmutable());
    }

    private static FiguresAtNode ReadFigures(ref WireReader r)
    {
        (string node, string version, string admin, DateTimeOffset started) = (r.Text(), r.Text(), r.Text(), r.Time());
        (int processor, long memory, int clients) = ((int)Math.Min(r.Varint(), int.MaxValue), (long)Math.Min(r.Varint(), long.MaxValue), (int)Math.Min(r.Varint(), int.MaxValue));
        var sees = ImmutableArray.CreateBuilder<SeenMember>(r.Count(SeenBytesMin));
        while (sees.Count < sees.Capacity)
        {
            sees.Add(new SeenMember(r.Text(), r.Text(), r.Bool()));
        }

        var strained = ImmutableArray.CreateBuilder<StrainedBackend>(r.Count(StrainedBytesMin));
        while (strained.Count < strained.Capacity)
        {
            strained.Add(new StrainedBackend(
                new BackendName(r.Text(), r.Text()), (int)Math.Min(r.Varint(), int.MaxValue), (int)Math.Min(r.Varint(), int.MaxValue), r.Text(), r.Bool(), r.Time()));
        }

        var figures = ImmutableArray.CreateBuilder<FigureReading>(r.Count(ReadingBytesMin));
        while (figures.Count < figures.Capacity)
        {
            figures.Add(ReadReading(ref r));
        }

        var listeners = ImmutableArray.CreateBuilder<OpenListener>(r.Count(ListenerBytesMin));
        while (listeners.Count < listeners.Capacity)
        {
            listeners.Add(new OpenListener(r.Text(), (int)Math.Min(r.Varint(), int.MaxValue)));
        }

        // Older versions end here.
        int told = r.Left > 0 ? r.Count(CertificateBytesMin) : 0;
        if (told > OwnFigures.CertificatesMax)
        {
            throw new SerializationException($"{told} certificates are more than {OwnFigures.CertificatesMax}");
        }

        var certificates = ImmutableArray.CreateBuilder<CertificateInUse>(told);
        while (certificates.Count < certificates.Capacity)
        {
            (string key, string description, DateTimeOffset begins, DateTimeOffset expires) = (r.Text(), r.Text(), r.Time(), r.Time());
            certificates.Add(new CertificateInUse(key, "", description, expires) { Begins = begins });
        }

        // And some end here.
        ReadReasons(ref r, figures);

        // And others here.
        NodeStanding standing = r.Left > 0 ? NodeStandingWire.Read(ref r) : NodeStanding.Well;

        // And those that do not know certificates apart here.
        for (int i = 0; i < certificates.Count && r.Left > 0; i++)
        {
            certificates[i] = certificates[i] with { Fingerprint = r.Text() };
        }

        return new FiguresAtNode(node, version, admin, started, processor, memory, clients, sees.MoveToImmutable(), strained.MoveToImmutable(), figures.MoveToImmutable())
        {
            Listeners = listeners.MoveToImmutable(),
            Certificates = certificates.MoveToImmutable(),
            Standing = standing,
        };
    }

    private static FigureReading ReadReading(ref WireReader r)
    {
        FigureSubject subject = ReadSubject(ref r);
        (long requests, long failures, long recent, long recentFailures) = (Count(ref r), Count(ref r), Count(ref r), Count(ref r));
        ulong first = r.Varint();
        int length = r.Count(1);
        if (first > LatencyBounds.Count || length > LatencyBounds.Count - (int)first)
        {
            throw new SerializationException($"{first} and {length} are more than {LatencyBounds.Count} buckets");
        }

        long[] latencies = new long[length == 0 ? 0 : (int)first + length];
        for (int i = (int)first; i < latencies.Length; i++)
        {
            latencies[i] = Count(ref r);
        }

        return new FigureReading(subject, requests, failures, recent, recentFailures, [.. latencies]);
    }

    private static void ReadReasons(ref WireReader r, ImmutableArray<FigureReading>.Builder figures)
    {
        for (int left = r.Left > 0 ? r.Count(ReasonsBytesMin) : 0; left > 0; left--)
        {
            ulong place = r.Varint();
            if (place >= (ulong)figures.Count)
            {
                throw new SerializationException($"there is no figure {place} of {figures.Count}");
            }

            var reasons = ImmutableArray.CreateBuilder<FailureCount>(r.Count(ReasonBytesMin));
            while (reasons.Count < reasons.Capacity)
            {
                reasons.Add(new FailureCount(r.Text(), Count(ref r)));
            }

            figures[(int)place] = figures[(int)place] with { Reasons = reasons.MoveToImmutable() };
        }
    }

    private static SlotsAtNode ReadSlots(ref WireReader r)
    {
        string node = r.Text();
        int count = r.Count(8);
        if (count > AskSlots.CountMax)
        {
            throw new SerializationException($"{count} slots are more than a day");
        }

        var slots = ImmutableArray.CreateBuilder<Figure>(count);
        while (slots.Count < count)
        {
            slots.Add(new Figure((uint)Count(ref r), (uint)Count(ref r), ReadHalf(ref r), ReadHalf(ref r), ReadHalf(ref r)));
        }

        // Older versions end here.
        return new SlotsAtNode(node, slots.MoveToImmutable(), r.Left > 0 ? r.Time() : null);
    }

    private static DashboardSessionEnded ReadEnded(ref WireReader r)
    {
        ReadOnlySpan<byte> id = r.Bytes();
        return id.Length == DashboardSessions.IdBytes ? new DashboardSessionEnded(Convert.ToHexStringLower(id), r.Time()) : throw new SerializationException($"{id.Length} bytes are no session's id");
    }

    private static FigureSubject ReadSubject(ref WireReader r) => new((SubjectKind)r.Byte(), r.Text(), r.Text());

    private static Half ReadHalf(ref WireReader r) => BitConverter.UInt16BitsToHalf((ushort)((r.Byte() << 8) | r.Byte()));

    // A sum over many nodes does not overflow.
    private static long Count(ref WireReader r) => (long)Math.Min(r.Varint(), uint.MaxValue);
}
