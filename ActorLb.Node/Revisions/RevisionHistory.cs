using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Revisions;

/// <summary>
/// The revisions that were decided, the last ones, highest first. The first is in force. Any order of merges gives the same.
/// Immutable, pure.
/// </summary>
public sealed class RevisionHistory
{
    /// <summary>What is kept.</summary>
    public const int LengthMax = 50;

    public static readonly RevisionHistory Empty = new([]);

    private RevisionHistory(ImmutableArray<Revision> all) => All = all;

    /// <summary>Highest first.</summary>
    public ImmutableArray<Revision> All { get; }

    /// <summary>What is to be in force; null: nobody ever applied anything.</summary>
    public Revision? Head => All.IsEmpty ? null : All[0];

    public static RevisionHistory Of(IEnumerable<Revision> all) => all.Aggregate(Empty, (history, revision) => history.With(revision));

    /// <summary>The same where it is known, or older than all that is kept.</summary>
    public RevisionHistory With(Revision revision)
    {
        if (!Wants(revision.Id))
        {
            return this;
        }

        int at = 0;
        while (at < All.Length && All[at].Id > revision.Id)
        {
            at++;
        }

        ImmutableArray<Revision> next = All.Insert(at, revision);
        return new RevisionHistory(next.Length > LengthMax ? next.RemoveAt(LengthMax) : next);
    }

    public RevisionHistory Merge(RevisionHistory other) => other.All.Aggregate(this, (history, revision) => history.With(revision));

    /// <summary>Whether it is not known and would be kept.</summary>
    public bool Wants(RevisionId id) => All.All(r => r.Id != id) && (All.Length < LengthMax || id > All[^1].Id);

    public bool Has(RevisionId id) => All.Any(r => r.Id == id);

    /// <summary>By its number, or <c>NUMBER@NODE</c> where two sides gave the same; null where there is none.</summary>
    public Revision? Find(string name)
    {
        string[] parts = name.Split('@', 2);
        return long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? All.FirstOrDefault(r => r.Id.Number == number && (parts.Length == 1 || r.Id.Node == parts[1]))
            : null;
    }

    /// <summary>Whether another side gave the same number, and its revision counts.</summary>
    public bool IsPassedOver(Revision revision) => All.Any(r => r.Id.Number == revision.Id.Number && r.Id > revision.Id);
}
