using System.Numerics;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Affinity.Replication;

/// <summary>
/// Which buckets may have changed in this node's distributed data: marked by whoever writes one and by the serializer
/// that reads what others wrote, taken by BindingReplicaActor. A hint may come before the change that it announces.
/// </summary>
internal sealed class BucketHints
{
    private const int WordBits = 64;

    private readonly ulong[] _marks = new ulong[BucketId.Count / WordBits];

    public void Mark(int bucket) => Interlocked.Or(ref _marks[bucket / WordBits], 1UL << (bucket % WordBits));

    /// <summary>Calls back for every bucket that was marked since the last time, of whichever pool.</summary>
    public void Take(Action<int> marked)
    {
        for (int word = 0; word < _marks.Length; word++)
        {
            if (Volatile.Read(ref _marks[word]) == 0)
            {
                continue;
            }

            for (ulong marks = Interlocked.Exchange(ref _marks[word], 0); marks != 0; marks &= marks - 1)
            {
                marked((word * WordBits) + BitOperations.TrailingZeroCount(marks));
            }
        }
    }
}
