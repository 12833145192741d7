using System.Text.Json;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster.Clocks;
using ActorLb.Node.Cluster.Connections;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Cluster.Identity;
using ActorLb.Node.Supervision;
using ActorLb.Node.Wire;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.DistributedData;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>What an actor system is started from.</summary>
/// <param name="Port">cluster.port, or the one that the first actor system of this process got.</param>
/// <param name="Discovery">What this process knows of other nodes.</param>
/// <param name="Capabilities">Registers the actors and serializers of the node's capabilities.</param>
/// <param name="Identity">Null where nodes speak in the clear.</param>
/// <param name="MembershipChanged">Told of every change.</param>
internal sealed record ActorSystemPlan(
    NodeSettings Settings,
    int Port,
    DiscoveryLinks Discovery,
    DataPlane Plane,
    Action<AkkaConfigurationBuilder, IServiceProvider> Capabilities,
    Action<MembershipChanged> MembershipChanged,
    WireRefusals Refusals,
    RefusedPeers RefusedPeers,
    NodeIdentity? Identity,
    ILoggerFactory Loggers,
    TimeProvider Time);

/// <summary>
/// One actor system in a host of its own, so that Akka.Hosting, which stops its host when the system ends, stops
/// nothing else. Made by ControlPlane, used once.
/// </summary>
internal sealed class ActorSystemHost
{
    private readonly IHost _host;
    private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ActorSystemHost(IHost host, ActorSystem system)
    {
        _host = host;
        System = system;
        Akka.Cluster.Cluster.Get(system).RegisterOnMemberUp(() => _up.TrySetResult());
    }

    public ActorSystem System { get; }

    public Address Address => Akka.Cluster.Cluster.Get(System).SelfAddress;

    /// <summary>Completes when this node is a member that is up.</summary>
    public Task WhenUp => _up.Task;

    /// <summary>Why the system ended or is about to.</summary>
    public string EndedBy => CoordinatedShutdown.Get(System).ShutdownReason switch
    {
        CoordinatedShutdown.ClusterDowningReason => "the other nodes went on without this one",
        CoordinatedShutdown.ClusterLeavingReason => "this node was asked to leave",
        { } other => other.GetType().Name,
        null => "no reason given",
    };

    /// <exception cref="ControlPlaneException">The port is taken, the certificate is unreadable, an actor did not start.</exception>
    public static async Task<ActorSystemHost> StartAsync(ActorSystemPlan plan)
    {
        IHost host = Build(plan);
        ActorSystem system;
        try
        {
            system = host.Services.GetRequiredService<ActorSystem>();
        }
        catch (Exception e) when (e is not ControlPlaneException)
        {
            host.Dispose();
            throw ControlPlaneException.Of(new HostPort(plan.Settings.Cluster.Host, plan.Port).ToString(), e);
        }

        var started = new ActorSystemHost(host, system);
        await host.StartAsync();
        if (host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            await started.StopAsync(plan.Settings.ShutdownTimeout, plan.Time, CancellationToken.None);
            throw new ControlPlaneException("the actors of the control plane did not start; the log says why");
        }

        return started;
    }

    /// <summary>Leaves the cluster and ends the system; after the timeout it ends without leaving.</summary>
    /// <returns>Null where it left; else why it did not.</returns>
    public async Task<string?> StopAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        string? failure = null;
        try
        {
            await _host.StopAsync(CancellationToken.None).WaitAsync(timeout, time, cancellation);
        }
        catch (Exception e)
        {
            // A task of the coordinated shutdown may throw whatever it likes: the next system must be able to start.
            failure = e is TimeoutException or OperationCanceledException ? "it did not end in time" : e.GetBaseException().Message;
            ((ExtendedActorSystem)System).Abort();
            await System.WhenTerminated;
        }

        try
        {
            _host.Dispose();
        }
        catch (Exception e)
        {
            failure ??= e.GetBaseException().Message;
        }

