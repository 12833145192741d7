using ActorLb.Node.Topologies;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Revisions;

/// <summary>
/// What this node has on record: the revisions that were decided, the one that is prepared, and those that it took back as the one
/// that was asked. Used by RevisionActor alone.
/// </summary>
internal sealed class RevisionLedger(RevisionCapability capability, ILogger logger)
{
    private const int WithdrawnMax = 64;

    private readonly Queue<RevisionId> _withdrawn = [];
    private Task<bool> _kept = Task.FromResult(true);

    public RevisionHistory History { get; private set; } = capability.Store.History();

    public PreparedRevision? Prepared { get; private set; } = capability.Store.Prepared();

    /// <summary>The highest number that was given out, as far as this node knows.</summary>
    public long Highest => Math.Max(History.Head?.Id.Number ?? 0, Prepared?.Revision.Id.Number ?? 0);

    /// <summary>Writes one down as prepared.</summary>
    /// <returns>Whether it is on disk; or whose change is in its way.</returns>
    public async Task<RevisionKept> KeepAsync(PreparedRevision prepared)
    {
        RevisionId id = prepared.Revision.Id;
        string node = capability.Runner.Node;
        if (Prepared is { } other && other.Revision.Id != id)
        {
            return new RevisionKept(node, false, other.Revision.Id.Node);
        }

        if (History.Head is { } head && head.Id.Number >= id.Number)
        {
            return new RevisionKept(node, false, head.Id.Node);
        }

        Prepared = prepared;
        bool isOnDisk = await capability.Store.SaveAsync(prepared);
        await capability.Seam(RevisionStep.Kept);
        return new RevisionKept(node, isOnDisk, "");
    }

    /// <summary>Takes note of what was decided.</summary>
    /// <returns>False: it was known, or is older than all that is kept.</returns>
    public bool TryAdopt(Revision revision, out Task<bool> kept)
    {
        RevisionHistory next = History.With(revision);
        if (ReferenceEquals(next, History))
        {
            kept = _kept;
            return false;
        }

        Revision? before = History.Head;
        History = next;
        kept = _kept = capability.Store.SaveAsync(next);
        if (Prepared is { } prepared && (prepared.Revision.Id == revision.Id || revision.Id.Number >= prepared.Revision.Id.Number))
        {
            Forget();
        }

        if (next.Head!.Id != revision.Id)
        {
            TellOfLoser(revision);
            return true;
        }

        Log.RevisionDecided(logger, revision, revision.Note.Length > 0 ? $" ({revision.Note})" : "");
        if (before is not null)
        {
            TellOfLoser(before);
        }

        return true;
    }

    /// <summary>It was not decided, and will not be.</summary>
    public void Drop(RevisionId id)
    {
        if (id.Node == capability.Runner.Node)
        {
            _withdrawn.Enqueue(id);
            if (_withdrawn.Count > WithdrawnMax)
            {
                _withdrawn.Dequeue();
            }
        }

        if (Prepared?.Revision.Id == id)
        {
            Forget();
        }
    }

    /// <param name="deciding">What this node takes to the others now; null: nothing.</param>
    public RevisionStanding StandingOf(RevisionId id, RevisionId? deciding) =>
        History.Has(id) ? RevisionStanding.Committed
        : _withdrawn.Contains(id) ? RevisionStanding.Withdrawn
        : deciding == id ? RevisionStanding.Deciding
        : Prepared?.Revision.Id == id ? RevisionStanding.Prepared
        : RevisionStanding.None;

    private void Forget()
    {
        Prepared = null;
        _ = capability.Store.SaveAsync((PreparedRevision?)null);
    }

    private void TellOfLoser(Revision loser)
    {
        if (History.IsPassedOver(loser))
        {
            Log.RevisionTwice(logger, History.Head, loser, loser.Id.Number, loser.Id.Node);
        }
    }
}
