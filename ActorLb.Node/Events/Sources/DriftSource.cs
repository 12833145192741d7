using System.Collections.Immutable;
using System.Globalization;

namespace ActorLb.Node.Events.Sources;

/// <summary>A node goes by another configuration than most, for longer than a change takes to reach all.</summary>
/// <param name="fingerprints">Of what is in force at each member that says it, oldest first.</param>
internal sealed class DriftSource(Func<ImmutableArray<(string Node, uint Fingerprint)>> fingerprints, SharedFacts facts, TimeProvider time) : IEventSource
{
    private readonly Dictionary<string, (long Since, bool IsTold)> _differing = new(StringComparer.Ordinal);

    /// <summary>At the last look it went by another configuration, told already or not.</summary>
    public bool Differs(string node) => _differing.ContainsKey(node);

    public void Look(IEventSink events)
    {
        ImmutableArray<(string Node, uint Fingerprint)> now = fingerprints();
        uint usual = UsualOf(now);
        foreach (string node in _differing.Keys.Where(n => now.All(f => f.Node != n || f.Fingerprint == usual)).ToArray())
        {
            _differing.Remove(node, out (long Since, bool IsTold) over);
            if (over.IsTold && now.Any(f => f.Node == node))
            {
                facts.Offer(new EventNote(EventKind.TopologyDriftOver, $"{node} goes by the same configuration as the other nodes again") { Data = new { member = node, fingerprint = Written(usual) } });
            }
        }

        foreach ((string node, uint fingerprint) in now.Where(f => f.Fingerprint != usual))
        {
            if (!_differing.TryGetValue(node, out (long Since, bool IsTold) known))
            {
                _differing[node] = (time.GetTimestamp(), false);
            }
            else if (!known.IsTold && time.GetElapsedTime(known.Since) >= LastingFact.ToldAfter)
            {
                _differing[node] = (known.Since, true);
                facts.Offer(new EventNote(EventKind.TopologyDrift, $"{node} goes by another configuration than the other nodes: \"actorlb diff --nodes\" shows in which keys")
                {
                    Data = new { member = node, fingerprint = Written(fingerprint), others = Written(usual) },
                });
            }
        }
    }

    // Of as many on both sides those with the oldest node: all come to the same.
    private static uint UsualOf(ImmutableArray<(string Node, uint Fingerprint)> now) =>
        now.IsEmpty ? 0 : now.Select(f => f.Fingerprint).GroupBy(f => f).MaxBy(g => g.Count())!.Key;

    private static string Written(uint fingerprint) => fingerprint.ToString("x8", CultureInfo.InvariantCulture);
}
