using System.Collections.Immutable;
using ActorLb.Node.Wire;

namespace ActorLb.Node.Dashboard;

/// <summary>How a <see cref="NodeStanding"/> is written: an optional part is there once or not at all. What comes behind it in later versions is passed over.</summary>
internal static class NodeStandingWire
{
    public const int TextLengthMax = 1000;

    private const int CertificateBytesMin = 10;

    public static void Write(WireWriter w, NodeStanding m)
    {
        w.Bool(m.Storage is not null);
        if (m.Storage is { } storage)
        {
            w.Text(storage.State);
            w.Text(Cut(storage.Detail));
            w.Time(storage.Since);
        }

        w.Bool(m.Revision is not null);
        if (m.Revision is { } revision)
        {
            w.Varint((ulong)revision.Number);
            w.Text(Cut(revision.Problem));
        }

        w.Time(m.FilesAt);
        Write(w, m.Mistakes);
        Write(w, m.NeedStart);
        w.Varint((ulong)m.Certificates.Length);
        foreach (NodeStanding.CertificateNotUsed certificate in m.Certificates)
        {
            w.Text(Cut(certificate.Key));
            w.Text(Cut(certificate.Problem));
            w.Time(certificate.Since);
        }
    }

    public static NodeStanding Read(ref WireReader r)
    {
        NodeStanding.UnwrittenFile? storage = r.Bool() ? new NodeStanding.UnwrittenFile(r.Text(), r.Text(), r.Time()) : null;
        NodeStanding.RevisionNotRun? revision = r.Bool() ? new NodeStanding.RevisionNotRun((long)Math.Min(r.Varint(), long.MaxValue), r.Text()) : null;
        DateTimeOffset filesAt = r.Time();
        ImmutableArray<string> mistakes = ReadTexts(ref r);
        ImmutableArray<string> needStart = ReadTexts(ref r);
        var certificates = ImmutableArray.CreateBuilder<NodeStanding.CertificateNotUsed>(r.Count(CertificateBytesMin));
        while (certificates.Count < certificates.Capacity)
        {
            certificates.Add(new NodeStanding.CertificateNotUsed(r.Text(), r.Text(), r.Time()));
        }

        return new NodeStanding
        {
            Storage = storage,
            Revision = revision,
            FilesAt = filesAt,
            Mistakes = mistakes,
            NeedStart = needStart,
            Certificates = certificates.MoveToImmutable(),
        };
    }

    // A mistake may name what somebody wrote, and that may be a file: with all of it the figures would not fit in a frame, and the node would be silent.
    private static string Cut(string text) => text.Length <= TextLengthMax ? text : string.Concat(text.AsSpan(0, TextLengthMax), "…");

    private static void Write(WireWriter w, ImmutableArray<string> texts)
    {
        w.Varint((ulong)texts.Length);
        foreach (string text in texts)
        {
            w.Text(Cut(text));
        }
    }

    private static ImmutableArray<string> ReadTexts(ref WireReader r)
    {
        var texts = ImmutableArray.CreateBuilder<string>(r.Count(1));
        while (texts.Count < texts.Capacity)
        {
            texts.Add(r.Text());
        }

        return texts.MoveToImmutable();
    }
}
