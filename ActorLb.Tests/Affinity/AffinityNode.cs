using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Affinity;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using static ActorLb.Tests.Affinity.AffinityWorld;

namespace ActorLb.Tests.Affinity;

/// <summary>One node with session affinity and nothing else, on a free loopback port. Its backends are all up.</summary>
internal sealed class AffinityNode : IAsyncDisposable
{
    private const string Config = """
        akka {
          loglevel = WARNING
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = on }
          remote.log-frame-size-exceeding = 1MiB
          remote.dot-netty.tcp { maximum-frame-size = 4MiB, send-buffer-size = 4MiB, receive-buffer-size = 4MiB }
          cluster {
            retry-unsuccessful-join-after = 1s
            gossip-interval = 300ms
            leader-actions-interval = 300ms
            unreachable-nodes-reaper-interval = 300ms
            periodic-tasks-initial-delay = 300ms
            down-removal-margin = 1s
            failure-detector { heartbeat-interval = 500ms, acceptable-heartbeat-pause = 4s, expected-response-after = 1s }
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver { active-strategy = keep-majority, stable-after = 3s }
            distributed-data { gossip-interval = 1s, max-delta-elements = 8, delta-crdt.max-delta-size = 1000000 }
            sharding { retry-interval = 500ms, waiting-for-state-timeout = 1s, coordinator-failure-backoff = 1s, distributed-data.gossip-interval = 1s }
            singleton { min-number-of-hand-over-retries = 5, hand-over-retry-interval = 500ms }
          }
        }
        """;

    private readonly IHost _host;

    private AffinityNode(IHost host, DataPlane plane, AffinityCapability capability)
    {
        _host = host;
        Plane = plane;
        Capability = capability;
        System = host.Services.GetRequiredService<ActorSystem>();
    }

    public ActorSystem System { get; }

    public DataPlane Plane { get; }

    public AffinityCapability Capability { get; }

    public Address Address => Akka.Cluster.Cluster.Get(System).SelfAddress;

    public BindingTable Table => Plane.Tables[Pool];

    /// <summary>A node that joins the seeds; the first one joins itself.</summary>
    public static async Task<AffinityNode> StartAsync(NodeSettings settings, Address? seed, DataPlane? plane = null)
    {
        plane ??= new DataPlane(settings, TimeProvider.System);
        Publish(plane);
        var capability = new AffinityCapability();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddAkka("actorlb", (akka, _) => akka
            .AddHocon(ConfigurationFactory.ParseString(Config), HoconAddMode.Prepend)
            .WithRemoting("127.0.0.1", 0)
            .WithClustering(new ClusterOptions())
            .WithSessionAffinity(plane, capability));
        IHost host = builder.Build();
        await host.StartAsync();
        var node = new AffinityNode(host, plane, capability);
        Akka.Cluster.Cluster cluster = Akka.Cluster.Cluster.Get(node.System);
        cluster.Join(seed ?? cluster.SelfAddress);
        return node;
    }

    /// <summary>Stops without a word to the others, as a kill does: no leaving, no hand-over, connections just end.</summary>
    public void Kill() => ((ExtendedActorSystem)System).Abort();

    public async Task LeaveAsync() => await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClrExitReason.Instance);

    public async ValueTask DisposeAsync()
    {
        await System.Terminate();
        _host.Dispose();
    }
}

/// <summary>Waiting for conditions that other threads bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static async Task Holds(Func<bool> condition, string what)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(bound.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"after {Bound} still not: {what}");
            }
        }
    }

    public static Task Within(Task task) => task.WaitAsync(Bound);
}
