using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events.Sources;

/// <summary>Nothing is left at a backend that drains.</summary>
/// <param name="drains">Each backend that drains, the version of the decision, and whether its server can be stopped. It costs something to say.</param>
internal sealed class DrainSource(Func<ImmutableArray<(BackendName Backend, long Version, bool CanBeStopped)>> drains, SharedFacts facts, TimeProvider time) : IEventSource
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<BackendName, long> _over = [];
    private long _lookedAt;
    private bool _hasLooked;

    public void Look(IEventSink events)
    {
        if (_hasLooked && time.GetElapsedTime(_lookedAt) < Interval)
        {
            return;
        }

        bool isFirst = !_hasLooked;
        _hasLooked = true;
        _lookedAt = time.GetTimestamp();
        ImmutableArray<(BackendName Backend, long Version, bool CanBeStopped)> now = drains();
        foreach (BackendName gone in _over.Keys.Where(b => now.All(d => d.Backend != b)).ToArray())
        {
            _over.Remove(gone);
        }

        foreach ((BackendName backend, long version, _) in now.Where(d => d.CanBeStopped))
        {
            if (_over.TryGetValue(backend, out long told) && told == version)
            {
                continue;
            }

            _over[backend] = version;
            if (!isFirst)
            {
                facts.Offer(new EventNote(EventKind.DrainOver, $"{backend} has drained: nothing is left there, and its server can be stopped")
                {
                    Pool = backend.Pool,
                    Backend = backend.Id,
                    Data = new { version },
                });
            }
        }
    }
}
