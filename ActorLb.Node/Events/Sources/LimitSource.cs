using ActorLb.Engine;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events.Sources;

/// <summary>Bounds that turn clients away: one event when one begins to, and one when it has turned nobody away for a while, with how many it did.</summary>
internal sealed class LimitSource(DataPlane plane) : IEventSource
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan OverAfter = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(string Limit, string Of), Episode> _episodes = [];
    private long _lookedAt;
    private bool _hasLooked;

    public void Look(IEventSink events)
    {
        if (_hasLooked && plane.Time.GetElapsedTime(_lookedAt) < Interval)
        {
            return;
        }

        _hasLooked = true;
        _lookedAt = plane.Time.GetTimestamp();
        var seen = new HashSet<(string, string)>();
        foreach (Count count in Counts())
        {
            seen.Add((count.Limit, count.Of));
            Look(events, count);
        }

        foreach ((string, string) gone in _episodes.Keys.Where(k => !seen.Contains(k)).ToArray())
        {
            _episodes.Remove(gone);
        }
    }

    private void Look(IEventSink events, Count count)
    {
        Episode before = _episodes.GetValueOrDefault((count.Limit, count.Of), new Episode(0, 0, 0, null));

        // What was forgotten and came back counts anew.
        long last = count.Refused >= before.Last ? before.Last : 0;
        bool isReached = count.Refused > last || count.IsFull;
        Episode now = before with { Last = count.Refused, RoseAt = isReached ? _lookedAt : before.RoseAt };
        if (isReached && before.Event is null)
        {
            NodeEvent reached = events.Note(new EventNote(EventKind.LimitReached, $"{events.Node}: {count.What}")
            {
                Pool = count.Pool,
                Backend = count.Backend,
                Data = new { limit = count.Limit, of = count.Of.Length == 0 ? null : count.Of },
            });
            now = now with { First = last, Event = reached.Id };
        }
        else if (!isReached && before.Event is { } began && plane.Time.GetElapsedTime(before.RoseAt) >= OverAfter)
        {
            long refused = Math.Max(0, count.Refused - before.First);
            events.Note(new EventNote(EventKind.LimitOver, $"{events.Node}: {count.Limit}{(count.Of.Length == 0 ? "" : $" of {count.Of}")} turns nobody away any more; it did {refused} time{(refused == 1 ? "" : "s")}")
            {
                Pool = count.Pool,
                Backend = count.Backend,
                Data = new { limit = count.Limit, of = count.Of.Length == 0 ? null : count.Of, refused },
                Cause = began,
            });
            now = now with { Event = null };
        }

        _episodes[(count.Limit, count.Of)] = now;
    }

    private IEnumerable<Count> Counts()
    {
        yield return new Count("memory", "", plane.Memory.Refused, "what is in use has reached limits.memory: new requests are refused") { IsFull = plane.Memory.IsFull };
        foreach ((string name, ListenerConnections listener) in plane.Connections.Listeners)
        {
            yield return new Count("connections", name, listener.RefusedForListener, $"listener {name} has as many connections as limits.connections-max allows: further ones are closed");
            yield return new Count("connections-per-address", name, listener.RefusedForAddress, $"at listener {name} a client's address has as many connections as limits.connections-per-address-max allows: further ones are closed");
            yield return new Count("descriptors", name, listener.RefusedForDescriptors, $"there are no descriptors for more connections at listener {name}: further ones are closed");
            yield return new Count("memory-connections", name, listener.RefusedForMemory, $"what is in use is well beyond limits.memory: connections at listener {name} are closed");
        }

        foreach ((string route, long refused) in plane.Routing.RateRefusals)
        {
            yield return new Count("rate", route, refused, $"more requests come to {route} than its rate-limit allows: they are answered 429");
        }

        foreach (PoolSnapshot pool in plane.Routing.Pools.Values)
        {
            yield return new Count("retry-budget", pool.Name, pool.Retries.Refused, $"retry.budget of pool {pool.Name} is spent: requests are not tried again") { Pool = pool.Name };
            foreach (BackendSnapshot backend in pool.Backends)
            {
                BackendTraffic traffic = backend.Traffic;
                if (traffic.QueueRefusals + traffic.QueueTimeouts is var queued and > 0)
                {
                    yield return new Count("queue", $"{pool.Name}/{backend.Id}", queued, $"{pool.Name}/{backend.Id} has no free place, and its queue is full or too slow: requests are answered 503") { Pool = pool.Name, Backend = backend.Id };
                }

                if (traffic.HoldRefusals is var held and > 0)
                {
                    yield return new Count("held", $"{pool.Name}/{backend.Id}", held, $"as many requests as may wait for {pool.Name}/{backend.Id}, which cannot be reached: further ones fail at once") { Pool = pool.Name, Backend = backend.Id };
                }
            }
        }
    }

    /// <param name="Of">Whose limit it is; empty: the node's.</param>
    /// <param name="Refused">Since the start.</param>
    private sealed record Count(string Limit, string Of, long Refused, string What)
    {
        public string? Pool { get; init; }

        public string? Backend { get; init; }

        /// <summary>It would turn away whoever came now.</summary>
        public bool IsFull { get; init; }
    }

    /// <param name="First">What was counted when it began.</param>
    /// <param name="Last">What was counted at the last look.</param>
    /// <param name="Event">Its beginning; null: it has not begun, or is over.</param>
    private sealed record Episode(long First, long Last, long RoseAt, EventId? Event);
}
