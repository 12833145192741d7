using ActorLb.Node.Cluster.Discovery;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Cluster.Discovery;

/// <summary>
/// Nodes that form, join, are taken out and move, without Akka and without a clock: quarter seconds follow each other,
/// answers get lost, links are broken, and what a node knows of its own cluster may be old.
/// </summary>
internal sealed class DiscoverySimulation
{
    private const int HealEvery = 4;

    /// <summary>How long two members that cannot reach each other stay in one cluster: six seconds.</summary>
    private const int NoticedAfter = 24;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FormAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PartAfter = TimeSpan.FromSeconds(11);

    private readonly Random _random;
    private readonly double _loss;
    private readonly SimulatedNode[] _nodes;
    private readonly Dictionary<(int, int), int> _apartSince = [];
    private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private int _tick;
    private int _uids;
    private int _clusters;
    private int _joins;

    public DiscoverySimulation(int nodes, double loss, int seed)
    {
        _random = new Random(seed);
        _loss = loss;
        Broken = new bool[nodes, nodes];
        _nodes = [.. Enumerable.Range(0, nodes).Select(i => new SimulatedNode(i))];
        foreach (SimulatedNode node in _nodes)
        {
            StartAnew(node);
        }
    }

    /// <summary>Links on which nothing arrives, by both numbers in either order.</summary>
    public bool[,] Broken { get; }

    /// <summary>Lives of nodes that have begun so far.</summary>
    public int Lives => _uids;

    /// <summary>How many clusters there are; a node without one counts as one.</summary>
    public int Clusters => _nodes.Select(n => n.Cluster ?? -1 - n.Number).Distinct().Count();

    public void Run(int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            _tick++;
            _now += Step;
            SimulatedNode[] order = [.. _nodes];
            _random.Shuffle(order);
            foreach (SimulatedNode node in order)
            {
                Act(node);
            }

            TakeOut();
        }
    }

    private static HostPort Address(int node) => new($"10.0.0.{node + 1}", 8110);

    private static int NumberOf(HostPort address) => int.Parse(address.Host.AsSpan(7)) - 1;

    private bool IsCut(int one, int other) => Broken[one, other] || Broken[other, one];

    private IEnumerable<SimulatedNode> MembersOf(int? cluster) => _nodes.Where(n => n.Cluster == cluster && cluster is not null);

    private void Act(SimulatedNode node)
    {
        if (node.Cluster is null)
        {
            foreach (HostPort other in node.Formation!.Others)
            {
                Ask(node, NumberOf(other));
            }

            Decide(node);
            return;
        }

        if (_random.Next(2) == 0)
        {
            node.View = ClusterView.Of(MembersOf(node.Cluster).Select(n => new ClusterMember(Address(n.Number), n.Uid, n.Since)));
        }

        if ((_tick + node.Number) % HealEvery == 0)
        {
            foreach (SimulatedNode other in _nodes.Where(o => node.View.Members.All(m => m.Address != Address(o.Number))))
            {
                Ask(node, other.Number);
            }
        }
    }

    private void Ask(SimulatedNode node, int number)
    {
        SimulatedNode asked = _nodes[number];
        if (IsCut(node.Number, number) || _random.NextDouble() < _loss)
        {
            node.Answering.Remove(number);
            node.Formation = node.Formation?.Silent(Address(number));
            return;
        }

        Hear(asked, ReportOf(node));
        if (_random.NextDouble() >= _loss)
        {
            node.Answering.Add(number);
            Hear(node, ReportOf(asked));
        }
    }

    private static ClusterReport ReportOf(SimulatedNode node) =>
        new(Address(node.Number), node.Cluster is null ? Standing.Looking : Standing.Member, node.View);

    private void Hear(SimulatedNode node, ClusterReport report)
    {
        if (node.Formation is not null)
        {
            node.Formation = node.Formation.Heard(report);
            return;
        }

        bool atRest = MembersOf(node.Cluster).All(n => MembersOf(node.Cluster).All(o => !IsCut(n.Number, o.Number)));
        (node.Healing, bool moves) = node.Healing.Heard(node.View, atRest, report, a => node.Answering.Contains(NumberOf(a)));
        if (moves)
        {
            StartAnew(node);
        }
    }

    private void Decide(SimulatedNode node)
    {
        FormationStep step = node.Formation!.Next(_now);
        int? cluster = step.Forms
            ? ++_clusters
            : step.Join.Select(a => _nodes[NumberOf(a)]).FirstOrDefault(n => n.Cluster is not null && !IsCut(n.Number, node.Number))?.Cluster;
        if (cluster is not null)
        {
            node.Cluster = cluster;
            node.Formation = null;
            node.JoinedAt = ++_joins;
            node.View = ClusterView.Of(MembersOf(cluster).Select(n => new ClusterMember(Address(n.Number), n.Uid, n.Since)));
        }
    }

    private void StartAnew(SimulatedNode node)
    {
        node.Uid = ++_uids;
        node.Since = _now.ToUnixTimeMilliseconds();
        node.Cluster = null;
        node.View = ClusterView.Of([]);
        node.Healing = HealingState.Nothing;
        node.Formation = FormationState.Of(Address(node.Number), _nodes.Select(n => Address(n.Number)), _now, FormAfter, PartAfter);
    }

    // Sides that nobody connects go on as clusters of their own; of two whom somebody hears both, the younger goes.
    private void TakeOut()
    {
        foreach (SimulatedNode one in _nodes)
        {
            foreach (SimulatedNode other in _nodes.Where(o => o.Number > one.Number))
            {
                bool apart = one.Cluster is not null && one.Cluster == other.Cluster && IsCut(one.Number, other.Number);
                int since = apart ? _apartSince.TryAdd((one.Number, other.Number), _tick) ? _tick : _apartSince[(one.Number, other.Number)] : _tick;
                if (!apart)
                {
                    _apartSince.Remove((one.Number, other.Number));
                }
                else if (_tick - since >= NoticedAfter)
                {
                    Part(one, other);
                }
            }
        }
    }

    private void Part(SimulatedNode one, SimulatedNode other)
    {
        var side = new HashSet<int> { one.Number };
        while (MembersOf(one.Cluster).FirstOrDefault(n => !side.Contains(n.Number) && side.Any(s => !IsCut(s, n.Number))) is { } next)
        {
            side.Add(next.Number);
        }

        if (side.Contains(other.Number))
        {
            StartAnew(one.JoinedAt < other.JoinedAt ? other : one);
            return;
        }

        int apart = ++_clusters;
        foreach (int member in side)
        {
            _nodes[member].Cluster = apart;
        }
    }

    private sealed class SimulatedNode(int number)
    {
        public int Number { get; } = number;

        public int Uid { get; set; }

        public long Since { get; set; }

        public int JoinedAt { get; set; }

        public int? Cluster { get; set; }

        public ClusterView View { get; set; } = ClusterView.Of([]);

        public FormationState? Formation { get; set; }

        public HealingState Healing { get; set; } = HealingState.Nothing;

        public HashSet<int> Answering { get; } = [];
    }
}
