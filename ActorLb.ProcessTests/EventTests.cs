using System.Text.Json;
using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>What three nodes say of each other stays true, whatever becomes of one of them.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class EventTests
{
    [Fact]
    public async Task A_node_that_was_frozen_and_one_that_was_killed_leave_no_false_word_on_the_others()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(backends: 1);
        await cluster.Until("each has joined", async () => AreThere(await SaidAsync(cluster)));
        cluster.Processes["lb3"].Signal("STOP");
        await cluster.Until("lb3 is taken out", async () => (await SaidAsync(cluster)).Any(e => e is { Kind: "node.removed", Member: "lb3" }));
        cluster.Processes["lb3"].Signal("CONT");
        await cluster.WhenClusterHasAsync(3);
        await cluster.Until("the last word on each is that it is there", async () => AreThere(await SaidAsync(cluster)));

        cluster.Kill("lb2");
        await cluster.Until("lb2 is taken out", async () => (await SaidAsync(cluster)).Any(e => e is { Kind: "node.removed", Member: "lb2", Node: not "lb3" }));
        await cluster.StartNodeAsync(1);
        await cluster.WhenClusterHasAsync(3);
        await cluster.Until("the last word on each is that it is there", async () => AreThere(await SaidAsync(cluster)));
        Assert.Equal(["lb1", "lb2", "lb2", "lb3", "lb3"], (await SaidAsync(cluster)).Where(e => e.Kind == "node.joined").Select(e => e.Member).Order(StringComparer.Ordinal));
    }

    private static bool AreThere(Said[] said) =>
        said.GroupBy(e => e.Member).All(g => g.Last().Kind is "node.joined" or "node.reachable") && said.Select(e => e.Member).Distinct().Count() == 3;

    /// <summary>What the first node's log says of nodes, in the order of all.</summary>
    private static async Task<Said[]> SaidAsync(LoopbackCluster cluster)
    {
        using JsonDocument list = JsonDocument.Parse(await cluster.Client.GetStringAsync(new Uri(cluster.Nodes[0].Admin, "/api/v1/events?follow=false&kind=node")));
        return
        [
            .. list.RootElement.EnumerateArray()
                .Where(e => e.GetProperty("kind").GetString() is "node.joined" or "node.removed" or "node.unreachable" or "node.reachable")
                .Select(e => new Said(e.GetProperty("node").GetString()!, e.GetProperty("kind").GetString()!, e.GetProperty("data").GetProperty("member").GetString()!)),
        ];
    }

    private sealed record Said(string Node, string Kind, string Member);
}
