using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>A topology that is given to three real processes, and kill -9 of all of them.</summary>
[Collection(ProcessesCollection.Name)]
public class RevisionTests
{
    // Each node's own address stays in its environment.
    private const string OwnAddress = "export OWN_HTTP=$(sed -n 's/.*listeners { http { bind = \"\\(.*\\)\" } }.*/\\1/p' \"${@: -1}\")";

    [Fact]
    public async Task A_revision_outlives_kill_9_of_all_nodes_with_its_sessions_also_when_the_next_one_was_under_way()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodeShell: OwnAddress);
        JsonElement applied = await ApplyAsync(cluster, 0, Text(cluster, 501), HttpStatusCode.OK);
        Assert.Equal(("in-force", 1), (applied.GetProperty("outcome").GetString(), applied.GetProperty("revision").GetInt32()));
        await AllGoByAsync(cluster, 1);

        // The pool that serves them is in no file.
        Browser[] sessions = [.. Enumerable.Range(0, 12).Select(_ => new Browser(cluster.Client))];
        await cluster.Until("the new pool answers everywhere", async () =>
        {
            foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
            {
                if (await new Browser(cluster.Client).GetAsync(node.Http) is null)
                {
                    return false;
                }
            }

            return true;
        });
        foreach (Browser session in sessions)
        {
            await session.GetAsync(cluster.Nodes[0].Http);
        }

        for (int round = 0; round < 3; round++)
        {
            Task<HttpResponseMessage> next = cluster.Client.PostAsync(
                new Uri(cluster.Nodes[round].Admin, "/api/v1/topology"), new StringContent(Text(cluster, 502 + round)));
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(20 * round)));
            foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
            {
                cluster.Kill(node.Name);
            }

            _ = next.ContinueWith(static t => t.Exception, TaskScheduler.Default);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.StartNodeAsync));
            await cluster.WhenClusterHasAsync(3);
            await AllGoByAsync(cluster, null);
        }

        foreach (Browser session in sessions)
        {
            foreach (LoopbackCluster.NodeAddress node in cluster.Nodes)
            {
                await session.GetAsync(node.Http);
            }

            Assert.Empty(session.Failures);
            Assert.Equal(0, session.Moves);
        }

        JsonElement bad = await ApplyAsync(cluster, 1, Text(cluster, 501).Replace("501ms", "501", StringComparison.Ordinal), HttpStatusCode.UnprocessableEntity);
        Assert.Equal("topology:6:", bad.GetProperty("mistakes")[0].GetProperty("text").GetString()![..11]);
    }

    private static string Text(LoopbackCluster cluster, int interval) => string.Create(CultureInfo.InvariantCulture, $$"""
        actorlb {
          listeners { http { bind = ${OWN_HTTP} } }
          routes = [ { host = "*", path = "/whoami", pool = shop }, { host = "*", path = "/", pool = web } ]
          pools { web { backends = [{{Backends(cluster)}}] }
            shop { backends = [{{Backends(cluster)}}]
              health { path = "/healthz", interval = {{interval}}ms, timeout = 400ms, fall = 10 } } }
        }
        """);

    private static string Backends(LoopbackCluster cluster) => string.Join(", ", cluster.BackendPorts.Select((_, i) => $"\"{cluster.BackendUri(i, "").GetLeftPart(UriPartial.Authority)}\""));

    private static async Task<JsonElement> ApplyAsync(LoopbackCluster cluster, int node, string text, HttpStatusCode expected)
    {
        using HttpResponseMessage response = await cluster.Client.PostAsync(new Uri(cluster.Nodes[node].Admin, "/api/v1/topology"), new StringContent(text));
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(expected == response.StatusCode, $"{answer}\n{cluster.Logs()}");
        return answer;
    }

    private static Task AllGoByAsync(LoopbackCluster cluster, int? number) => cluster.Until($"all nodes go by revision {number}", async () =>
    {
        var seen = new List<string>();
        for (int i = 0; i < cluster.Nodes.Count; i++)
        {
            JsonElement status = await cluster.StatusAsync(i);
            JsonElement revision = status.GetProperty("revision");
            if (revision.GetProperty("problem").ValueKind != JsonValueKind.Null || (number is { } wanted && revision.GetProperty("number").GetInt32() != wanted))
            {
                return false;
            }

            seen.Add($"{revision.GetProperty("number")} {revision.GetProperty("node")} {status.GetProperty("configuration").GetProperty("fingerprint")}");
        }

        return seen.Distinct().Count() == 1;
    });
}
