using System.Collections.Immutable;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Shared.Sessions;
using static ActorLb.Tests.TicketKeys.KeyWorld;

namespace ActorLb.Tests.TicketKeys;

/// <summary>
/// Nodes that share ticket keys, with messages that are lost and late, crashes, partitions and healing, and a clock.
/// The decisions are the product's; what TicketKeyActor does around them is done here without actors.
/// </summary>
internal sealed class KeySimulation
{
    private readonly List<SimulatedNode> _nodes;
    private readonly List<(int From, int To, object Message)> _wire = [];
    private readonly Dictionary<TicketKey, long> _lastSigned = [];
    private readonly Random _random;
    private byte _made;
    private long _uids;
    private int _joined;

    public KeySimulation(int nodes, int seed)
    {
        _random = new Random(seed);
        _nodes = [.. Enumerable.Range(0, nodes).Select(i => new SimulatedNode($"n{i}") { Uid = ++_uids, Age = i })];
        _joined = nodes;
    }

    public long Now { get; private set; } = 1_000_000_000;

    public int Rotations { get; private set; }

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    public void Step()
    {
        SimulatedNode node = _nodes[_random.Next(_nodes.Count)];
        switch (_random.Next(100))
        {
            case < 45:
                Deliver();
                break;
            case < 60:
                Gossip(node);
                break;
            case < 75:
                Tick(node);
                break;
            case < 79 when node.Settled && Leader(node) == node && node.State.Ring.Entries.Length < TicketKeyBounds.KeysMax:
                Rotate(node);
                break;
            case < 82:
                Crash(node);
                break;
            case < 84:
                Split(node);
                break;
            case < 88:
                Heal();
                break;
            case < 90:
                _wire.RemoveAll(_ => _random.Next(3) == 0);
                break;
            case < 95:
                Now += _random.Next((int)Times.Refresh / 2);
                break;
            default:
                Tick(node);
                break;
        }

        Check();
    }

    /// <summary>The network is whole again and nothing is lost any more.</summary>
    public void Settle()
    {
        while (_nodes.Select(n => n.Group).Distinct().Count() > 1)
        {
            Heal();
            Check();
        }

        for (int round = 0; round < 40; round++)
        {
            foreach (SimulatedNode node in _nodes)
            {
                Tick(node);
                Gossip(node);
            }

            while (_wire.Count > 0)
            {
                Deliver(0);
                Check();
            }
        }
    }

    /// <summary>Keys that a ticket of a live session may carry.</summary>
    public IEnumerable<TicketKey> Alive() =>
        _lastSigned.Where(k => k.Value + Times.Retirement - Times.Refresh - 300_000 >= Now).Select(k => k.Key);

    // Within a group, all that a settled node signs with is held by all other settled nodes.
    private void Check()
    {
        foreach (SimulatedNode node in _nodes.Where(n => n.State.InUse))
        {
            TicketKeyEntry signer = node.State.Ring.Signer!;
            _lastSigned[signer.Key] = Now;
            if (node.Settled)
            {
                foreach (SimulatedNode other in _nodes.Where(o => o.Group == node.Group && o.Settled))
                {
                    if (!other.State.Ring.Keys.Contains(signer.Key))
                    {
                        throw new InvalidOperationException($"{node.Name} signs with {signer.Key}, which {other.Name} does not know");
                    }
                }
            }
        }
    }

    private SimulatedNode Leader(SimulatedNode of) => Members(of).MinBy(n => n.Age)!;

    private IEnumerable<SimulatedNode> Members(SimulatedNode of) => _nodes.Where(n => n.Group == of.Group);

    private ImmutableArray<KeyHolder> Holders(SimulatedNode of) => [.. Members(of).Select(n => new KeyHolder(n.Uid, n.Name, true))];

    private void Rotate(SimulatedNode node)
    {
        if (node.State.Ring.Pending is null)
        {
            Rotations++;
            Take(node, node.State.With(node.State.Ring.WithNext(NewKey(), Now), Now, Times));
            Lead(node);
        }
    }

    private void Tick(SimulatedNode node)
    {
        if (node.Settled)
        {
            Lead(node);
        }
        else if (Leader(node) != node)
        {
            Send(node, Leader(node), new BringTicketKeys(node.State.Ring));
        }
        else if (Members(node).Select(n => n.Replica).Aggregate((a, b) => a.Merge(b)) is { IsEmpty: false } found)
        {
            Hear(node, found);
        }
        else
        {
            Take(node, node.State.Found(NewKey, Now));
            Lead(node);
        }
    }

