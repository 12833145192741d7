using System.Collections.Immutable;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.Feed;

/// <summary>Messages to owners that are to be sent. Within a node, from the feed to the relay; owners answer the sender.</summary>
internal sealed record SessionsNoticed(ImmutableArray<IBucketMessage> Messages);

/// <summary>Adoptions and touches for owners that live on the receiving node. Owners answer the sender.</summary>
internal sealed record SessionsRelayed(ImmutableArray<IBucketMessage> Messages);

/// <summary>The shards that have owners on the node that tells, by their bits.</summary>
internal sealed record OwnersAnnounced(ulong Shards);

internal static class BucketMessages
{
    /// <summary>The bindings of an adoption or a touch.</summary>
    public static ImmutableArray<Binding> Bindings(this IBucketMessage message) => message switch
    {
        AdoptSessions adopt => adopt.Bindings,
        TouchSessions touch => touch.Bindings,
        _ => throw new ArgumentException($"{message.GetType().Name} carries no list of bindings", nameof(message)),
    };
}
