using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Affinity.Ownership;

/// <summary>
/// Asks the owner of a session where it lives now. Only so many wait for one shard: while its owner is away the
/// others are answered at once, with nothing, and owners that are there do not suffer.
/// </summary>
internal sealed class ShardRebinder(IActorRef owners, AffinityCapability capability) : IRebinder
{
    private readonly int[] _inFlight = new int[AffinityBounds.Shards];

    public async ValueTask<Binding?> RebindAsync(
        string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation)
    {
        BucketId bucket = BucketId.Of(pool, known.Id);
        int shard = BucketExtractor.ShardOf(bucket.Index);
        if (Interlocked.Increment(ref _inFlight[shard]) > AffinityBounds.RebindsInFlightPerShard)
        {
            Interlocked.Decrement(ref _inFlight[shard]);
            capability.RebindRefused();
            return null;
        }

        try
        {
            SessionRebound answer = await owners
                .Ask<SessionRebound>(new RebindSession(bucket, known, failed), timeout, cancellation)
                .ConfigureAwait(false);
            return answer.Binding;
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // Too late, no owner, or no actor system any more: all the same to the caller, who decides by the hash.
            capability.RebindUnanswered();
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight[shard]);
        }
    }
}
