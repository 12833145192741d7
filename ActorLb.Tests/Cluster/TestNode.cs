using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine;
using ActorLb.Node.Cluster;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Wire;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Hosting;
using Akka.Remote;
using Microsoft.Extensions.Logging;

namespace ActorLb.Tests.Cluster;

/// <summary>A control plane with one small capability: an actor that keeps what it gets and answers greetings.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly ILoggerFactory _loggers;

    public TestNode(
        string name,
        int port,
        ImmutableArray<HostPort> seeds,
        ClusterTlsSettings? tls = null,
        Action<AkkaConfigurationBuilder>? also = null,
        TimeSpan? formAfter = null,
        string host = "127.0.0.1",
        (DnsDiscoverySettings Dns, INameResolver Resolver)? named = null,
        string cluster = ClusterSettings.DefaultName,
        TimeProvider? time = null,
        ImmutableArray<ClusterSecret>? secrets = null)
    {
        _loggers = LoggerFactory.Create(b => b.AddProvider(new ListLogger(Log)));
        NodeSettings settings = Settings(name, port, seeds, tls);
        settings = settings with
        {
            Cluster = settings.Cluster with { Name = cluster, Host = host, Dns = named?.Dns, FormAfter = formAfter ?? settings.Cluster.FormAfter, Secrets = secrets ?? [] },
        };
        time ??= TimeProvider.System;
        Plane = new DataPlane(settings, time);
        ControlPlane = new ControlPlane(settings, Plane, (akka, _) => Capability(akka, also), _loggers, time, named?.Resolver);
    }

    public ControlPlane ControlPlane { get; }

    public DataPlane Plane { get; }

    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>Everything that the actor /user/greeter of this node received.</summary>
    public ConcurrentQueue<object> Received { get; } = new();

    /// <summary>All that MembershipActor published, over all actor systems of this node.</summary>
    public ConcurrentQueue<MembershipChanged> Memberships { get; } = new();

    /// <summary>What the control plane shows now is in <see cref="Memberships"/>, which hears of it later.</summary>
    public bool HasRecorded => ReferenceEquals(Memberships.LastOrDefault(), ControlPlane.Membership);

    public HostPort Address => ControlPlane.Address;

    public ImmutableArray<string> Active => ControlPlane.Membership.Active;

    public static int FreePort() => LoopbackPorts.Free("127.0.0.1", 1)[0];

    /// <summary>A node that is a cluster by itself, on a port of its own.</summary>
    public static TestNode Alone(string name) => new(name, 0, []);

    /// <summary>Nodes with the same seeds, all of them, started and joined.</summary>
    public static async Task<TestNode[]> StartAllAsync(int count, Action<AkkaConfigurationBuilder>? also = null)
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", count);
        ImmutableArray<HostPort> seeds = [.. ports.Select(p => new HostPort("127.0.0.1", p))];
        TestNode[] nodes = [.. ports.Select((p, i) => new TestNode($"n{i + 1}", p, seeds, also: also))];
        foreach (TestNode node in nodes)
        {
            await node.StartAsync();
        }

        foreach (TestNode node in nodes)
        {
            await Eventually.Holds(() => node.Active.Length == count && node.HasRecorded, () => $"{node} sees {count} active nodes; all:\n{string.Join<TestNode>("\n", nodes)}");
        }

        return nodes;
    }

    public Task StartAsync() => ControlPlane.StartAsync(CancellationToken.None);

    /// <summary>Cuts all of the node's connections and its listener at once, as a killed process does; its actors know nothing of it.</summary>
    public Task KillAsync() => ((IRemoteActorRefProvider)((ExtendedActorSystem)ControlPlane.System!).Provider).Transport.Shutdown();

    public async ValueTask DisposeAsync()
    {
        await ControlPlane.DisposeAsync();
        _loggers.Dispose();
    }

    public override string ToString() =>
        $"{Address} ({string.Join(", ", ControlPlane.Membership.Members)})\n{string.Join("\n", Log)}";

    private static NodeSettings Settings(string name, int port, ImmutableArray<HostPort> seeds, ClusterTlsSettings? tls) => new(
        name,
        "unused",
        TimeSpan.FromMilliseconds(500),
        TimeSpan.FromSeconds(20),
        new ClusterSettings("127.0.0.1", port, seeds, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500), tls),
        new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0)),
        new Topology(
            [],
            [],
            ImmutableDictionary<string, PoolSettings>.Empty,
            new LimitSettings(8192, 32768, 100, 0, 1000, Second, Second, Second, Second, Second, Second)))
    {
        SessionFeedLength = 100,
    };

    private static TimeSpan Second => TimeSpan.FromSeconds(1);

    private void Capability(AkkaConfigurationBuilder akka, Action<AkkaConfigurationBuilder>? also)
    {
        akka.WithWireSerializer("greetings", GreetingSerializer.Table, s => new GreetingSerializer(s));
        akka.WithActors((system, _) =>
        {
            system.ActorOf(Props.Create(() => new Greeter(Received)), "greeter");
            system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Recorder(Memberships)), "recorder"), typeof(MembershipChanged));
        });
        also?.Invoke(akka);
    }

    private sealed class Greeter : ReceiveActor
    {
        public Greeter(ConcurrentQueue<object> received) => ReceiveAny(message =>
        {
            received.Enqueue(message);
            if (message is Greeting greeting)
            {
                Sender.Tell(new Greeting($"re: {greeting.Text}"));
            }
        });
    }

    private sealed class Recorder : ReceiveActor
    {
        public Recorder(ConcurrentQueue<MembershipChanged> seen) => Receive<MembershipChanged>(seen.Enqueue);
    }

    private sealed class ListLogger(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {formatter(state, exception)} {exception?.Message}");

        public void Dispose()
        {
        }
    }
}

internal sealed record Greeting(string Text);

internal sealed class GreetingSerializer(ExtendedActorSystem system) : WireSerializer(system, 8199, Table)
{
    internal static readonly ImmutableArray<WireMessage> Table =
        [WireMessage.Of<Greeting>("G", (w, m) => w.Text(m.Text), (ref r) => new Greeting(r.Text()))];
}
