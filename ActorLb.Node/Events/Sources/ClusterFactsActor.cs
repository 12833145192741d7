using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Events.Sources;

/// <summary>Offers what this node's actors are told of the cluster: who comes and goes, and what the majority says of backends.</summary>
internal sealed class ClusterFactsActor : ReceiveActor, INodeActor
{
    private readonly SharedFacts _facts;
    private readonly Dictionary<BackendName, BackendHealth> _healths = [];
    private MembershipChanged? _membership;

    public ClusterFactsActor(SharedFacts facts)
    {
        _facts = facts;
        Receive<MembershipChanged>(OnMembership);
        Receive<BackendHealthChanged>(OnHealth);
        Receive<PoolChanged>(m => Keep(m.Pool.Name, m.Pool.Backends.Select(b => b.Id).ToHashSet(StringComparer.Ordinal)));
        Receive<PoolRemoved>(m => Keep(m.Pool, []));
    }

    public static string Name => "cluster-facts";

    protected override void PreStart()
    {
        Context.FollowMembership();
        Context.System.EventStream.Subscribe(Self, typeof(BackendHealthChanged));
        Context.System.EventStream.Subscribe(Self, typeof(PoolChanged));
        Context.System.EventStream.Subscribe(Self, typeof(PoolRemoved));
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void OnMembership(MembershipChanged membership)
    {
        MembershipChanged before = _membership ?? membership;
        _membership = membership;
        foreach (EventNote note in MemberChanges.Between(before, membership))
        {
            _facts.Offer(note);
        }
    }

    private void OnHealth(BackendHealthChanged changed)
    {
        bool isFirst = !_healths.TryGetValue(changed.Backend, out BackendHealth before) || before == BackendHealth.Unknown;
        _healths[changed.Backend] = changed.Health;
        if (changed.Health != BackendHealth.Unknown)
        {
            _facts.Offer(BackendHealthWords.Of(changed), isNewsHereOnly: isFirst);
        }
    }

    private void Keep(string pool, HashSet<string> backends)
    {
        foreach (BackendName gone in _healths.Keys.Where(b => b.Pool == pool && !backends.Contains(b.Id)).ToArray())
        {
            _healths.Remove(gone);
        }
    }
}
