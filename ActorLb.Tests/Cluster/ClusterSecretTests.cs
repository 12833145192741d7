using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Node.Cluster.Identity;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Cluster;
using Xunit;
using static ActorLb.Tests.Cluster.Identity.TestSecrets;

namespace ActorLb.Tests.Cluster;

/// <summary>Whole control planes that know each other by secrets, and strangers of every kind.</summary>
public sealed class ClusterSecretTests
{
    [Fact]
    public async Task A_secret_is_changed_node_by_node_and_it_stays_one_cluster()
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", 3);
        ImmutableArray<HostPort> seeds = [.. ports.Select(p => new HostPort("127.0.0.1", p))];
        TestNode[] nodes = [.. ports.Select((p, i) => Node(i, [A]))];
        foreach (TestNode node in nodes)
        {
            await node.StartAsync();
        }

        await AreOneAsync("with the old secret");
        foreach (ImmutableArray<ClusterSecret> step in new ImmutableArray<ClusterSecret>[] { [A, B], [B, A], [B] })
        {
            for (int i = 0; i < nodes.Length; i++)
            {
                await nodes[i].DisposeAsync();
                nodes[i] = Node(i, step);
                await nodes[i].StartAsync();
                await AreOneAsync($"node {i} has {step.Length} secrets");
            }
        }

        Assert.All(nodes, n => Assert.Equal(0, n.ControlPlane.RefusedPeers.Count));
        foreach (TestNode node in nodes)
        {
            await node.DisposeAsync();
        }

        TestNode Node(int i, ImmutableArray<ClusterSecret> secrets) => new($"n{i}", ports[i], seeds, secrets: secrets);

        async Task AreOneAsync(string when)
        {
            foreach (TestNode node in nodes)
            {
                await Eventually.Holds(() => node.Active.Length == 3, () => $"{when}: {string.Join<TestNode>('\n', nodes)}");
            }
        }
    }

    [Fact]
    public async Task Nodes_without_the_secret_or_of_another_name_are_left_out_and_both_sides_say_why()
    {
        var seed = new HostPort("127.0.0.1", TestNode.FreePort());
        await using var first = new TestNode("first", seed.Port, [seed], secrets: [A]);
        await using var second = new TestNode("second", 0, [seed], secrets: [A]);
        await using var other = new TestNode("other", 0, [seed], secrets: [C]);
        await using var plain = new TestNode("plain", 0, [seed]);
        await using var named = new TestNode("named", 0, [seed], cluster: "shop", secrets: [A]);
        foreach (TestNode node in new[] { first, other, plain, named, second })
        {
            await node.StartAsync();
        }

        await Eventually.Holds(() => first.Active.Length == 2 && second.Active.Length == 2, () => $"{first} and {second} are one cluster");
        foreach (TestNode stranger in new[] { other, plain, named })
        {
            await Eventually.Holds(() => stranger.Active.Length == 1, () => $"{stranger} tried and went on alone");
        }

        Assert.All(first.Memberships, m => Assert.DoesNotContain(m.Members, x => x.Name is "other" or "plain" or "named"));
        await SaysAsync(other, $"Refused {seed} as a node of this cluster: it has another cluster secret");
        await SaysAsync(named, $"Refused {seed} as a node of this cluster: its cluster.name is 'actorlb', and here it is 'shop'");
        await SaysAsync(plain, "Refused");
        await SaysAsync(first, "Refused 127.0.0.1 as a node of this cluster: it");
    }

    [Theory]
    [InlineData("off")]
    [InlineData("on")]
    public async Task A_program_of_Akka_alone_joins_nothing_and_downs_nobody(string tls)
    {
        await using var node = new TestNode("node", TestNode.FreePort(), [], secrets: [A]);
        await node.StartAsync();
        await Eventually.Holds(() => node.Active.Length == 1, () => $"{node} is up");
        Address target = Akka.Cluster.Cluster.Get(node.ControlPlane.System).SelfAddress;
        using var certificates = new TestCertificates();
        using X509Certificate2 foreign = SecretIdentity.Certificate(B, "actorlb");
        string pfx = certificates.Write("theirs.pfx", foreign.Export(X509ContentType.Pkcs12, "p"));
        using var program = ActorSystem.Create(
            "actorlb",
            $$"""
            akka.actor.provider = cluster
            akka.remote.dot-netty.tcp {
              hostname = "127.0.0.1", port = 0, enable-ssl = {{tls}}
              ssl { suppress-validation = true, certificate { path = "{{pfx}}", password = "p" } }
            }
            akka.stdout-loglevel = OFF
            akka.loglevel = OFF
            akka.coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off }
            """);
        Akka.Cluster.Cluster cluster = Akka.Cluster.Cluster.Get(program);
        Address theirs = target.WithProtocol($"akka.{(tls == "on" ? "ssl." : "")}tcp");
        long before = node.ControlPlane.RefusedPeers.Count;
        cluster.Join(theirs);
        cluster.Down(theirs);
        await Eventually.Holds(() => node.ControlPlane.RefusedPeers.Count > before, () => $"{node} refused it");

        Assert.Equal(MemberStatus.Up, Akka.Cluster.Cluster.Get(node.ControlPlane.System).SelfMember.Status);
        Assert.Equal(["node"], node.Active.ToArray());
        Assert.All(node.Memberships, m => Assert.True(m.Members.Length <= 1));
        Assert.Equal(0, node.ControlPlane.Restarts);
        await program.Terminate();
    }

    private static Task SaysAsync(TestNode node, string text) =>
        Eventually.Holds(() => node.Log.Any(l => l.Contains(text, StringComparison.Ordinal)), () => $"{node} says {text}");
}
