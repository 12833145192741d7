using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Tests.Sessions;
using Xunit;

namespace ActorLb.Tests.TicketKeys;

/// <summary>Several nodes in one process, each with an actor system of its own, connected over loopback.</summary>
public sealed class KeyClusterTests : IAsyncLifetime
{
    private static readonly Binding Session = new(SessionWorld.NewSession(), BackendKey.Of("web-1"), 1, 1_800_000_000);

    private readonly List<KeyNode> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));

    [Fact]
    public async Task A_rotation_asked_of_any_node_signs_on_all_nodes_and_old_tickets_stay_good()
    {
        await Cluster(3);
        foreach (KeyNode asked in _nodes)
        {
            string ticket = asked.Seal(Session);
            TicketKey before = asked.Signer!;

            TicketKeysRotated rotated = await asked.RotateAsync();

            Assert.Equal(RotationOutcome.Signs, rotated.Outcome);
            Assert.All(_nodes, n => Assert.Equal(rotated.Key, n.Signer!.Id));
            Assert.NotEqual(before, asked.Signer);
            Assert.All(_nodes, n => Assert.Equal(Session, n.Open(ticket)));
            Assert.All(_nodes, n => Assert.Contains(asked.Signer!, n.Disk.Ring.Keys));
            Assert.All(_nodes, to => Assert.All(_nodes, from => Assert.Equal(Session, to.Open(from.Seal(Session)))));
        }

        Assert.Equal(4, _nodes[0].Plane.Keys.Keys.Length);
        TicketKeyReport report = await _nodes[2].Desk.DescribeAsync(CancellationToken.None);
        Assert.Equal(RotationPhase.None, report.Rotation);
        Assert.Equal(_nodes[0].Signer!.Id, Assert.Single(report.Keys, k => k.Use == TicketKeyUse.Signing).Id);
        Assert.Equal(3, report.Keys.Count(k => k.Use == TicketKeyUse.Verifying && k.VerifiesUntil > 0));
        Assert.All(_nodes, n => Assert.Equal(0, n.WireRefusals));
    }

    [Fact]
    public async Task Several_asked_for_at_once_are_one_rotation()
    {
        await Cluster(3);
        TicketKeysRotated[] rotated = await Task.WhenAll(_nodes.Select(n => n.RotateAsync()));
        Assert.All(rotated, r => Assert.Equal(RotationOutcome.Signs, r.Outcome));

        // The last one may have come when the first rotation was over.
        Assert.InRange(_nodes[0].Plane.Keys.Keys.Length, 2, 4);
        await Eventually.Holds(() => _nodes.All(n => n.Plane.Keys.Equals(_nodes[0].Plane.Keys)), "all have the same ring");
    }

    [Fact]
    public async Task A_node_that_cannot_keep_the_key_holds_the_rotation_up_until_it_can()
    {
        await Cluster(3);
        TicketKey before = _nodes[0].Signer!;
        _nodes[1].Disk.Full = true;

        TicketKeysRotated rotated = await _nodes[2].RotateAsync();

        Assert.Equal(RotationOutcome.Spreading, rotated.Outcome);
        Assert.Equal([new KeyWait("n1", KeyWaitReason.NotKept, 0)], rotated.Report.Waits.ToArray());
        Assert.All(_nodes, n => Assert.Equal(before, n.Signer));
        Assert.All(_nodes, n => Assert.Equal(2, n.Plane.Keys.Keys.Length));

        _nodes[1].Disk.Full = false;
        await SignedEverywhere(rotated.Key);
        Assert.Equal(rotated.Key, (await _nodes[0].Desk.DescribeAsync(CancellationToken.None)).Keys.Single(k => k.Use == TicketKeyUse.Signing).Id);
    }

    [Fact]
    public async Task When_the_leading_node_dies_in_the_middle_another_one_finishes_and_waits_for_the_lost_one()
    {
        await Cluster(3);
        TicketKey before = _nodes[0].Signer!;
        _nodes[2].Disk.Full = true;
        ushort key = (await _nodes[1].RotateAsync()).Key;
        KeyNode killed = _nodes[0];
        await killed.KillAsync();
        await Eventually.Holds(() => _nodes[1].Up == 2 && _nodes[2].Up == 2, "the dead node is out");
        _nodes[2].Disk.Full = false;

        await Eventually.Holds(
            async () => await WaitsAsync(_nodes[2]) is [{ Node: "n0", Reason: KeyWaitReason.Lost, Until: > 0 }],
            "only the lost node is waited for");
        Assert.Equal(before, _nodes[1].Signer);

        _nodes[0] = await KeyNode.StartAsync("n0", _nodes[1], killed.Disk);
        await SignedEverywhere(key);
    }

    [Fact]
    public async Task Who_asked_for_a_key_is_known_where_it_is_made_with_the_node_that_was_asked()
    {
        await Cluster(2);
        ushort first = (await _nodes[1].Desk.RotateAsync(new RotateTicketKeys([]) { Who = "ci (10.0.0.5)" }, CancellationToken.None)).Key;
        await SignedEverywhere(first);
        Assert.Equal("ci (10.0.0.5) at n1", _nodes[0].Capability.KeyAskers.Of(first));
        ushort second = (await _nodes[0].Desk.RotateAsync(new RotateTicketKeys([]) { Who = "ci (10.0.0.5)" }, CancellationToken.None)).Key;
        Assert.Equal("ci (10.0.0.5)", _nodes[0].Capability.KeyAskers.Of(second));
    }

    [Fact]
    public async Task A_lost_node_that_does_not_come_back_is_left_out_when_the_operator_says_so()
    {
        await Cluster(2);
        await _nodes[1].KillAsync();
        await Eventually.Holds(() => _nodes[0].Up == 1, "the dead node is out");
        TicketKeysRotated waiting = await _nodes[0].RotateAsync();
        Assert.Equal(RotationOutcome.Spreading, waiting.Outcome);
        await Eventually.Holds(async () => await WaitsAsync(_nodes[0]) is [{ Node: "n1", Reason: KeyWaitReason.Lost }], "it counts as lost");

        TicketKeysRotated rotated = await _nodes[0].Desk.RotateAsync(new RotateTicketKeys(["n1"]), CancellationToken.None);

        Assert.Equal((RotationOutcome.Signs, waiting.Key), (rotated.Outcome, rotated.Key));
    }

    [Fact]
    public async Task A_rotation_goes_on_after_a_restart_of_all_nodes_and_with_one_that_joins_in_the_middle()
    {
        await Cluster(2);
        string ticket = _nodes[0].Seal(Session);
        _nodes[1].Disk.Full = true;
        ushort key = (await _nodes[0].RotateAsync()).Key;
        Assert.Equal(key, _nodes[0].Disk.Ring.Pending!.Key.Id);
        await Task.WhenAll(_nodes.Select(n => n.KillAsync()));

        KeyNode first = await KeyNode.StartAsync("n0", null, _nodes[0].Disk);
        KeyNode second = await KeyNode.StartAsync("n1", first, _nodes[1].Disk);
        KeyNode third = await KeyNode.StartAsync("n2", first);
        _nodes.AddRange([first, second, third]);
        _nodes.RemoveRange(0, 2);
        await Eventually.Holds(() => third.Plane.Keys.Keys.Length == 2 && second.Plane.Keys.Keys.Length == 2, "all hold both keys");

        second.Disk.Full = false;
        await SignedEverywhere(key);
        Assert.All(_nodes, n => Assert.Equal(Session, n.Open(ticket)));
    }

    [Fact]
    public async Task After_a_restart_of_all_nodes_the_key_that_signed_last_signs()
    {
        await Cluster(2);
        await _nodes[0].RotateAsync();
        TicketKey signer = (await _nodes[1].RotateAsync()) is { Outcome: RotationOutcome.Signs } ? _nodes[1].Signer! : throw new InvalidOperationException();
        await Task.WhenAll(_nodes.Select(n => n.KillAsync()));

        KeyNode second = await KeyNode.StartAsync("n1", null, _nodes[1].Disk);
        KeyNode first = await KeyNode.StartAsync("n0", second, _nodes[0].Disk);
        _nodes.AddRange([second, first]);

        Assert.Equal((signer, signer), (second.Signer, first.Signer));
        Assert.Equal(3, first.Plane.Keys.Keys.Length);
    }

    [Fact]
    public async Task Two_clusters_that_merge_refuse_no_ticket_of_either_and_sign_with_the_key_of_the_later_turn()
    {
        KeyNode here = await Add(KeyNode.StartAsync("a0", null));
        await Add(KeyNode.StartAsync("a1", here));
        KeyNode there = await Add(KeyNode.StartAsync("b0", null));
        Assert.Equal(RotationOutcome.Signs, (await there.RotateAsync()).Outcome);
        TicketKey later = there.Signer!;
        string[] tickets = [here.Seal(Session), there.Seal(Session)];

        // As healing does it: the control plane starts again in place and joins the other cluster.
        await there.LeaveAsync();
        _nodes[2] = await KeyNode.StartAsync("b0", here, there.Disk, there.Plane);

        await Eventually.Holds(() => _nodes.All(n => later.Equals(n.Signer)), "the later turn signs on all nodes");
        await Eventually.Holds(() => _nodes.All(n => n.Plane.Keys.Equals(here.Plane.Keys)), "all have the same ring");
        Assert.Equal(3, here.Plane.Keys.Keys.Length);
        Assert.All(_nodes, n => Assert.All(tickets, t => Assert.Equal(Session, n.Open(t))));
    }

    [Fact]
    public async Task A_node_with_keys_of_its_own_makes_no_shared_one_unless_another_node_needs_it()
    {
        KeyNode configured = await Add(KeyNode.StartAsync("own", null, configured: TestPools.Key));
        Assert.Null(configured.Signer);

        KeyNode sharing = await Add(KeyNode.StartAsync("sharing", configured));

        await Eventually.Holds(() => sharing.Signer is { } signer && signer.Equals(configured.Signer), "both hold the shared key");
        Assert.Equal(RotationOutcome.Signs, (await sharing.RotateAsync()).Outcome);
    }

    [Fact]
    public async Task There_is_an_end_to_the_number_of_keys()
    {
        KeyNode node = await Add(KeyNode.StartAsync("n0", null));
        for (int keys = 2; keys <= 16; keys++)
        {
            Assert.Equal(RotationOutcome.Signs, (await node.RotateAsync()).Outcome);
        }

        TicketKey signer = node.Signer!;
        TicketKeysRotated refused = await node.RotateAsync();
        Assert.Equal(RotationOutcome.TooManyKeys, refused.Outcome);
        Assert.Equal(16, refused.Report.Keys.Length);
        Assert.Equal(signer, node.Signer);
    }

    private Task SignedEverywhere(ushort key) =>
        Eventually.Holds(() => _nodes.All(n => n.Signer?.Id == key), $"key {key:x4} signs on all nodes");

    // A node that was asked may still take the dead one for the one that leads: then nobody answers.
    private static async Task<ImmutableArray<KeyWait>> WaitsAsync(KeyNode asked)
    {
        try
        {
            return (await asked.Desk.DescribeAsync(CancellationToken.None)).Waits;
        }
        catch (TimeoutException)
        {
            return [];
        }
    }

    private async Task<KeyNode> Add(Task<KeyNode> starting)
    {
        KeyNode node = await starting;
        _nodes.Add(node);
        return node;
    }

    private async Task Cluster(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await Add(KeyNode.StartAsync($"n{i}", i == 0 ? null : _nodes[0]));
        }

        await Eventually.Holds(() => _nodes.All(n => n.Up == count), $"{count} members are up");
    }
}
