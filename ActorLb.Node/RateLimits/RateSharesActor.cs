using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.RateLimits;

/// <summary>
/// Shares limits that the whole cluster has: every second tells the owners of keys how much is asked for here, goes by their answers, and answers
/// for the keys that this node owns. Sends nothing where no route has such a limit.
/// </summary>
internal sealed class RateSharesActor : ReceiveActor, INodeActor, IWithTimers
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly DataPlane _plane;
    private readonly string _self;
    private readonly RateOwner _owner = new();
    private RateOwners _owners;

    // Until then limits are parted as they were before this actor began, or began anew.
    private bool _knowsMembers;
    private ImmutableArray<NodeMember> _others = [];

    public RateSharesActor(DataPlane plane)
    {
        _plane = plane;
        _self = plane.Settings.Name;
        _owners = new RateOwners(_self, []);
        Receive<RatesReported>(m => m.View == _owners.View, OnReported);
        Receive<SharesGiven>(m => m.View == _owners.View, given => Give(given.Node, given.Shares));
        Receive<MembershipChanged>(Follow);
        Receive<Tick>(_ => Report());

        // Whoever sees other members is not followed, and hears nothing: it goes by its even part soon, as is reckoned here.
        Receive<RatesReported>(_ => { });
        Receive<SharesGiven>(_ => { });
    }

    public static string Name => "rate-shares";

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.FollowMembership();
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, ReportInterval);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Follow(MembershipChanged membership)
    {
        _others = [.. membership.Members.Where(m => m.Name != _self && m is { Status: "up", Reachable: true })];
        var owners = new RateOwners(_self, membership.Members);
        if (owners.View != _owners.View || !_knowsMembers)
        {
            _knowsMembers = true;
            _owners = owners;
            _owner.Follow(owners.Members, Now);
            _plane.Rates.Follow(owners.Members.Length, owners.View);
        }
    }

    private void Report()
    {
        if (_others.IsEmpty || !_plane.Rates.AreUsed)
        {
            return;
        }

        ILookup<string, RatePart> byOwner = _plane.Rates.Hot(RateOwner.DemandsMax).ToLookup(d => _owners.Of(d.Id), StringComparer.Ordinal);
        foreach (NodeMember other in _others)
        {
            Context.At<RateSharesActor>(other.Address).Tell(new RatesReported(_self, _owners.View, [.. byOwner[other.Name]]));
        }

        Give(_self, _owner.Answer(_self, byOwner[_self], Now));
    }

    private void OnReported(RatesReported reported)
    {
        ImmutableArray<RatePart> shares = _owner.Answer(reported.Node, reported.Demands.Where(d => _owners.Of(d.Id) == _self), Now);
        Sender.Tell(new SharesGiven(_self, _owners.View, shares));
    }

    private void Give(string owner, ImmutableArray<RatePart> shares) =>
        _plane.Rates.Give(shares.Where(s => _owners.Of(s.Id) == owner), _owners.View);

    private TimeSpan Now => _plane.Time.GetElapsedTime(0);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
