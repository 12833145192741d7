using System.Collections.Immutable;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>One version of a bucket, to be fetched from a peer that holds it.</summary>
internal readonly record struct BucketFetch(string Peer, HeldBucket Held);

/// <summary>
/// How far a joining member is with fetching what others have and it has not: which peers have not said what they
/// hold, and which versions are still to be fetched. Each version is fetched once, from any peer that holds it; of all
/// peers that are filled one version is enough. Pure; BindingFillActor keeps it.
/// </summary>
internal sealed record FillState
{
    public static readonly FillState Nothing = new();

    private ImmutableHashSet<string> Silent { get; init; } = [];

    private ImmutableDictionary<HeldBucket, ImmutableList<string>> Holders { get; init; } =
        ImmutableDictionary<HeldBucket, ImmutableList<string>>.Empty;

    /// <summary>The version that stands for all peers that are filled.</summary>
    private ImmutableDictionary<BucketId, HeldBucket> Filled { get; init; } = ImmutableDictionary<BucketId, HeldBucket>.Empty;

    private ImmutableQueue<HeldBucket> Next { get; init; } = [];

    private ImmutableDictionary<HeldBucket, Attempt> Fetching { get; init; } = ImmutableDictionary<HeldBucket, Attempt>.Empty;

    private ImmutableDictionary<HeldBucket, int> Tried { get; init; } = ImmutableDictionary<HeldBucket, int>.Empty;

    /// <summary>Everybody has answered or left, and what they hold was fetched, or could not be.</summary>
    public bool IsDone => Silent.IsEmpty && Next.IsEmpty && Fetching.IsEmpty;

    /// <summary>Versions that nobody gave in all attempts; they come by gossip.</summary>
    public int GivenUp { get; private init; }

    /// <summary>Peers that still owe an answer.</summary>
    public IReadOnlyCollection<string> Unanswered => Silent;

    public static FillState From(IEnumerable<string> peers) => Nothing with { Silent = [.. peers] };

    /// <summary>A peer said what it holds. What this member has just so, or will fetch already, is not fetched again.</summary>
    /// <param name="own">This member's fingerprint of a bucket.</param>
    public FillState Answered(string peer, BucketsHeld answer, Func<BucketId, ulong> own)
    {
        if (!Silent.Contains(peer))
        {
            return this;
        }

        ImmutableDictionary<HeldBucket, ImmutableList<string>>.Builder holders = Holders.ToBuilder();
        ImmutableDictionary<BucketId, HeldBucket>.Builder filled = Filled.ToBuilder();
        ImmutableQueue<HeldBucket> next = Next;
        foreach (HeldBucket held in answer.Buckets)
        {
            HeldBucket version = answer.Filled ? filled.GetValueOrDefault(held.Bucket, held) : held;
            if (answer.Filled)
            {
                filled[held.Bucket] = version;
            }

            if (holders.TryGetValue(version, out ImmutableList<string>? others))
            {
                holders[version] = others.Add(peer);
            }
            else if (version.Fingerprint == 0 || version.Fingerprint != own(version.Bucket))
            {
                holders.Add(version, [peer]);
                next = next.Enqueue(version);
            }
        }

        return this with { Silent = Silent.Remove(peer), Holders = holders.ToImmutable(), Filled = filled.ToImmutable(), Next = next };
    }

    /// <summary>A peer left or became unreachable: nobody waits for it, and others are asked for what it was to give.</summary>
    public FillState Left(string peer)
    {
        FillState rest = this with { Silent = Silent.Remove(peer) };
        foreach ((HeldBucket version, Attempt attempt) in Fetching)
        {
            rest = attempt.Peer == peer ? rest.Missed(version, int.MaxValue) : rest;
        }

        ImmutableDictionary<HeldBucket, ImmutableList<string>>.Builder holders = rest.Holders.ToBuilder();
        foreach ((HeldBucket version, ImmutableList<string> peers) in rest.Holders)
        {
            holders[version] = peers.Remove(peer);
        }

        return rest with { Holders = holders.ToImmutable() };
    }

    /// <summary>The versions to fetch now, so that no more than <paramref name="inFlightMax"/> are under way.</summary>
    public (FillState Next, ImmutableArray<BucketFetch> Fetches) Take(int inFlightMax)
    {
        var fetches = ImmutableArray.CreateBuilder<BucketFetch>();
        FillState state = this;
        while (!state.Next.IsEmpty && state.Fetching.Count < inFlightMax)
        {
            state = state with { Next = state.Next.Dequeue(out HeldBucket version) };
            ImmutableList<string> peers = state.Holders[version];
            if (peers.IsEmpty)
            {
                state = state with { GivenUp = state.GivenUp + 1 };
                continue;
            }

            string peer = peers[(state.Tried.GetValueOrDefault(version) + version.Bucket.Index) % peers.Count];
            state = state with { Fetching = state.Fetching.SetItem(version, new Attempt(peer, 0)) };
            fetches.Add(new BucketFetch(peer, version));
        }

        return (state, fetches.ToImmutable());
    }

    public FillState Given(HeldBucket version) => this with { Fetching = Fetching.Remove(version) };

    /// <summary>Some time has passed: what was asked for so many times ago is asked for again, of another peer where there is one.</summary>
    public FillState Waited(int roundsMax, int attemptsMax)
    {
        FillState state = this;
        foreach ((HeldBucket version, Attempt attempt) in Fetching)
        {
            state = attempt.Rounds + 1 < roundsMax
                ? state with { Fetching = state.Fetching.SetItem(version, attempt with { Rounds = attempt.Rounds + 1 }) }
                : state.Missed(version, attemptsMax);
        }

        return state;
    }

    private FillState Missed(HeldBucket version, int attemptsMax)
    {
        int tried = Tried.GetValueOrDefault(version) + 1;
        FillState rest = this with { Fetching = Fetching.Remove(version), Tried = Tried.SetItem(version, tried) };
        return tried < attemptsMax
            ? rest with { Next = rest.Next.Enqueue(version) }
            : rest with { GivenUp = rest.GivenUp + 1 };
    }

    /// <param name="Rounds">How often <see cref="Waited"/> has seen it.</param>
    private readonly record struct Attempt(string Peer, int Rounds);
}