        return failure;
    }

    private static IHost Build(ActorSystemPlan plan)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddSingleton(plan.Loggers);
        builder.Services.AddSingleton(plan.Time);
        builder.Services.AddSingleton(plan.Settings);
        builder.Services.AddSingleton(plan.Plane);
        builder.Services.AddSingleton(plan.Refusals);
        builder.Services.AddAkka(ControlPlane.SystemName, (akka, services) => Configure(akka, services, plan));
        return builder.Build();
    }

    private static void Configure(AkkaConfigurationBuilder akka, IServiceProvider services, ActorSystemPlan plan)
    {
        ClusterSettings cluster = plan.Settings.Cluster;

        // Membership comes first, so that every capability can ask for it; joining comes last, so that nobody misses it.
        akka.WithActors((system, _) => LeaveRebinderFirst(system, plan.Plane));
        akka.WithNodeActor<MembershipActor>((_, _, _) => Membership(plan));
        akka.WithWireSerializer("actorlb-discovery", DiscoverySerializer.Table, system => new DiscoverySerializer(system));
        plan.Capabilities(akka, services);
        akka.WithNodeActor<ClockActor>((_, _, _) => Clock(plan));
        akka.WithNodeActor<DiscoveryActor>((_, _, _) => Discovery(plan));

        akka.ConfigureLoggers(loggers =>
        {
            loggers.ClearLoggers();
            loggers.AddLoggerFactory(new AkkaLog(plan.Loggers, plan.RefusedPeers, plan.Time));
            loggers.LogLevel = Akka.Event.LogLevel.WarningLevel;
        });
        // Not by ClusterOptions.Roles, which does not quote.
        string role = JsonSerializer.Serialize(MembershipActor.RoleOf(plan.Settings.Name));
        string since = JsonSerializer.Serialize(DiscoveryActor.RoleOf(plan.Plane.Clock.UtcNow));
        akka.WithClustering(new ClusterOptions());
        akka.AddHocon(NodeTransport.Listening(cluster.Host, plan.Port), HoconAddMode.Prepend);
        akka.AddHocon($"akka.cluster.roles = [{role}, {since}, {ClockActor.Role}]", HoconAddMode.Prepend);
        akka.AddSetup(new WireSetup(plan.Refusals));
        akka.AddSetup(new ConnectionSetup(plan.RefusedPeers, plan.Identity, plan.Time));
        akka.AddSetup(new DowningSetup(cluster.StableAfter, plan.Time));
        akka.AddHocon(FixedConfiguration.Akka, HoconAddMode.Prepend);
        akka.AddHocon(ClusterSharding.DefaultConfig(), HoconAddMode.Append);
        akka.AddHocon(ClusterSingleton.DefaultConfig(), HoconAddMode.Append);
        akka.AddHocon(DistributedData.DefaultConfig(), HoconAddMode.Append);
    }

    // Before anything else stops: from now on the data plane decides alone.
    private static void LeaveRebinderFirst(ActorSystem system, DataPlane plane) =>
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "rebinder-away", () =>
        {
            plane.Rebinder = IRebinder.Unavailable;
            return Task.FromResult(Done.Instance);
        });

    private static Props Membership(ActorSystemPlan plan)
    {
        ILogger<MembershipActor> logger = plan.Loggers.CreateLogger<MembershipActor>();
        Func<DateTimeOffset> now = () => plan.Plane.Clock.UtcNow;
        return Props.Create(() => new MembershipActor(plan.Settings.Name, plan.MembershipChanged, now, logger));
    }

    private static Props Clock(ActorSystemPlan plan)
    {
        ILogger<ClockActor> logger = plan.Loggers.CreateLogger<ClockActor>();
        return Props.Create(() => new ClockActor(plan.Plane, logger));
    }

    private static Props Discovery(ActorSystemPlan plan)
    {
        ILogger<DiscoveryActor> logger = plan.Loggers.CreateLogger<DiscoveryActor>();
        return Props.Create(() => new DiscoveryActor(plan.Settings.Cluster, plan.Discovery, logger, plan.Time));
    }

    /// <summary>Hears no signals: those are for the host of the process.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
