using System.Globalization;
using System.Text.RegularExpressions;
using ActorLb.ProcessTests;
using Xunit;

namespace ActorLb.BrowserTests;

/// <summary>Three Tomcats behind three nodes that learn JSESSIONID, and Java's own HTTP client with cookie jars.</summary>
public sealed partial class TomcatTests : IAsyncLifetime
{
    private const int Clients = 12;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorlb-tomcat-");
    private LoopbackCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await LoopbackCluster.StartAsync(
            poolExtra: "affinity { mode = learn, learn.cookie = JSESSIONID }",
            program: (authority, name) => ActorLbProcess.StartProgram(Programs.InSample("tomcat", "run"), [], authority, name));
        for (int i = 0; i < _cluster.BackendPorts.Count; i++)
        {
            await _cluster.WhenBackendIsAsync(i, "up");
        }
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Sessions_stay_at_their_servers_over_logins_the_death_of_a_node_and_the_death_of_all()
    {
        string[] nodes = [.. _cluster.Nodes.Select(n => n.Http.AbsoluteUri)];
        await using ActorLbProcess follow = ActorLbProcess.StartProgram(
            Programs.Java, [], [Programs.InSample("tomcat", "Follow.java"), _folder.FullName, $"{Clients}", .. nodes]);
        await RoundsAsync(follow, 3);

        _cluster.Kill("lb2");
        await RoundsAsync(follow, 5);
        await _cluster.StartNodeAsync(1);
        await _cluster.WhenClusterHasAsync(3);
        await RoundsAsync(follow, 3);

        // What the disks have by now survives: the sessions of clients that have come back for some seconds.
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "calm"), "");
        await RoundsAsync(follow, 20);
        foreach (LoopbackCluster.NodeAddress node in _cluster.Nodes)
        {
            _cluster.Kill(node.Name);
        }

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_cluster.StartNodeAsync));
        await RoundsAsync(follow, 5);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "stop"), "");

        int code = await follow.ExitCodeAsync();
        Assert.True(code == 0, follow.Output + _cluster.Logs());
        Assert.Contains(", 0 lost", follow.Output, StringComparison.Ordinal);
    }

    /// <summary>Waits until so many hundreds of answers more have come.</summary>
    private async Task RoundsAsync(ActorLbProcess follow, int more)
    {
        int until = Last(follow) + more;
        await _cluster.Until($"round {until} of {follow.Output}", () =>
        {
            follow.ThrowIfExited();
            return Task.FromResult(Last(follow) >= until);
        });
    }

    private static int Last(ActorLbProcess follow) =>
        Round().Matches(follow.Output).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max();

    [GeneratedRegex("round ([0-9]+)")]
    private static partial Regex Round();
}
