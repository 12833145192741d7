using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Event;

namespace ActorLb.Node.Routing;

/// <summary>
/// Tells the other nodes which backends this one knows, and this node's pools which the others know: while nodes run different
/// configurations, a session may be bound to a backend that is written elsewhere only.
/// </summary>
internal sealed class KnownBackendsActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "known-backends";

    /// <summary>A message may be lost.</summary>
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(5);

    /// <summary>Many changes at once are one message.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    private readonly DataPlane _plane;
    private readonly ToldMemory _memory;
    private ImmutableArray<string> _others = [];

    /// <param name="memory">Used by this actor alone.</param>
    public KnownBackendsActor(DataPlane plane, ToldMemory memory)
    {
        _plane = plane;
        _memory = memory;
        bool believes = Believes(plane.Settings.Cluster);
        Receive<BackendsKnown>(m => believes && m.Node != plane.Settings.Name, m => Hear(memory.Told.With(m)));
        Receive<BackendsKnown>(_ => { });
        Receive<MembershipChanged>(Follow);
        Receive<PoolChanged>(_ => TellSoon());
        Receive<PoolRemoved>(_ => TellSoon());
        Receive<AskTold>(_ => Sender.Tell(new ToldBackendsChanged(memory.Told)));
        Receive<Tick>(tick => tick == Tick.Soon, _ => Tell());
        Receive<Tick>(_ =>
        {
            Tell();
            Timers.StartSingleTimer(Tick.Again, Tick.Again, TellInterval);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Only who has proved to be a node says where clients' requests go: by secret or certificate, or because he is on this machine.</summary>
    internal static bool Believes(ClusterSettings cluster) =>
        !cluster.Secrets.IsEmpty
        || cluster.Tls is not null
        || cluster.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(cluster.Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    protected override void PreStart()
    {
        Context.FollowMembership();
        Context.System.EventStream.Subscribe<PoolChanged>(Self);
        Context.System.EventStream.Subscribe<PoolRemoved>(Self);
        Timers.StartSingleTimer(Tick.Again, Tick.Again, TellInterval);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Follow(MembershipChanged membership)
    {
        NodeMember[] others = [.. membership.Members.Where(m => m.Name != _plane.Settings.Name && m.Status is not ("down" or "removed"))];
        ImmutableArray<string> addresses = [.. others.Select(m => m.Address)];
        if (addresses.Except(_others).Any())
        {
            TellSoon();
        }

        _others = addresses;
        Hear(_memory.Told.Among(others.Select(m => m.Name).ToHashSet(StringComparer.Ordinal)));
    }

    private void Hear(ToldBackends told)
    {
        _memory.Told = told;
        Context.System.EventStream.Publish(new ToldBackendsChanged(told));
    }

    private void TellSoon()
    {
        if (!Timers.IsTimerActive(Tick.Soon))
        {
            Timers.StartSingleTimer(Tick.Soon, Tick.Soon, Gathering);
        }
    }

    private void Tell()
    {
        if (_others.IsEmpty)
        {
            return;
        }

        var known = new BackendsKnown(
            _plane.Settings.Name,
            [
                .. _plane.Routing.Pools.Values.SelectMany(p => p.Settings.Backends
                    .Where(b => !b.IsTold)
                    .Select(b => new KnownBackend(new BackendName(p.Name, b.Id), b.Address, b.LeftAt))),
            ]);
        foreach (string address in _others)
        {
            Context.At<KnownBackendsActor>(address).Tell(known);
        }
    }

    private enum Tick
    {
        Soon,
        Again,
    }
}

/// <summary>What do the other nodes know now? To <see cref="KnownBackendsActor"/>, which answers with <see cref="ToldBackendsChanged"/>. Within a node.</summary>
internal sealed class AskTold
{
    public static readonly AskTold Instance = new();
}
