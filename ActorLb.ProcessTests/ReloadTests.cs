using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>Files that are read again by running processes.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class ReloadTests
{
    private const string Node = "lb1";

    [Theory]
    [InlineData("")]
    [InlineData("trap '' HUP")]
    public async Task SIGHUP_has_a_node_go_by_its_changed_file_also_where_its_parent_ignores_it(string shell)
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 1, backends: 1, nodeShell: shell);
        string before = await FingerprintAsync(cluster, 0);
        string file = cluster.WriteConfiguration(0);
        await File.AppendAllTextAsync(file, "\nactorlb.limits.idle-timeout = 3m");

        cluster.Processes[Node].Signal("HUP");
        await cluster.Until("another configuration is in force", async () => await FingerprintAsync(cluster, 0) != before);
        await cluster.Until(
            "the change is told", () => Task.FromResult(cluster.Processes[Node].Output.Contains("limits.idle-timeout: 130s -> 3m", StringComparison.Ordinal)));

        await File.WriteAllTextAsync(file, "");
        cluster.Processes[Node].Signal("HUP");
        await cluster.Until("an empty file is refused", () => Task.FromResult(cluster.Processes[Node].Output.Contains("this file is empty", StringComparison.Ordinal)));
        Assert.Equal(0, await cluster.Processes[Node].TerminateAsync());
    }

    [Fact]
    public async Task The_command_reloads_all_nodes_and_says_which_of_them_refuses()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 2, backends: 1);
        foreach (int node in (int[])[0, 1])
        {
            await File.AppendAllTextAsync(cluster.WriteConfiguration(node), "\nactorlb.limits.idle-timeout = 3m\nactorlb.node.stop-delay = 1s");
        }

        await using (ActorLbProcess reload = Reload(cluster, "--all"))
        {
            Assert.Equal(0, await reload.ExitCodeAsync());
            Assert.Contains("lb1: 1 change is in force", reload.Output, StringComparison.Ordinal);
            Assert.Contains("lb2: 1 change is in force", reload.Output, StringComparison.Ordinal);
            Assert.Contains("in force after a new start only: node.stop-delay: 2s -> 1s", reload.Output, StringComparison.Ordinal);
        }

        Assert.Equal(await FingerprintAsync(cluster, 0), await FingerprintAsync(cluster, 1));
        await File.AppendAllTextAsync(cluster.WriteConfiguration(1), "\nactorlb.limits.idle-timeout = 3");
        await using ActorLbProcess refused = Reload(cluster, "--all");
        Assert.Equal(1, await refused.ExitCodeAsync());
        Assert.Contains("lb2: refused", refused.Output, StringComparison.Ordinal);
        Assert.Matches(@"error: lb2: \S+lb2\.conf:\d+:\d+: actorlb\.limits\.idle-timeout: '3' has no unit", refused.Output);
    }

    [Fact]
    public async Task A_port_that_another_process_has_refuses_the_whole_file_and_names_its_place()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 1, backends: 1);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        string file = cluster.WriteConfiguration(0);
        await File.AppendAllTextAsync(file, $"\nactorlb.limits.idle-timeout = 3m\nactorlb.listeners.more.bind = \"{other.LocalEndpoint}\"");
        string before = await FingerprintAsync(cluster, 0);
        await using ActorLbProcess reload = Reload(cluster);
        Assert.Equal(1, await reload.ExitCodeAsync());
        Assert.Matches(@"error: lb1: \S+lb1\.conf:\d+:\d+: actorlb\.listeners\.more\.bind: cannot listen on .* another process listens there", reload.Output);
        Assert.Equal(before, await FingerprintAsync(cluster, 0));
    }

    [Fact]
    public async Task A_node_that_watches_follows_a_symbolic_link_that_leads_elsewhere_and_a_file_that_vanishes_changes_nothing()
    {
        await using LoopbackCluster watching = await LoopbackCluster.StartAsync(nodes: 1, backends: 1, running: 0);
        string written = watching.WriteConfiguration(0);
        string text = await File.ReadAllTextAsync(written) + "\nactorlb.node.watch = on";
        string directory = Directory.CreateTempSubdirectory("actorlb-watch-").FullName;
        Version("1", text);
        Version("2", text + "\nactorlb.limits.idle-timeout = 3m");
        string link = Path.Combine(directory, "..data");
        Directory.CreateSymbolicLink(link, "1");
        File.CreateSymbolicLink(Path.Combine(directory, "node.conf"), Path.Combine("..data", "node.conf"));
        await using ActorLbProcess node = ActorLbProcess.Start("run", "-c", Path.Combine(directory, "node.conf"));
        try
        {
            await watching.Until("the node is ready", async () => (await watching.Client.GetAsync(new Uri(watching.Nodes[0].Admin, "/readyz"))).IsSuccessStatusCode);
            string before = await FingerprintAsync(watching, 0);

            // As the kubelet does it: another link, renamed over the first.
            Directory.CreateSymbolicLink(link + "_tmp", "2");
            await using ActorLbProcess rename = ActorLbProcess.StartProgram("mv", [], "-T", link + "_tmp", link);
            Assert.Equal(0, await rename.ExitCodeAsync());
            await watching.Until("the other version is in force", async () => await FingerprintAsync(watching, 0) != before);
            string after = await FingerprintAsync(watching, 0);

            File.Delete(Path.Combine(directory, "2", "node.conf"));
            await watching.Until("it is told that the file is gone", () => Task.FromResult(node.Output.Contains("stays in force", StringComparison.Ordinal)));
            Assert.Equal(after, await FingerprintAsync(watching, 0));
            Version("2", text);
            await watching.Until("the file is followed again", async () => await FingerprintAsync(watching, 0) == before);
            Assert.Equal(0, await node.TerminateAsync());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        void Version(string name, string content)
        {
            Directory.CreateDirectory(Path.Combine(directory, name));
            File.WriteAllText(Path.Combine(directory, name, "node.conf"), content);
        }
    }

    private static ActorLbProcess Reload(LoopbackCluster cluster, params string[] more) =>
        ActorLbProcess.Start(["reload", "--admin", cluster.Nodes[0].Admin.ToString(), .. more]);

    private static async Task<string> FingerprintAsync(LoopbackCluster cluster, int node)
    {
        JsonElement status = await cluster.StatusAsync(node);
        return status.GetProperty("configuration").GetProperty("fingerprint").GetString()!;
    }
}