    private void Lead(SimulatedNode node)
    {
        if (!node.Settled || Leader(node) != node)
        {
            return;
        }

        var members = Holders(node);
        node.HandOver = node.HandOver.Among(members, Now, Times);
        TicketKeyRing next = node.HandOver.Next(node.State.Ring, members, Now, Times);
        if (!next.Equals(node.State.Ring))
        {
            Take(node, node.State.With(next, Now, Times));
        }

        foreach (KeyHolder unaware in node.HandOver.Unaware(node.State.Ring, members))
        {
            Send(node, _nodes.Single(n => n.Uid == unaware.Uid), new HoldTicketKeys(node.State.Ring));
        }
    }

    private void Deliver(int? index = null)
    {
        if (_wire.Count == 0)
        {
            return;
        }

        int at = index ?? _random.Next(_wire.Count);
        (int from, int to, object message) = _wire[at];
        _wire.RemoveAt(at);
        SimulatedNode sender = _nodes[from];
        SimulatedNode node = _nodes[to];
        switch (message)
        {
            case HoldTicketKeys hold:
                Hear(node, hold.Ring);
                Send(node, sender, Holds(node.Uid, node.State.Ring));
                break;
            case BringTicketKeys bring when node.Settled:
                Take(node, node.State.Brought(bring.Ring, Now, Times));
                Send(node, sender, new HoldTicketKeys(node.State.Ring));
                break;
            case TicketKeysHeld held when node.Settled:
                node.HandOver = node.HandOver.Answered(held);
                Lead(node);
                break;
        }
    }

    private void Gossip(SimulatedNode node)
    {
        SimulatedNode[] others = [.. Members(node).Where(n => n != node)];
        if (others.Length > 0)
        {
            SimulatedNode other = others[_random.Next(others.Length)];
            node.Replica = other.Replica = node.Replica.Merge(other.Replica);
            Hear(node, node.Replica);
            Hear(other, other.Replica);
        }
    }

    private void Hear(SimulatedNode node, TicketKeyRing ring)
    {
        if (!ring.IsEmpty)
        {
            Take(node, node.State.Heard(ring, Now, Times));
        }
    }

    private static void Take(SimulatedNode node, TicketKeyState next)
    {
        node.State = next;
        node.Disk = next.Ring;
        if (next.Settled)
        {
            node.Replica = node.Replica.Merge(next.Ring);
        }
    }

    // A new process with the old disk, in the same group.
    private void Crash(SimulatedNode node)
    {
        Leave(node);
        node.State = TicketKeyState.Of(node.Disk, false, Now, Times);
    }

    private void Split(SimulatedNode node)
    {
        SimulatedNode[] side = [.. Members(node).Where(n => n == node || _random.Next(2) == 0)];
        SimulatedNode[] rest = [.. Members(node).Except(side)];
        if (rest.Length == 0)
        {
            return;
        }

        int group = _nodes.Max(n => n.Group) + 1;
        foreach (SimulatedNode moved in side)
        {
            moved.Group = group;
        }

        _wire.RemoveAll(m => _nodes[m.From].Group != _nodes[m.To].Group);
        foreach ((SimulatedNode at, SimulatedNode gone) in side.SelectMany(s => rest.SelectMany(r => new[] { (s, r), (r, s) })))
        {
            at.HandOver = at.HandOver.Gone(new KeyHolder(gone.Uid, gone.Name, false), Now);
        }
    }

    // One node restarts its control plane in place and joins the largest group; its data plane keeps its keys.
    private void Heal()
    {
        int largest = _nodes.GroupBy(n => n.Group).MaxBy(g => g.Count())!.Key;
        if (_nodes.FirstOrDefault(n => n.Group != largest) is { } node)
        {
            Leave(node);
            node.Group = largest;
            node.State = TicketKeyState.Of(node.State.Ring, node.State.InUse, Now, Times);
        }
    }

    private void Leave(SimulatedNode node)
    {
        _wire.RemoveAll(m => _nodes[m.From] == node || _nodes[m.To] == node);
        node.Uid = ++_uids;
        node.Age = ++_joined;
        node.Replica = TicketKeyRing.Empty;
        node.HandOver = KeyHandOverState.Empty;
    }

    private void Send(SimulatedNode from, SimulatedNode to, object message)
    {
        if (_wire.Count < 200)
        {
            _wire.Add((_nodes.IndexOf(from), _nodes.IndexOf(to), message));
        }
    }

    private TicketKey NewKey() => Key(++_made, Now);
}
