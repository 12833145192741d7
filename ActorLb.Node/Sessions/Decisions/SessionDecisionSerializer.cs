using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Sessions.Rates;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Sessions.Decisions;

/// <summary>What nodes tell each other of single sessions, for operators, and of how many came and went.</summary>
internal sealed class SessionDecisionSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.SessionDecisions, Table)
{
    private const int KnownBytesMin = 1 + Binding.Bytes + 1;

    private const int CountsBytesMin = 3;

    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<AskSession>(
            "QS",
            (w, m) =>
            {
                w.Text(m.Pool);
                w.Session(m.Id);
            },
            (ref r) => new AskSession(r.Text(), r.Session())),
        WireMessage.Of<SessionAtNode>(
            "NS",
            (w, m) =>
            {
                w.Text(m.Node);
                w.Session(m.Id);
                w.Varint((ulong)m.Known.Length);
                foreach (KnownSession known in m.Known)
                {
                    w.Text(known.Pool);
                    w.Binding(known.Binding);
                    w.Bool(known.IsReplicated);
                }
            },
            ReadAtNode),
        WireMessage.Of<GoBySession>(
            "GS",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.Binding(m.Binding);
            },
            (ref r) =>
            {
                BucketId bucket = r.Bucket();
                return new GoBySession(bucket, r.BindingOf(bucket));
            }),
        WireMessage.Of<AskSessionRates>("QR", (_, _) => { }, (ref _) => AskSessionRates.Instance),
        WireMessage.Of<SessionRatesAtNode>(
            "NR",
            (w, m) =>
            {
                w.Text(m.Node);
                w.Varint((ulong)m.Window.TotalMilliseconds);
                w.Varint((ulong)m.Counts.Length);
                foreach (SessionsOfBackend counts in m.Counts)
                {
                    w.Text(counts.Backend.Pool);
                    w.Text(counts.Backend.Id);
                    w.Varint((ulong)counts.Counts.Length);
                    foreach (long count in counts.Counts)
                    {
                        w.Varint((ulong)count);
                    }
                }
            },
            ReadRates),
    ];

    private static SessionAtNode ReadAtNode(ref WireReader reader)
    {
        string node = reader.Text();
        SessionId id = reader.Session();
        var known = ImmutableArray.CreateBuilder<KnownSession>(reader.Count(KnownBytesMin));
        while (known.Count < known.Capacity)
        {
            var of = new KnownSession(reader.Text(), reader.Binding(), reader.Bool());
            known.Add(of.Binding.Id == id ? of : throw new SerializationException("an answer about another session"));
        }

        return new SessionAtNode(node, id, known.MoveToImmutable());
    }

    private static SessionRatesAtNode ReadRates(ref WireReader reader)
    {
        string node = reader.Text();
        ulong window = reader.Varint();
        var counts = ImmutableArray.CreateBuilder<SessionsOfBackend>(reader.Count(CountsBytesMin));
        while (counts.Count < counts.Capacity)
        {
            var backend = new BackendName(reader.Text(), reader.Text());
            int kinds = reader.Count(1);
            var of = new long[Math.Min(kinds, SessionCounts.Kinds)];
            for (int i = 0; i < kinds; i++)
            {
                // A later version counts more.
                long count = (long)Math.Min(reader.Varint(), int.MaxValue);
                if (i < of.Length)
                {
                    of[i] = count;
                }
            }

            counts.Add(new SessionsOfBackend(backend, [.. of]));
        }

        return new SessionRatesAtNode(node, TimeSpan.FromMilliseconds(Math.Min(window, 2 * SessionRatesState.WindowMilliseconds)), counts.MoveToImmutable());
    }
}
