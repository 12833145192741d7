using System.Collections.Concurrent;
using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Cluster;
using ActorLb.Node.Health;
using ActorLb.Node.Operator;
using ActorLb.Node.Routing;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Cluster;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using Xunit;
using Xunit.Sdk;

namespace ActorLb.Tests.Health;

/// <summary>One real node without listeners: control plane, health and routing, on the machine's clock or a wrong one.</summary>
internal sealed class HealthNode : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = new();

    private HealthNode(NodeSettings settings, ProbeFactory? probes, TimeProvider time)
    {
        ILoggerFactory loggers = LoggerFactory.Create(b => b.AddProvider(new QueueLogger(_log)));
        Plane = new DataPlane(settings, time);
        Capability = new HealthCapability(settings.Topology.Pools.Keys);
        ControlPlane = new ControlPlane(
            settings,
            Plane,
            (akka, _) => akka.WithHealthAndRouting(Plane, Capability, time, seed: 1, MemoryStateStore.At(Plane.Settings.DataDirectory), probes ?? Probes.Of(Plane)),
            loggers,
            time);
    }

    public DataPlane Plane { get; }

    public HealthCapability Capability { get; }

    public ControlPlane ControlPlane { get; }

    public PoolSnapshot Pool => Plane.Routing.Pools["web"];

    /// <summary>A pool named web that probes and decides ten times as fast as the default.</summary>
    public static PoolSettings Quick(params BackendSettings[] backends)
    {
        PoolSettings pool = Pools.Web(backends);
        return pool with
        {
            Health = pool.Health with
            {
                Interval = TimeSpan.FromMilliseconds(200), FastInterval = TimeSpan.FromMilliseconds(100), Timeout = TimeSpan.FromSeconds(5),
            },
        };
    }

    /// <summary>Nodes n1, n2, … of one cluster, each with its own directory below the given one; up when this returns.</summary>
    public static async Task<HealthNode[]> StartAllAsync(int count, string directory, PoolSettings pool, Func<int, ProbeFactory>? probes = null, Func<int, TimeProvider>? times = null, Func<int, PoolSettings>? pools = null)
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", count);
        ImmutableArray<HostPort> seeds = [.. ports.Select(p => new HostPort("127.0.0.1", p))];
        var nodes = new HealthNode[count];
        for (int i = 0; i < count; i++)
        {
            NodeSettings settings = Pools.Node($"n{i + 1}", Path.Combine(directory, $"n{i + 1}"), pools?.Invoke(i) ?? pool);
            settings = settings with { Cluster = settings.Cluster with { Port = ports[i], Seeds = seeds } };
            nodes[i] = new HealthNode(settings, probes?.Invoke(i), times?.Invoke(i) ?? TimeProvider.System);
            await nodes[i].ControlPlane.StartAsync(CancellationToken.None);
        }

        foreach (HealthNode node in nodes)
        {
            await node.HoldsAsync(n => n.ControlPlane.Membership.Active.Length == count, $"{count} active nodes");
        }

        return nodes;
    }

    public BackendSnapshot Backend(string id) => Pool.Find(BackendKey.Of(id))!;

    public Task<BackendStateSet> SetAsync(string id, OperatorState state, TimeSpan? drainFor = null) =>
        SetAsync(new SetBackendState(new BackendName("web", id), state, drainFor));

    public Task<BackendStateSet> SetAsync(SetBackendState change) =>
        ControlPlane.System!.Own<OperatorActor>().Ask<BackendStateSet>(change, TimeSpan.FromSeconds(60));

    /// <summary>The same, asked for again until a majority has confirmed it in time: nodes may take longer than an operator would wait.</summary>
    public async Task<BackendStateSet> ConfirmAsync(string id, OperatorState state, TimeSpan? drainFor = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        BackendStateSet set;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            set = await SetAsync(id, state, drainFor);
        }
        while (!set.ByMajority);

        return set;
    }

    public async Task HoldsAsync(Func<HealthNode, bool> condition, string what)
    {
        try
        {
            await Eventually.Holds(() => condition(this), what);
        }
        catch (FailException e)
        {
            // With what the node looks like then, not when waiting began.
            Assert.Fail($"{e.Message}, on {this}");
        }
    }

    public ValueTask DisposeAsync() => ControlPlane.DisposeAsync();

    public override string ToString() =>
        $"{ControlPlane.Membership.Self}: {string.Join(", ", Pool.Backends.Select(b => $"{b.Id} {b.Health} {b.Operator}"))}"
        + $" ({string.Join(", ", Capability.VerdictsOn(new("web", Pool.Backends[0].Id)))})\n{string.Join("\n", _log)}";

    private sealed class QueueLogger(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
