using ActorLb.Engine.Sessions;
using ActorLb.Node.Sessions.Learned;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Sessions.Ownership;

/// <summary>
/// Asks the owner of a session where it lives. Only so many wait for one shard, and while its owner does not
/// answer only one, to find out when it does: the others are told at once that there is no answer, and owners that
/// are there do not suffer. What an owner does not know of a session, the other nodes may.
/// </summary>
/// <param name="learned">LearnedSessionsActor.</param>
/// <param name="shareTimeout">Of the other nodes, each question; null: <see cref="SessionBounds.ShareTimeout"/>.</param>
internal sealed class ShardRebinder(IActorRef owners, IActorRef learned, SessionCapability capability, TimeSpan? shareTimeout = null) : IRebinder
{
    private readonly TimeSpan _shareTimeout = shareTimeout ?? SessionBounds.ShareTimeout;
    private readonly Shard[] _shards = [.. Enumerable.Range(0, SessionBounds.Shards).Select(_ => new Shard())];
    private int _othersAsked;

    public async ValueTask<Rebound?> RebindAsync(
        string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation)
    {
        BucketId bucket = BucketId.Of(pool, known.Id);
        SessionRebound? answer = await AskAsync<SessionRebound>(bucket, new RebindSession(bucket, known, failed), timeout, cancellation).ConfigureAwait(false);
        return answer is null ? null : new Rebound(answer.Binding, answer.IsNew);
    }

    public async ValueTask<Binding?> FindAsync(string pool, SessionId session, TimeSpan timeout, CancellationToken cancellation)
    {
        BucketId bucket = BucketId.Of(pool, session);
        var question = new FindSession(bucket, session);
        SessionFound? answer = await AskAsync<SessionFound>(bucket, question, timeout, cancellation).ConfigureAwait(false);
        return answer is { Binding.Backend: var backend } && backend != BackendKey.None ? answer.Binding
            : await AskOthersAsync(question, cancellation).ConfigureAwait(false) ?? answer?.Binding;
    }

    /// <summary>
    /// An owner that has just begun elsewhere does not know what its last one had told nobody, and one whose shard is on its way does
    /// not answer: whoever served the session last knows it.
    /// </summary>
    /// <returns>What the others know; null: nobody knows it, or too many wait.</returns>
    private async ValueTask<Binding?> AskOthersAsync(FindSession question, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _othersAsked) > SessionBounds.RebindsInFlightPerShard)
        {
            Interlocked.Decrement(ref _othersAsked);
            return null;
        }

        try
        {
            OthersToAsk others = await learned.Ask<OthersToAsk>(AskOthers.Instance, _shareTimeout, cancellation).ConfigureAwait(false);
            Binding?[] known = await Task.WhenAll(others.Nodes.Select(n => KnownAtAsync(n, question, _shareTimeout, cancellation))).ConfigureAwait(false);
            Binding[] found = [.. known.OfType<Binding>().Where(b => b.Backend != BackendKey.None)];
            return found.Length == 0 ? null : found.Aggregate((left, right) => Binding.Merge(left, right));
        }
        catch (Exception)
        {
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _othersAsked);
        }
    }

    private static async Task<Binding?> KnownAtAsync(ICanTell node, FindSession question, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            return (await node.Ask<SessionFound>(question, timeout, cancellation).ConfigureAwait(false)).Binding;
        }
        catch (Exception)
        {
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    public ValueTask ShareAsync(string pool, Binding session)
    {
        var shared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        learned.Tell(new ShareLearned(pool, session, shared), ActorRefs.NoSender);

        // Whatever becomes of the actor, the answer goes out.
        return new(shared.Task.WaitAsync(2 * _shareTimeout).ContinueWith(static _ => { }, TaskScheduler.Default));
    }

    /// <summary>Null: no answer in time, or too many wait.</summary>
    private async ValueTask<T?> AskAsync<T>(BucketId bucket, IBucketMessage question, TimeSpan timeout, CancellationToken cancellation)
        where T : class
    {
        Shard shard = _shards[BucketExtractor.ShardOf(bucket.Index)];
        if (!shard.TryEnter())
        {
            capability.RebindRefused();
            return null;
        }

        try
        {
            T answer = await owners.Ask<T>(question, timeout, cancellation).ConfigureAwait(false);
            shard.Silent = false;
            return answer;
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
