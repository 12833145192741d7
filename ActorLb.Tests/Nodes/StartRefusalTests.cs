using System.Net;
using System.Net.Sockets;
using ActorLb.Node.Cluster;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>What makes a start impossible is found before anybody hears of the node.</summary>
public sealed class StartRefusalTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-start-").FullName;
    private readonly TcpListener _other = new(IPAddress.Loopback, LoopbackPorts.Free("127.0.0.1", 1)[0]);

    public StartRefusalTests()
    {
        _other.Start();
        Taken = (IPEndPoint)_other.LocalEndpoint;
    }

    private IPEndPoint Taken { get; }

    private NodeSettings Settings => TestPools.Node(TestPools.Pool("web", "http://127.0.0.1:9")) with { DataDirectory = Path.Combine(_directory, "data") };

    [Theory]
    [InlineData(ListenerEngine.Auto)]
    [InlineData(ListenerEngine.Kestrel)]
    public Task The_port_of_a_listener(ListenerEngine engine)
    {
        ListenerSettings free = Settings.Topology.Listeners[0] with { Engine = engine };
        return RefusedAsync(Settings.With(t => t with { Listeners = [free, free with { Name = "second", Bind = Taken }] }), "listeners.second.bind");
    }

    [Fact]
    public Task The_port_of_the_admin_API() => RefusedAsync(Settings with { Admin = new AdminSettings(Taken) }, "admin.bind");

    [Fact]
    public Task The_port_of_the_probes() =>
        RefusedAsync(Settings with { Admin = Settings.Admin with { HealthBind = Taken } }, "admin.health-bind");

    [Fact]
    public Task The_port_of_the_cluster() =>
        RefusedAsync(Settings with { Cluster = Settings.Cluster with { Port = Taken.Port } }, "cluster.port");

    [Fact]
    public async Task The_data_directory_of_a_node_that_runs_and_nothing_is_logged()
    {
        await using var first = new BalancerNode(Settings, NullLoggerFactory.Instance, TimeProvider.System);
        await first.PrepareAsync(default);
        await RefusedAsync(Settings, "in use by another process");
    }

    [Fact]
    public async Task A_node_that_could_not_start_leaves_no_file_behind()
    {
        await RefusedAsync(Settings.With(t => t with { Listeners = [Settings.Topology.Listeners[0] with { Bind = Taken }] }), "another process listens there");
        Assert.False(Directory.Exists(Settings.DataDirectory));
    }

    [Theory]
    [InlineData(ListenerEngine.Auto)]
    [InlineData(ListenerEngine.Kestrel)]
    public async Task Clients_are_refused_while_a_port_is_only_held(ListenerEngine engine)
    {
        _other.Stop();
        NodeSettings settings = Settings.With(t => t with { Listeners = [t.Listeners[0] with { Engine = engine, Bind = Taken }] });
        await using var node = new BalancerNode(settings, NullLoggerFactory.Instance, TimeProvider.System);
        await node.PrepareAsync(default);
        using (var early = new TcpClient())
        {
            SocketException refused = await Assert.ThrowsAnyAsync<SocketException>(() => early.ConnectAsync(Taken));
            Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        }

        await node.Lanes.StartAsync(default);
        using var late = new TcpClient();
        await late.ConnectAsync(Taken);
    }

    public void Dispose()
    {
        _other.Stop();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task RefusedAsync(NodeSettings settings, string named)
    {
        var lines = new LogLines();
        var node = new BalancerNode(settings, lines, TimeProvider.System);
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => node.StartAsync(default));
        Assert.True(refused is IOException or ControlPlaneException, refused.ToString());
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Null(node.Control.System);
        await node.DisposeAsync();
        Assert.Empty(lines.All);
    }

    private sealed class LogLines : ILoggerFactory, ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lock (All)
                {
                    All.Add(formatter(state, exception));
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
            // It writes by itself.
        }

        public void Dispose()
        {
            // It holds lines alone.
        }
    }
}
