using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>Rotation of the shared ticket keys on real processes, under traffic.</summary>
[Collection(ProcessesCollection.Name)]
public class KeyRotationTests
{
    private const int Seed = 20261124;

    // A busy test machine must not make a backend look sick: a session that moves is to mean a lost key.
    private const string PatientHealth = "health { timeout = 5s, fall = 10, passive.failures = 1000 }";

    [Fact]
    public async Task Two_rotations_lose_and_move_no_session_while_a_node_is_killed_and_comes_back()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(poolExtra: PatientHealth);
        List<Uri> live = [.. cluster.Nodes.Select(n => n.Http)];
        Browser[] sessions = [.. Enumerable.Range(0, 150).Select(_ => new Browser(cluster.Client))];
        string first;
        string second;
        string third;
        await using (var traffic = new Traffic(sessions, Seed, () => live))
        {
            await traffic.WhenAnsweredAsync(600);
            first = await SignerAsync(cluster, 0);

            JsonElement rotated = await RotateAsync(cluster, 1, HttpStatusCode.OK);
            second = rotated.GetProperty("key").GetString()!;
            Assert.True(rotated.GetProperty("confirmed").GetBoolean());
            await traffic.WhenAnsweredAsync(600);

            // kill -9 of a node; the second rotation waits for it, and the nodes that are left go on with the key before.
            live = [.. live.Where(u => u != cluster.Nodes[2].Http)];
            await traffic.WhenAskedAnewAsync();
            cluster.Kill("lb3");

            // The killed node may have led the rotations: until another one does, nobody answers (504), and one asks again.
            JsonElement waiting = default;
            await cluster.Until("the second rotation is under way", async () =>
            {
                using HttpResponseMessage response = await cluster.Client.PostAsync(new Uri(cluster.Nodes[0].Admin, "/api/v1/keys/rotate"), null);
                if (response.StatusCode == HttpStatusCode.GatewayTimeout)
                {
                    return false;
                }

                Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
                waiting = await response.Content.ReadFromJsonAsync<JsonElement>();
                return true;
            });
            third = waiting.GetProperty("key").GetString()!;
            Assert.Equal("lb3", Assert.Single(waiting.GetProperty("rotation").GetProperty("waitsFor").EnumerateArray()).GetProperty("node").GetString());
            Assert.Equal(second, await SignerAsync(cluster, 0));
            await cluster.WhenClusterHasAsync(2);
            await traffic.WhenAnsweredAsync(600);

            await cluster.StartNodeAsync(2);
            live = [.. live, cluster.Nodes[2].Http];
            await cluster.Until("the third key signs on all nodes", async () =>
            {
                for (int i = 0; i < 3; i++)
                {
                    if (await SignerAsync(cluster, i) != third)
                    {
                        return false;
                    }
                }

                return true;
            });
            await traffic.WhenAnsweredAsync(900);
        }

        Assert.Equal(3, new HashSet<string> { first, second, third }.Count);
        Assert.All(sessions, s => Assert.Empty(s.Failures));
        Assert.All(sessions, s => Assert.Equal(0, s.Moves));

        // A new client's ticket is signed with the third key, and every node takes it.
        var late = new Browser(cluster.Client);
        await late.GetAsync(live[0]);
        Assert.Equal(third, Convert.ToHexStringLower(System.Buffers.Text.Base64Url.DecodeFromChars(late.Ticket.AsSpan("ALB=".Length)).AsSpan(1, 2)));
        foreach (Uri node in live)
        {
            await late.GetAsync(node);
        }

        Assert.Equal(0, late.Moves);
    }

    private static async Task<string> SignerAsync(LoopbackCluster cluster, int node)
    {
        using JsonDocument document = JsonDocument.Parse(
            await cluster.Client.GetStringAsync(new Uri(cluster.Nodes[node].Admin, "/api/v1/keys")));
        return document.RootElement.GetProperty("keys").EnumerateArray()
            .Single(k => k.GetProperty("state").GetString() == "signing").GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> RotateAsync(LoopbackCluster cluster, int node, HttpStatusCode expected)
    {
        using HttpResponseMessage response = await cluster.Client.PostAsync(new Uri(cluster.Nodes[node].Admin, "/api/v1/keys/rotate"), null);
        Assert.Equal(expected, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
