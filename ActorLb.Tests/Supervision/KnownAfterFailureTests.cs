using ActorLb.Node.Cluster;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Operator;
using ActorLb.Node.Revisions;
using ActorLb.Node.States;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Cluster;
using ActorLb.Tests.Health;
using ActorLb.Tests.Revisions;
using ActorLb.Tests.Sessions;
using Akka.Actor;
using Xunit;

namespace ActorLb.Tests.Supervision;

/// <summary>What actors of a node know after they failed, and what those are told who have asked them.</summary>
public sealed class KnownAfterFailureTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-known-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_decision_at_which_the_store_fails_is_refused_at_once_and_is_in_force_and_kept_when_it_works_again(int failures)
    {
        HealthNode[] nodes = await HealthNode.StartAllAsync(1, _directory, HealthNode.Quick(Pools.Backend("a"), Pools.Backend("b")));
        await using HealthNode node = nodes[0];
        await node.ConfirmAsync("a", OperatorState.Maintenance);
        MemoryStateStore store = MemoryStateStore.At(Path.Combine(_directory, "n1"));
        store.Failures = failures;
        await Assert.ThrowsAsync<TimeoutException>(() => node.SetAsync("b", OperatorState.Draining));

        BackendStateSet next = await node.ConfirmAsync("a", OperatorState.Draining);
        Assert.True(next.ByMajority);
        await node.HoldsAsync(n => n.Backend("a").Operator == OperatorState.Draining && n.Backend("b").Operator == OperatorState.Draining, "both drain");
        Assert.Equal(
            ["a Draining", "b Draining"],
            OperatorSerializer.OfBytes(store.State(StateNames.OperatorDecisions)!).ByBackend.Values.Select(d => $"{d.Backend.Id} {d.State}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Ticket_keys_are_found_when_the_store_that_failed_at_the_start_works_again(int failures)
    {
        MemoryStateStore.At(_directory).Failures = failures;
        await using SessionNode node = await SessionNode.StartAsync(SessionWorld.Settings(dataDirectory: _directory), null);
        await node.Capability.KeysReady.WaitAsync(Patience);
        Assert.False(node.Plane.Keys.IsEmpty);
    }

    [Fact]
    public async Task Revisions_are_applied_by_an_actor_that_failed_and_whoever_waits_for_it_is_told_so()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(2);
        try
        {
            Assert.Equal(RevisionVerdict.InForce, (await nodes[0].ApplyAsync(Text(61))).Verdict);
            nodes[0].Store.Failures = 2;
            nodes[0].Actor.Tell(Kill.Instance);
            Assert.Equal(2, (await nodes[0].ApplyAsync(Text(62))).Revision!.Value.Number);
            Assert.All(nodes, n => Assert.Equal(TimeSpan.FromSeconds(62), n.Target.InForce.Limits.IdleTimeout));

            // One has its turn, and goes on; the other waits.
            var going = new TaskCompletionSource();
            var seen = new TaskCompletionSource();
            nodes[0].Capability.Seam = async step =>
            {
                if (step == RevisionStep.Asking)
                {
                    seen.TrySetResult();
                    await going.Task;
                }
            };
            Task<RevisionOutcome> first = nodes[0].ApplyAsync(Text(63));
            await seen.Task.WaitAsync(Patience);
            Task<RevisionOutcome> second = nodes[0].ApplyAsync(Text(64));
            nodes[0].Actor.Tell(Kill.Instance);
            going.SetResult();
            Assert.Equal((RevisionVerdict.InForce, 3), ((await first).Verdict, (await first).Revision!.Value.Number));
            try
            {
                // It came before the failure, and was refused by it, or after it.
                Assert.Equal(4, (await second).Revision!.Value.Number);
            }
            catch (TimeoutException e)
            {
                Assert.Contains("failed at it", e.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            await Task.WhenAll(nodes.Select(n => n.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task Nobody_hears_that_members_are_gone_because_the_actor_that_tells_of_them_starts_anew()
    {
        TestNode[] nodes = await TestNode.StartAllAsync(3);
        try
        {
            await RecordedAsync(nodes[0]);
            int before = nodes[0].Memberships.Count;
            IActorRef membership = nodes[0].ControlPlane.System!.Own<MembershipActor>();
            for (int i = 0; i < 3; i++)
            {
                membership.Tell(Kill.Instance);
            }

            MembershipChanged known = await membership.Ask<MembershipChanged>(GetMembership.Instance, Patience);
            Assert.Equal(["n1", "n2", "n3"], known.Members.Select(m => m.Name).Order(StringComparer.Ordinal));
            await RecordedAsync(nodes[0]);
            Assert.All(nodes[0].Memberships.Skip(before), m => Assert.Equal(3, m.Members.Length));
        }
        finally
        {
            await Task.WhenAll(nodes.Select(n => n.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task A_member_whose_discovery_starts_anew_does_not_look_for_a_cluster()
    {
        await using TestNode node = TestNode.Alone("n1");
        await node.StartAsync();
        await Cluster.Eventually.Holds(
            () => node.Active.Length == 1 && Akka.Cluster.Cluster.Get(node.ControlPlane.System!).State.Members.Count == 1, () => $"{node} is a member");
        IActorRef discovery = node.ControlPlane.System!.Own<DiscoveryActor>();
        discovery.Tell(Kill.Instance);
        var question = new AskCluster(new ClusterReport(new HostPort("127.0.0.1", 1), Standing.Looking, ClusterView.Of([])) { Cluster = "another" });
        ClusterReport report;
        do
        {
            report = await discovery.Ask<ClusterReport>(question, Patience);
            Assert.NotEqual(Standing.Looking, report.Standing);
        }
        while (report.Standing != Standing.Member);

        Assert.Equal(node.Address, Assert.Single(report.View.Members).Address);
        Assert.Equal(1, node.ControlPlane.Discovery.ClustersFormed);
    }

    // It has recorded all that was told before, when it answers.
    private static Task<ActorIdentity> RecordedAsync(TestNode node) =>
        node.ControlPlane.System!.ActorSelection("/user/recorder").Ask<ActorIdentity>(new Identify(1), Patience);

    private static string Text(int seconds) => RevisionClusterTests.Text(seconds);
}
