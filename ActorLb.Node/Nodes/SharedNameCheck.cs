using ActorLb.Node.Cluster;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Nodes;

/// <summary>Whether an older member has this node's name. Any thread, one at a time.</summary>
internal sealed class SharedNameCheck(NodeSettings settings, ControlPlane control, TimeProvider time)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    private long? _since;

    /// <summary>
    /// Why this node cannot go on; null: it can. Also asked while it serves: a node may find the cluster after it has begun without it.
    /// </summary>
    public string? Problem()
    {
        if (OlderTwin() is not { } twin)
        {
            _since = null;
            return null;
        }

        _since ??= time.GetTimestamp();
        TimeSpan patience = (3 * settings.Cluster.StableAfter) + TimeSpan.FromSeconds(5);
        return time.GetElapsedTime(_since.Value) >= patience
            ? $"the node at {twin.Address} is called {settings.Name} too: each node needs a name of its own (node.name)"
            : null;
    }

    /// <summary>Complete when there is no such member: a node that was killed and came back at another address is one until it is missed.</summary>
    /// <exception cref="IOException">There still is.</exception>
    public async Task RefuseAsync(CancellationToken cancellation)
    {
        while (OlderTwin() is not null)
        {
            if (Problem() is { } why)
            {
                throw new IOException(why);
            }

            await Task.Delay(LookInterval, time, cancellation);
        }
    }

    private NodeMember? OlderTwin() =>
        control.System is { } system
        && MembershipState.Twins(control.Membership)[settings.Name].FirstOrDefault() is { } oldest
        && oldest.Address != Akka.Cluster.Cluster.Get(system).SelfAddress.ToString()
            ? oldest
            : null;
}
