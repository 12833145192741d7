using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster;
using ActorLb.Node.Sessions;
using ActorLb.Node.Sessions.Hosting;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

/// <summary>One node with session affinity and nothing else, on a loopback port that is its own also after it ended. Its backends are all up.</summary>
internal sealed class SessionNode : IAsyncDisposable
{
    private readonly ControlPlane _control;
    private SessionCapability _capability = new();

    private SessionNode(NodeSettings settings, DataPlane plane)
    {
        Plane = plane;
        _control = new ControlPlane(settings, plane, WithSessionsOf, NullLoggerFactory.Instance, TimeProvider.System);
    }

    public DataPlane Plane { get; }

    /// <summary>That of the actor system of now.</summary>
    public SessionCapability Capability => Volatile.Read(ref _capability);

    public HostPort Address => _control.Address;

    public BindingTable Table => Plane.Tables[Pool];

    /// <summary>Members that are up, as this node sees it.</summary>
    public int Up => _control.Membership.Active.Length;

    /// <summary>A node that joins the one with this address, or itself.</summary>
    public static async Task<SessionNode> StartAsync(NodeSettings settings, HostPort? join, DataPlane? plane = null)
    {
        settings = settings with
        {
            Cluster = settings.Cluster with { Port = LoopbackPorts.Free("127.0.0.1", 1)[0], Seeds = join is { } seed ? [seed] : [] },
        };
        plane ??= new DataPlane(settings, TimeProvider.System);
        Publish(plane);
        var node = new SessionNode(settings, plane);
        await node._control.StartAsync(CancellationToken.None);
        return node;
    }

    /// <summary>Stops without a word to the others, as a kill does: no leaving, no hand-over, connections just end.</summary>
    public async Task KillAsync()
    {
        ((ExtendedActorSystem)_control.System!).Abort();
        await _control.StopAsync(new CancellationToken(canceled: true));
    }

    /// <summary>The actor system ends by itself; the control plane starts the next one.</summary>
    public async Task<SessionCapability> RestartActorsAsync()
    {
        SessionCapability before = Capability;
        await _control.System!.Terminate();

        // A start that failed has left a capability as well, of a system that never ran.
        await Eventually.Holds(
            () => Capability != before && _control.System is { WhenTerminated.IsCompleted: false }, "the next actor system is there");
        return Capability;
    }

    /// <summary>Leaves the cluster and hands over.</summary>
    public Task LeaveAsync() => _control.StopAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _control.DisposeAsync();

    private void WithSessionsOf(AkkaConfigurationBuilder akka, IServiceProvider services)
    {
        var capability = new SessionCapability();
        akka.WithSessions(Plane, capability, MemoryStateStore.At(Plane.Settings.DataDirectory));
        Volatile.Write(ref _capability, capability);
    }
}

/// <summary>Waiting for conditions that other threads bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static Task Holds(Func<bool> condition, string what) => Holds(() => Task.FromResult(condition()), what);

    public static async Task Holds(Func<Task<bool>> condition, string what)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
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
