using System.Text.Json;
using ActorLb.Tests.Lane;
using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>What one client's failures do to everybody else, with the product as processes.</summary>
[Collection(ProcessesCollection.Name)]
public class HostileUploadTests
{
    private const int Seed = 20261128;
    private const int Uploaders = 4;
    private const int UploadsEach = 50;

    [Fact]
    public async Task Uploads_that_a_backend_breaks_off_move_none_of_a_hundred_sessions_at_three_nodes()
    {
        await using RawBackend one = TakesLittle("one");
        await using RawBackend other = TakesLittle("other");
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(
            nodes: 3, backends: 0, poolExtra: $"backends = [\"{one.Address}\", \"{other.Address}\"]");
        Uri[] nodes = [.. cluster.Nodes.Select(n => n.Http)];
        for (int backend = 0; backend < 2; backend++)
        {
            for (int node = 0; node < nodes.Length; node++)
            {
                await cluster.Until("the backends are up", async () => await cluster.BackendStateAsync(node, backend) == "up");
            }
        }

        Browser[] sessions = [.. Enumerable.Range(0, 100).Select(_ => new Browser(cluster.Client))];
        foreach ((int i, Browser session) in sessions.Index())
        {
            await session.GetAsync(nodes[i % nodes.Length]);
        }

        await using (var traffic = new Traffic(sessions, Seed, () => nodes))
        {
            await Task.WhenAll(Enumerable.Range(0, Uploaders).Select(u => UploadAsync(cluster.Client, nodes[u % nodes.Length])));
            await traffic.WhenAskedAnewAsync();
            await traffic.WhenAnsweredAsync(500);
        }

        Assert.All(sessions, s => Assert.Empty(s.Failures));
        Assert.All(sessions, s => Assert.Equal(0, s.Moves));
        foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
        {
            string metrics = await cluster.Client.GetStringAsync(new Uri(node.Admin, "/metrics"));
            Assert.DoesNotMatch("(?m)^actorlb_backend_circuit_open.* 1$", metrics);
            Assert.DoesNotMatch("(?m)^actorlb_sessions_rebound.* [1-9]", metrics);
        }
    }

    private static async Task UploadAsync(HttpClient client, Uri node)
    {
        for (int i = 0; i < UploadsEach; i++)
        {
            try
            {
                using HttpResponseMessage response = await client.PostAsync(new Uri(node, "/upload"), new ByteArrayContent(new byte[1 << 20]));
            }
            catch (HttpRequestException)
            {
                // Broken off, as the backend would have it.
            }
        }
    }

    /// <summary>Takes 64 KiB of an upload, and then either answers 413 and closes, or resets.</summary>
    private static RawBackend TakesLittle(string name) => new(async connection =>
    {
        while (await connection.ReadHeadAsync() is { } head)
        {
            if (!head.StartsWith("POST", StringComparison.Ordinal))
            {
                await connection.AnswerAsync(JsonSerializer.Serialize(new { server = name }));
                continue;
            }

            await connection.Stream.ReadExactlyAsync(new byte[64 * 1024]);
            if (connection.Number % 2 == 0)
            {
                connection.Reset();
            }
            else
            {
                await connection.WriteAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }

            return;
        }
    });
}
