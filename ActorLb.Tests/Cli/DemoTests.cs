using System.Globalization;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Admin;
using ActorLb.Node.Tokens;
using ActorLb.Node.Cli;
using ActorLb.Node.Demo;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Admin;
using Akka.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class DemoTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    private static DemoLayout FreeLayout()
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", 12);
        return new DemoLayout(
            [.. Enumerable.Range(0, 3).Select(i => new DemoNode($"node-{i + 1}", ports[i], ports[3 + i], ports[6 + i]))],
            [.. Enumerable.Range(0, 3).Select(i => new DemoBackend($"web-{i + 1}", ports[9 + i]))]);
    }

    [Fact]
    public async Task It_starts_all_waits_for_all_and_says_what_to_try()
    {
        var stage = new FakeCluster();
        CommandRun run = stage.Run(FreeLayout());
        Task<int> exit = run.RunAsync("demo");

        await Until.Holds(() => run.Out.Contains("Ctrl+C ends the demo", StringComparison.Ordinal));

        foreach (DemoNode node in run.Layout.Nodes)
        {
            Assert.Contains($"{node.Url} ", run.Out, StringComparison.Ordinal);
            Assert.Contains(node.AdminUrl, run.Out, StringComparison.Ordinal);
        }

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        foreach (DemoBackend backend in run.Layout.Backends)
        {
            Assert.Contains($"\"{backend.Name}\"", await client.GetStringAsync($"{backend.Url}/whoami"), StringComparison.Ordinal);
        }

        Assert.Equal(3, stage.DataDirectories.Count);
        string directory = Path.GetDirectoryName(stage.DataDirectories[0])!;
        Assert.True(Directory.Exists(directory));
        run.Signals.Raise();
        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
        Assert.False(Directory.Exists(directory));
        Assert.Empty(run.Error);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(run.Layout.Backends[0].Url));
    }

    [Fact]
    public async Task It_is_not_ready_before_all_nodes_see_each_other_and_all_backends_are_up()
    {
        var stage = new FakeCluster { MembersSeen = 2, Health = BackendHealth.Unknown };
        CommandRun run = stage.Run(FreeLayout());
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Task<int> exit = run.RunAsync("demo");
        await Until.Answered(() => client.GetStringAsync($"{run.Layout.Nodes[2].AdminUrl}/livez"));
        Assert.DoesNotContain("Ready", run.Out, StringComparison.Ordinal);

        stage.SetMembers(3);
        Assert.DoesNotContain("Ready", run.Out, StringComparison.Ordinal);
        stage.SetHealth(BackendHealth.Up);
        await Until.Holds(() => run.Out.Contains("Ready after", StringComparison.Ordinal));

        run.Signals.Raise();
        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
    }

    [Fact]
    public async Task A_signal_before_it_is_ready_ends_it_in_good_order()
    {
        var stage = new FakeCluster { MembersSeen = 1 };
        CommandRun run = stage.Run(FreeLayout());
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Task<int> exit = run.RunAsync("demo");
        await Until.Answered(() => client.GetStringAsync($"{run.Layout.Nodes[0].AdminUrl}/livez"));
        run.Signals.Raise();
        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task A_hang_up_by_hand_is_told_and_the_demo_goes_on()
    {
        var stage = new FakeCluster();
        CommandRun run = stage.Run(FreeLayout());
        StopSignals? signals = null;
        run.CatchSignals = hangUp => signals = StopSignals.OfThisProcess(hangUp);
        Task<int> exit = run.RunAsync("demo");
        await Until.Holds(() => run.Out.Contains("Ctrl+C ends the demo.", StringComparison.Ordinal));

        using (Process kill = Process.Start("kill", ["-HUP", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await Until.Holds(() => run.Out.Contains("SIGHUP came and does nothing", StringComparison.Ordinal));
        Assert.False(exit.IsCompleted);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal("ready\n", await client.GetStringAsync($"{run.Layout.Nodes[0].AdminUrl}/readyz"));

        signals!.Raise();
        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
    }

    [Fact]
    public async Task Ports_that_are_taken_are_all_named_and_nothing_starts()
    {
        DemoLayout layout = FreeLayout();
        using var http = new TcpListener(IPAddress.Loopback, layout.Nodes[1].HttpPort);
        using var backend = new TcpListener(IPAddress.Loopback, layout.Backends[2].Port);
        http.Start();
        backend.Start();
        var stage = new FakeCluster();
        CommandRun run = stage.Run(layout);

        Assert.Equal(ExitCode.Failed, await run.RunAsync("demo"));

        Assert.Equal(
            $"actorlb: the demo needs ports on 127.0.0.1 that are taken: {layout.Nodes[1].HttpPort} (node-2), {layout.Backends[2].Port} (web-3){Environment.NewLine}",
            run.Error);
        Assert.Empty(stage.DataDirectories);
    }

    [Fact]
    public async Task A_node_that_cannot_start_ends_the_demo_with_one_line()
    {
        var stage = new FakeCluster { StartFailure = new IOException("no room") };
        CommandRun run = stage.Run(FreeLayout());
        Assert.Equal(ExitCode.Failed, await run.RunAsync("demo").WaitAsync(Generous));
        Assert.Equal($"actorlb: the demo failed: no room{Environment.NewLine}", run.Error);
    }

    [Theory]
    [InlineData("cookie")]
    [InlineData("off")]
    public async Task Affinity_is_as_asked(string mode)
    {
        var stage = new FakeCluster();
        CommandRun run = stage.Run(FreeLayout());
        Task<int> exit = run.RunAsync("demo", "--affinity", mode);
        await Until.Holds(() => run.Out.Contains("Ctrl+C ends the demo", StringComparison.Ordinal));
        Assert.All(stage.Configurations, c => Assert.Equal(mode, c.GetString("actorlb.pools.web.affinity.mode")));
        Assert.Equal(mode == "off", run.Out.Contains("Affinity is off", StringComparison.Ordinal));
        Assert.Equal(mode == "off", run.Out.Contains("the page names another server each time", StringComparison.Ordinal));
        Assert.Equal(mode == "cookie", run.Out.Contains("the one that the page names", StringComparison.Ordinal));
        Assert.Contains("ready web/web-3", run.Out, StringComparison.Ordinal);
        Assert.All(run.Layout.Backends, b => Assert.Contains($"{b.Name}:  curl -X POST '{b.Url}/healthz?status=503'", run.Out, StringComparison.Ordinal));
        run.Signals.Raise();
        await exit.WaitAsync(Generous);
    }

    [Fact]
    public void The_configuration_it_writes_is_hocon_and_the_same_for_all_but_for_names_and_ports()
    {
        DemoLayout layout = DemoLayout.WellKnown;
        Config[] nodes = [.. layout.Nodes.Select(n => ConfigurationFactory.ParseString(DemoConfiguration.Write(layout, n, @"C:\data\x", true)))];

        Assert.Equal("node-2", nodes[1].GetString("actorlb.node.name"));
        Assert.Equal(@"C:\data\x", nodes[1].GetString("actorlb.node.data-dir"));
        Assert.Equal(8112, nodes[1].GetInt("actorlb.cluster.port"));
        Assert.Equal("127.0.0.1:8092", nodes[1].GetString("actorlb.admin.bind"));
        Assert.Equal("127.0.0.1:8082", nodes[1].GetString("actorlb.listeners.http.bind"));
        Assert.All(nodes, n => Assert.Equal(
            ["127.0.0.1:8111", "127.0.0.1:8112", "127.0.0.1:8113"], n.GetStringList("actorlb.cluster.discovery.seeds")));
        Assert.All(nodes, n => Assert.Equal(
            ["web-1", "web-2", "web-3"],
            n.GetValue("actorlb.pools.web.backends").GetArray().Select(b => b.GetObject().GetKey("id").GetString())));
    }

    /// <summary>Nodes without a balancer or a cluster: each serves a real admin API that says what the test wants.</summary>
    private sealed class FakeCluster
    {
        private readonly List<Node> _nodes = [];

        public List<string> DataDirectories { get; } = [];

        public List<Config> Configurations { get; } = [];

        public int MembersSeen { get; set; } = 3;

        public BackendHealth Health { get; set; } = BackendHealth.Up;

        public Exception? StartFailure { get; init; }

        public CommandRun Run(DemoLayout layout) => new()
        {
            Layout = layout,
            ReadText = Read,
            CreateNode = (settings, _, time) =>
            {
                var node = new Node(this, new DataPlane(settings, time));
                _nodes.Add(node);
                return node;
            },
        };

        public void SetMembers(int count)
        {
            MembersSeen = count;
            _nodes.ForEach(n => n.Apply());
        }

        public void SetHealth(BackendHealth health)
        {
            Health = health;
            _nodes.ForEach(n => n.Apply());
        }

        private ConfigurationReading Read(string name, string text)
        {
            Config config = ConfigurationFactory.ParseString(text);
            Configurations.Add(config);
            DataDirectories.Add(config.GetString("actorlb.node.data-dir"));
            NodeSettings settings = AdminFixture.Settings(
                config.GetString("actorlb.node.name"),
                IPEndPoint.Parse(config.GetString("actorlb.admin.bind")),
                null,
                [.. config.GetValue("actorlb.pools.web.backends").GetArray().Select(b => b.GetObject().GetKey("id").GetString())]);
            return new ConfigurationReading(settings, [], []);
        }

        private sealed class Node : IRunningNode
        {
            private readonly FakeCluster _cluster;
            private readonly DataPlane _plane;
            private readonly FakeView _view = new();
            private readonly AdminServer _admin;

            public Node(FakeCluster cluster, DataPlane plane)
            {
                _cluster = cluster;
                _plane = plane;
                _admin = new AdminServer(plane, new AdminTokens(plane.Settings.Admin), _view, new FakeDesk(), new FakeBackendDesk(), new FakeKeyDesk(), new FakeSessionDesk(), new FakeReloads(), new FakeRevisions(), AdminFixture.NoEvents(), FakeFiguresDesk.NoSessions(plane), new FakeFiguresDesk(), NullLoggerFactory.Instance);
            }

            public void Apply()
            {
                _view.Members =
                    [.. Enumerable.Range(1, _cluster.MembersSeen).Select(i => new NodeMember($"node-{i}", $"akka.tcp://actorlb@127.0.0.1:{i}", "up", true))];
                var condition = new BackendCondition(_cluster.Health, FakeDesk.Now, OperatorState.Ready, null, false, 1);
                _plane.Publish(RoutingSnapshots.Pool(
                    _plane.Topology.Pools["web"], _ => condition, id => _plane.Traffic[new BackendName("web", id)], _plane.Cursors["web"]));
            }

            public Task StartAsync(CancellationToken cancellation)
            {
                Apply();
                return _cluster.StartFailure is { } failure ? Task.FromException(failure) : _admin.StartAsync(cancellation);
            }

            public Task StopAsync(CancellationToken cancellation) => _admin.StopAsync(cancellation);

            public ValueTask DisposeAsync() => _admin.DisposeAsync();
        }
    }
}
