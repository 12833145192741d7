using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Node.Revisions;

namespace ActorLb.Node.Events.Sources;

/// <summary>A node does not go by the revision that was decided, or where there is none by another configuration than most, for longer than a change takes to reach all.</summary>
/// <param name="self">This node.</param>
/// <param name="fingerprints">Of what is in force at each member that says it, oldest first.</param>
/// <param name="revision">How this node stands to those that were decided.</param>
internal sealed class DriftSource(
    string self, Func<ImmutableArray<(string Node, uint Fingerprint)>> fingerprints, Func<RevisionStatus> revision, SharedFacts facts, TimeProvider time) : IEventSource
{
    private readonly Dictionary<string, (long Since, bool IsTold)> _differing = new(StringComparer.Ordinal);
    private ImmutableArray<(string Node, uint Fingerprint)> _heard = [];
    private uint _usual;

    /// <summary>At the last look it was heard, and went by what it should; a node that is not heard says nothing of it.</summary>
    public bool Agrees(string node) => _heard.Any(f => f.Node == node && f.Fingerprint == _usual);

    public void Look(IEventSink events)
    {
        RevisionStatus status = revision();
        Revision? decided = status.History.Head is { IsRelease: false } head ? head : null;
        _heard = fingerprints();
        _usual = UsualOf(_heard, decided is null ? null : status);
        foreach (string node in _differing.Keys.Where(Agrees).ToArray())
        {
            _differing.Remove(node, out (long Since, bool IsTold) over);
            if (over.IsTold)
            {
                facts.Offer(new EventNote(EventKind.TopologyDriftOver, $"{node} goes by the same configuration as the other nodes again") { Data = new { member = node, fingerprint = Written(_usual) } });
            }
        }

        // What was told of a node that is not heard any more is not over: nobody knows.
        foreach (string node in _differing.Where(d => !d.Value.IsTold && _heard.All(f => f.Node != d.Key)).Select(d => d.Key).ToArray())
        {
            _differing.Remove(node);
        }

        foreach ((string node, uint fingerprint) in _heard.Where(f => f.Fingerprint != _usual))
        {
            if (!_differing.TryGetValue(node, out (long Since, bool IsTold) known))
            {
                _differing[node] = (time.GetTimestamp(), false);
            }
            else if (!known.IsTold && time.GetElapsedTime(known.Since) >= LastingFact.ToldAfter)
            {
                _differing[node] = (known.Since, true);
                string what = decided is null ? "goes by another configuration than the other nodes" : string.Create(CultureInfo.InvariantCulture, $"does not go by revision {decided.Id.Number}, which is in force");
                facts.Offer(new EventNote(EventKind.TopologyDrift, $"{node} {what}: \"actorlb diff --nodes\" shows in which keys")
                {
                    Data = new { member = node, fingerprint = Written(fingerprint), others = Written(_usual) },
                });
            }
        }
    }

    // With a revision decided, who does not go by it is the odd one, however many they are: this node knows that of itself, and of no other. Without, what most
    // go by is usual; of as many on both sides what the oldest node goes by: all come to the same.
    private uint UsualOf(ImmutableArray<(string Node, uint Fingerprint)> heard, RevisionStatus? decided)
    {
        uint? own = decided is null ? null : heard.Where(f => f.Node == self).Select(f => (uint?)f.Fingerprint).FirstOrDefault();
        uint[] all = [.. heard.Select(f => f.Fingerprint)];
        return own is not { } here ? MostOf(all) ?? 0
            : decided!.Problem is null ? here
            : MostOf(all.Where(f => f != here)) ?? here;
    }

    private static uint? MostOf(IEnumerable<uint> fingerprints) => fingerprints.GroupBy(f => f).MaxBy(g => g.Count())?.Key;

    private static string Written(uint fingerprint) => fingerprint.ToString("x8", CultureInfo.InvariantCulture);
}
