using ActorLb.Engine.Certificates;

namespace ActorLb.Node.Events.Sources;

/// <summary>Certificates of listeners, of the admin API and for backends are loaded, renewed and expire; and files of certificates, roots and users that cannot be used.</summary>
internal sealed class CertificateSource(
    Func<IEnumerable<CertificateInUse>> inUse, Func<IEnumerable<CertificateProblem>> problems, TimeProvider time) : IEventSource
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // Before it expires.
    private static readonly TimeSpan[] Warnings = [CertificateInUse.ExpiresSoon, TimeSpan.FromDays(3), TimeSpan.FromDays(1), TimeSpan.Zero];

    private readonly Dictionary<string, (CertificateInUse Certificate, int Warned)> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Problem, EventId Event)> _failed = new(StringComparer.Ordinal);

    // Whose files can be used again: what was loaded from them then is seen at the next look at certificates.
    private readonly Dictionary<string, EventId> _mended = new(StringComparer.Ordinal);
    private long _lookedAt;
    private bool _hasLooked;

    public void Look(IEventSink events)
    {
        LookAtProblems(events);
        if (_hasLooked && time.GetElapsedTime(_lookedAt) < Interval)
        {
            return;
        }

        _hasLooked = true;
        _lookedAt = time.GetTimestamp();
        var now = inUse().DistinctBy(c => c.Key).ToDictionary(c => c.Key, StringComparer.Ordinal);
        foreach (string gone in _known.Keys.Where(k => !now.ContainsKey(k)).ToArray())
        {
            _known.Remove(gone);
        }

        foreach (CertificateInUse certificate in now.Values.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            Look(events, certificate);
        }

        _mended.Clear();
    }

    private void Look(IEventSink events, CertificateInUse certificate)
    {
        bool isKnown = _known.TryGetValue(certificate.Key, out (CertificateInUse Certificate, int Warned) known);
        int warned = 0;
        if (!isKnown)
        {
            events.Note(Loaded(EventKind.CertificateLoaded, certificate, "was loaded"));
        }
        else if (known.Certificate.Loaded != certificate.Loaded)
        {
            events.Note(Loaded(EventKind.CertificateRenewed, certificate, "was loaded again") with { Cause = _mended.TryGetValue(certificate.Key, out EventId failed) ? failed : null });
        }
        else
        {
            warned = known.Warned;
        }

        TimeSpan left = certificate.Expires - time.GetUtcNow();
        int passed = Warnings.Count(w => left <= w);
        if (passed > warned)
        {
            bool isOver = left <= TimeSpan.Zero;
            events.Note(Note(EventKind.CertificateExpiring, certificate, isOver ? $"has expired: {CertificateWords.WhoRefuses(certificate.Key)}" : $"expires in {CertificateInUse.Counted(left)}") with
            {
                Severity = isOver ? EventSeverity.Error : EventSeverity.Warning,
            });
        }

        _known[certificate.Key] = (certificate, Math.Max(passed, warned));
    }

    private void LookAtProblems(IEventSink events)
    {
        var now = problems().DistinctBy(p => p.Key).ToDictionary(p => p.Key, StringComparer.Ordinal);
        foreach (CertificateProblem problem in now.Values)
        {
            if (!_failed.TryGetValue(problem.Key, out (string Problem, EventId Event) known) || known.Problem != problem.Problem)
            {
                NodeEvent failed = events.Note(new EventNote(EventKind.CertificateFailed, $"{events.Node}: {problem.Key} has changed and cannot be used: {problem.Problem}; what was loaded before stays in use")
                {
                    Data = new { key = problem.Key },
                });
                _failed[problem.Key] = (problem.Problem, failed.Id);
            }
        }

        foreach (string good in _failed.Keys.Where(k => !now.ContainsKey(k)).ToArray())
        {
            _failed.Remove(good, out (string Problem, EventId Event) failed);
            _mended[good] = failed.Event;
        }
    }

    private EventNote Loaded(EventKind kind, CertificateInUse certificate, string what) => certificate.Begins > time.GetUtcNow()
        ? Note(kind, certificate, $"{what}, and is not valid before {CertificateWords.At(certificate.Begins)}: {CertificateWords.WhoRefuses(certificate.Key)}") with { Severity = EventSeverity.Error }
        : Note(kind, certificate, what);

    private static EventNote Note(EventKind kind, CertificateInUse certificate, string what) =>
        new(kind, $"{certificate.Key} {what}: {certificate.Description}") { Data = new { key = certificate.Key, expires = certificate.Expires } };
}
