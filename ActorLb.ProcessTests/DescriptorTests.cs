using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Xunit;

namespace ActorLb.ProcessTests;

[Collection(ProcessesCollection.Name)]
public sealed class DescriptorTests
{
    [Theory]
    [InlineData("epoll")]
    [InlineData("kestrel")]
    public async Task More_clients_than_descriptors_cost_neither_the_node_nor_those_that_it_has(string engine)
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(
            nodes: 1, backends: 2, extra: $"defaults.listener.engine = {engine}", nodeShell: "ulimit -n 640");
        ActorLbProcess node = cluster.Processes["lb1"];
        await cluster.Until("it is told", () => Task.FromResult(node.Output.Contains("not the 20000 of each listener", StringComparison.Ordinal)));
        var address = new IPEndPoint(IPAddress.Parse(cluster.Nodes[0].Http.Host), cluster.Nodes[0].Http.Port);

        var clients = new List<Socket>();
        try
        {
            for (int i = 0; i < 900; i++)
            {
                var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                clients.Add(client);
                await client.ConnectAsync(address);
                await TrySendAsync(client);
            }

            int served = 0;
            foreach (Socket client in clients)
            {
                served += await IsServedAsync(client) ? 1 : 0;
            }

            Assert.Equal(int.Parse(Regex.Match(node.Output, "at most ([0-9]+) clients").Groups[1].Value, CultureInfo.InvariantCulture), served);
            Assert.True(node.IsRunning);
            Assert.Equal("up", await cluster.BackendStateAsync(0, 0));
            Assert.Equal("up", await cluster.BackendStateAsync(0, 1));
            string metrics = await cluster.Client.GetStringAsync(new Uri(cluster.Nodes[0].Admin, "/metrics"));
            Assert.Equal(2, CircuitsIn(metrics, 0));
            Assert.Equal(0, CircuitsIn(metrics, 1));
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        await cluster.Until("who comes later is served", async () =>
        {
            using HttpResponseMessage answer = await cluster.Client.GetAsync(new Uri(cluster.Nodes[0].Http, "/whoami"));
            return answer.StatusCode == HttpStatusCode.OK;
        });
        Assert.Equal(0, await node.TerminateAsync());
    }

    [Fact]
    public async Task A_node_that_cannot_have_enough_descriptors_says_so_and_does_not_start()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 1, backends: 1, running: 0);
        await using ActorLbProcess node = ActorLbProcess.StartFrom("ulimit -n 256", "run", "-c", cluster.WriteConfiguration(0));

        Assert.Equal(1, await node.ExitCodeAsync());

        Assert.Contains("256 descriptors, and a node needs 512 at least", node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_takes_the_descriptors_that_it_may_have_and_says_what_they_carry()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(
            nodes: 1, backends: 1, nodeShell: "ulimit -Sn 600; ulimit -Hn 4000");

        await cluster.Until("it is told", () => Task.FromResult(Regex.IsMatch(
            cluster.Processes["lb1"].Output, "Of 4000 descriptors [0-9]+ are in use and [0-9]+ kept back: at most 1[0-9]{3} clients at a time")));
    }

    private static int CircuitsIn(string metrics, int value) =>
        Regex.Count(metrics, $@"^actorlb_backend_circuit_open\{{.*\}} {value}$", RegexOptions.Multiline);

    private static async Task TrySendAsync(Socket client)
    {
        try
        {
            await client.SendAsync("GET /whoami HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        }
        catch (SocketException)
        {
            // Not let in, and closed already.
        }
    }

    private static async Task<bool> IsServedAsync(Socket client)
    {
        var answer = new byte[12];
        try
        {
            int length = 0;
            int part;
            do
            {
                part = await client.ReceiveAsync(new ArraySegment<byte>(answer, length, answer.Length - length)).WaitAsync(TimeSpan.FromSeconds(30));
                length += part;
            }
            while (part > 0 && length < answer.Length);

            return answer.AsSpan().SequenceEqual("HTTP/1.1 200"u8);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
