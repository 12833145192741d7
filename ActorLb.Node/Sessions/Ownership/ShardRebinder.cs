using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Sessions.Ownership;

/// <summary>
/// Asks the owner of a session where it lives now. Only so many wait for one shard, and while its owner does not
/// answer only one, to find out when it does: the others are told at once that there is no answer, and owners that
/// are there do not suffer.
/// </summary>
internal sealed class ShardRebinder(IActorRef owners, SessionCapability capability) : IRebinder
{
    private readonly Shard[] _shards = [.. Enumerable.Range(0, SessionBounds.Shards).Select(_ => new Shard())];

    public async ValueTask<Binding?> RebindAsync(
        string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation)
    {
        BucketId bucket = BucketId.Of(pool, known.Id);
        Shard shard = _shards[BucketExtractor.ShardOf(bucket.Index)];
        if (!shard.TryEnter())
        {
            capability.RebindRefused();
            return null;
        }

        try
        {
            SessionRebound answer = await owners
                .Ask<SessionRebound>(new RebindSession(bucket, known, failed), timeout, cancellation)
                .ConfigureAwait(false);
            shard.Silent = false;
            return answer.Binding;
        }
        catch (Exception)
        {
            cancellation.ThrowIfCancellationRequested();

            // Too late, no owner, or no actor system any more: all the same to the caller, who decides by the hash.
            shard.Silent = true;
            capability.RebindUnanswered();
            return null;
        }
        finally
        {
            shard.Leave();
        }
    }

    private sealed class Shard
    {
        private int _inFlight;
        private volatile bool _silent;

        /// <summary>The last question was not answered in time.</summary>
        public bool Silent
        {
            set => _silent = value;
        }

        public bool TryEnter()
        {
            int inFlight = Interlocked.Increment(ref _inFlight);
            if (inFlight <= (_silent ? 1 : SessionBounds.RebindsInFlightPerShard))
            {
                return true;
            }

            Leave();
            return false;
        }

        public void Leave() => Interlocked.Decrement(ref _inFlight);
    }
}
