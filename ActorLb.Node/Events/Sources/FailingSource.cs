using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Node.Dashboard;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events.Sources;

/// <summary>A part of what this node asks of a backend fails, while its probes may well pass.</summary>
/// <param name="node">This one.</param>
/// <param name="figures">What happens at this node.</param>
internal sealed class FailingSource(string node, Func<ImmutableArray<FigureReading>> figures, SharedFacts facts, TimeProvider time) : IEventSource
{
    /// <summary>A backend that dies fails some, until it is called down.</summary>
    private static readonly TimeSpan ToldAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan OverAfter = TimeSpan.FromSeconds(10);

    private readonly Dictionary<BackendName, Failing> _failing = [];

    /// <summary>At the last look a part of what this node asks of it failed, told already or not.</summary>
    public bool Fails(BackendName backend) => _failing.ContainsKey(backend);

    public void Look(IEventSink events)
    {
        Dictionary<BackendName, FigureReading> now = figures().Where(f => f.Subject.Kind == SubjectKind.Backend)
            .ToDictionary(f => new BackendName(f.Subject.Name, f.Subject.Id));
        foreach ((BackendName backend, FigureReading reading) in now.Where(f => !_failing.ContainsKey(f.Key) && f.Value.Fails(isTold: false)))
        {
            _failing[backend] = new Failing(time.GetTimestamp());
        }

        foreach ((BackendName backend, Failing failing) in _failing.ToArray())
        {
            Look(backend, failing, now.GetValueOrDefault(backend));
        }
    }

    private void Look(BackendName backend, Failing failing, FigureReading? reading)
    {
        if (reading?.Fails(failing.IsTold) == true)
        {
            failing.WellSince = null;
            if (!failing.IsTold && time.GetElapsedTime(failing.Since) >= ToldAfter)
            {
                failing.IsTold = true;
                Offer(EventKind.BackendFailing, backend, string.Create(
                    CultureInfo.InvariantCulture,
                    $"fails: {reading.RecentFailures} of the {reading.RecentRequests} requests that {node} asked of it in the last ten seconds{FailureCount.Listed(reading.OwnReasons)}"),
                    new
                    {
                        requests = reading.RecentRequests,
                        failures = reading.RecentFailures,
                        reasons = reading.OwnReasons.ToDictionary(r => r.Reason.Length == 0 ? "status-5xx" : r.Reason, r => r.Count),
                    });
            }
        }
        else if (!failing.IsTold)
        {
            _failing.Remove(backend);
        }
        else if (time.GetElapsedTime(failing.WellSince ??= time.GetTimestamp()) >= OverAfter)
        {
            _failing.Remove(backend);
            Offer(EventKind.BackendFailingOver, backend, "fails no more than one would mind", new { });
        }
    }

    private void Offer(EventKind kind, BackendName backend, string what, object data) =>
        facts.Offer(new EventNote(kind, $"{backend} {what}") { Pool = backend.Pool, Backend = backend.Id, Data = data });

    private sealed class Failing(long since)
    {
        public long Since => since;

        public bool IsTold { get; set; }

        public long? WellSince { get; set; }
    }
}
