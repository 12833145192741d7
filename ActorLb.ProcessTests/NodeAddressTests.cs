using System.Net;
using Xunit;

namespace ActorLb.ProcessTests;

[Collection(ProcessesCollection.Name)]
public sealed class NodeAddressTests
{
    [Fact]
    public async Task Nodes_on_IPv6_form_one_cluster_and_serve_from_it()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 3, backends: 2, address: "::1");

        foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
        {
            using HttpResponseMessage answer = await cluster.Client.GetAsync(new Uri(node.Http, "/whoami"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        cluster.Kill("lb3");
        await cluster.WhenClusterHasAsync(2);
        await cluster.StartNodeAsync(2);
        await cluster.WhenClusterHasAsync(3);
    }

    [Fact]
    public async Task A_second_node_of_one_name_does_not_stay_and_both_say_why()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 2, backends: 1, running: 1, extra: "cluster.stable-after = 500ms");
        string twin = cluster.WriteConfiguration(1);
        string text = await File.ReadAllTextAsync(twin);
        await File.WriteAllTextAsync(twin, text.Replace("name = lb2", "name = lb1", StringComparison.Ordinal));

        await using ActorLbProcess second = ActorLbProcess.Start("run", "-c", twin);

        await cluster.Until("the second is refused", () => Task.FromResult(second.Output.Contains("is called lb1 too", StringComparison.Ordinal)));
        Assert.Equal(1, await second.ExitCodeAsync());
        await cluster.Until("the first says so, too", () => Task.FromResult(cluster.Processes["lb1"].Output.Contains("2 nodes are called lb1", StringComparison.Ordinal)));
        await cluster.WhenClusterHasAsync(1);
    }
}
