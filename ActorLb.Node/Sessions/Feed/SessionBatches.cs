using ActorLb.Engine.Sessions;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.Feed;

/// <summary>Sorts what the data plane noticed into one message per bucket and kind; a session that came twice is merged.</summary>
internal static class SessionBatches
{
    public static IEnumerable<IBucketMessage> Of(IEnumerable<SessionNotice> notices)
    {
        var adopted = new Dictionary<BucketId, Dictionary<SessionId, Binding>>();
        var touched = new Dictionary<BucketId, Dictionary<SessionId, Binding>>();
        foreach (SessionNotice notice in notices)
        {
            Add(notice.Kind == SessionNoticeKind.Adopted ? adopted : touched, notice);
        }

        foreach ((BucketId bucket, Dictionary<SessionId, Binding> bindings) in adopted)
        {
            yield return new AdoptSessions(bucket, [.. bindings.Values]);
        }

        foreach ((BucketId bucket, Dictionary<SessionId, Binding> bindings) in touched)
        {
            yield return new TouchSessions(bucket, [.. bindings.Values]);
        }
    }

    private static void Add(Dictionary<BucketId, Dictionary<SessionId, Binding>> buckets, in SessionNotice notice)
    {
        BucketId bucket = BucketId.Of(notice.Pool, notice.Binding.Id);
        if (!buckets.TryGetValue(bucket, out Dictionary<SessionId, Binding>? bindings))
        {
            buckets.Add(bucket, bindings = []);
        }

        bindings[notice.Binding.Id] = bindings.TryGetValue(notice.Binding.Id, out Binding known)
            ? Binding.Merge(known, notice.Binding)
            : notice.Binding;
    }
}
