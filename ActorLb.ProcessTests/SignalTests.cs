using System.Net;
using Xunit;

namespace ActorLb.ProcessTests;

[Collection(ProcessesCollection.Name)]
public sealed class SignalTests
{
    private const string Node = "lb1";

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("QUIT")]
    public async Task A_signal_that_stops_lets_the_node_finish_what_it_has(string signal)
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 1, backends: 1);
        Task<HttpResponseMessage> underWay = await RequestUnderWayAsync(cluster, milliseconds: 1500);

        cluster.Processes[Node].Signal(signal);

        using HttpResponseMessage answer = await underWay;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(0, await cluster.Processes[Node].ExitCodeAsync());
        Assert.Contains("has left", cluster.Processes[Node].Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_other_signal_is_told_and_does_nothing()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 1, backends: 1);
        ActorLbProcess node = cluster.Processes[Node];
        Task<HttpResponseMessage> underWay = await RequestUnderWayAsync(cluster, milliseconds: 3000);

        string[] signals = ["USR1", "USR2", "ALRM", "VTALRM", "PROF", "IO", "PWR", "STKFLT", "RTMIN+1", "RTMIN+30"];
        foreach (string signal in signals)
        {
            node.Signal(signal);
        }

        node.Signal("PIPE");
        node.Signal("XFSZ");
        foreach (string signal in signals)
        {
            await cluster.Until($"the log names {signal}", () => Task.FromResult(
                node.Output.Contains($"SIG{signal} came and does nothing", StringComparison.Ordinal)));
        }

        using HttpResponseMessage answer = await underWay;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using HttpResponseMessage next = await cluster.Client.GetAsync(new Uri(cluster.Nodes[0].Http, "/whoami"));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.Equal(0, await node.TerminateAsync());
    }

    [Theory]
    [InlineData("TERM", "TERM")]
    [InlineData("QUIT", "INT")]
    public async Task A_second_signal_ends_the_node_at_once(string first, string second)
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 1, backends: 1);
        ActorLbProcess node = cluster.Processes[Node];
        Task<HttpResponseMessage> underWay = await RequestUnderWayAsync(cluster, milliseconds: 60_000);
        node.Signal(first);
        await cluster.Until("the node leaves", () => Task.FromResult(node.Output.Contains("leaves, within", StringComparison.Ordinal)));
        Assert.True(node.IsRunning);

        node.Signal(second);

        Assert.Equal(1, await node.ExitCodeAsync());
        Assert.DoesNotContain("has left", node.Output, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => underWay);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("QUIT")]
    public async Task A_node_in_the_background_of_a_script_stops_all_the_same(string signal)
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(
            nodes: 1, backends: 1, nodeShell: "trap '' TERM QUIT INT");

        cluster.Processes[Node].Signal(signal);

        Assert.Equal(0, await cluster.Processes[Node].ExitCodeAsync());
    }

    [Fact]
    public async Task A_sample_backend_stops_gracefully_by_SIGQUIT()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 0, backends: 1);
        ActorLbProcess backend = cluster.Processes[LoopbackCluster.BackendName(0)];

        backend.Signal("QUIT");

        Assert.Equal(0, await backend.ExitCodeAsync());
    }

    // The backend counts what it has before it waits. A request that was over before anybody looked is asked once more.
    private static async Task<Task<HttpResponseMessage>> RequestUnderWayAsync(LoopbackCluster cluster, int milliseconds)
    {
        Task<HttpResponseMessage> request = AskAsync();
        await cluster.Until("the request is at the backend", async () =>
        {
            if (request.IsCompletedSuccessfully)
            {
                (await request).Dispose();
                request = AskAsync();
            }

            return (await cluster.StatusAsync(0)).GetProperty("pools")[0].GetProperty("backends")[0].GetProperty("inFlight").GetInt32() == 1;
        });
        return request;

        Task<HttpResponseMessage> AskAsync() => cluster.Client.GetAsync(new Uri(cluster.Nodes[0].Http, $"/slow?ms={milliseconds}"));
    }
}
