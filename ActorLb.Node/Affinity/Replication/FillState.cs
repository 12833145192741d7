using System.Collections.Immutable;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Affinity.Replication;

/// <summary>One bucket to read, and how often that was tried before.</summary>
internal readonly record struct BucketRead(BucketId Bucket, int Attempt);

/// <summary>
/// How far a joining member is with filling its tables: which peers have not said what they hold, and which
/// buckets are still to be read. Pure; BindingFillActor keeps it.
/// </summary>
internal sealed record FillState
{
    public static readonly FillState Nothing = new();

    private ImmutableHashSet<string> Silent { get; init; } = [];

    private ImmutableHashSet<BucketId> Named { get; init; } = [];

    private ImmutableQueue<BucketRead> Next { get; init; } = [];

    private ImmutableQueue<BucketRead> Later { get; init; } = [];

    private ImmutableDictionary<BucketId, int> Reading { get; init; } = ImmutableDictionary<BucketId, int>.Empty;

    /// <summary>Everybody has answered or left, and what they hold was read, or could not be.</summary>
    public bool IsDone => Silent.IsEmpty && Next.IsEmpty && Later.IsEmpty && Reading.IsEmpty;

    /// <summary>Buckets that could not be read in all attempts; they come by gossip.</summary>
    public int GivenUp { get; private init; }

    /// <summary>Peers that still owe an answer.</summary>
    public IReadOnlyCollection<string> Unanswered => Silent;

    public static FillState From(IEnumerable<string> peers) => Nothing with { Silent = [.. peers] };

    /// <summary>A peer said what it holds; what another one named before is not read twice.</summary>
    public FillState Answered(string peer, IEnumerable<BucketId> held)
    {
        ImmutableHashSet<BucketId>.Builder named = Named.ToBuilder();
        ImmutableQueue<BucketRead> next = Next;
        foreach (BucketId bucket in held)
        {
            if (named.Add(bucket))
            {
                next = next.Enqueue(new BucketRead(bucket, 0));
            }
        }

        return this with { Silent = Silent.Remove(peer), Named = named.ToImmutable(), Next = next };
    }

    /// <summary>A peer left or became unreachable: nobody waits for its answer.</summary>
    public FillState Left(string peer) => this with { Silent = Silent.Remove(peer) };

    /// <summary>The buckets to read now, so that no more than <paramref name="inFlightMax"/> are under way.</summary>
    public (FillState Next, ImmutableArray<BucketRead> Reads) Take(int inFlightMax)
    {
        var reads = ImmutableArray.CreateBuilder<BucketRead>();
        ImmutableQueue<BucketRead> next = Next;
        ImmutableDictionary<BucketId, int> reading = Reading;
        while (!next.IsEmpty && reading.Count < inFlightMax)
        {
            next = next.Dequeue(out BucketRead read);
            reading = reading.SetItem(read.Bucket, read.Attempt);
            reads.Add(read);
        }

        return (this with { Next = next, Reading = reading }, reads.ToImmutable());
    }

    public FillState Read(BucketId bucket) => this with { Reading = Reading.Remove(bucket) };

    /// <summary>The bucket was not there or nobody answered, although a peer holds it: again after <see cref="Retry"/>.</summary>
    public FillState Missed(BucketId bucket, int attemptsMax)
    {
        if (!Reading.TryGetValue(bucket, out int attempt))
        {
            return this;
        }

        FillState rest = this with { Reading = Reading.Remove(bucket) };
        return attempt + 1 < attemptsMax
            ? rest with { Later = Later.Enqueue(new BucketRead(bucket, attempt + 1)) }
            : rest with { GivenUp = GivenUp + 1 };
    }

    /// <summary>Some time has passed: what was missed may be tried again.</summary>
    public FillState Retry()
    {
        ImmutableQueue<BucketRead> next = Next;
        foreach (BucketRead read in Later)
        {
            next = next.Enqueue(read);
        }

        return this with { Next = next, Later = [] };
    }
}
