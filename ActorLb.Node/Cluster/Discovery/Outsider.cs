using ActorLb.Node.Cluster.Connections;
using ActorLb.Node.Cluster.Identity;
using ActorLb.Node.Supervision;
using ActorLb.Node.Wire;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Serialization;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>
/// Asks nodes of any cluster where they are, from outside: by a small actor system that is never a member. Nodes that
/// went on without each other have put each other's systems into quarantine and do not hear them any more; this one
/// they hear. Lives as long as the process, and starts before the first question.
/// </summary>
internal sealed class Outsider : IAsyncDisposable
{
    /// <summary>Longer than a connection within a data centre takes; a peer that needs more is asked again.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private NodeSettings _settings;
    private readonly WireRefusals _refusals;
    private readonly RefusedPeers _refusedPeers;
    private readonly NodeIdentity? _identity;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private ActorSystem? _system;
    private bool _stopped;

    public Outsider(NodeSettings settings, WireRefusals refusals, RefusedPeers refusedPeers, NodeIdentity? identity, TimeProvider time)
    {
        _refusedPeers = refusedPeers;
        _identity = identity;
        _settings = settings;
        _refusals = refusals;
        _time = time;
    }

    /// <summary>The settings of the control plane that starts next: the machine may have another address by now.</summary>
    public async Task UseAsync(NodeSettings settings)
    {
        ActorSystem? outdated = null;
        lock (_gate)
        {
            if (settings.Cluster.Host != _settings.Cluster.Host)
            {
                (outdated, _system) = (_system, null);
            }

            _settings = settings;
        }

        if (outdated is not null)
        {
            await outdated.Terminate();
        }
    }

    /// <summary>Makes it ready to ask: the first question would otherwise wait for it.</summary>
    public void Start()
    {
        try
        {
            StartedSystem();
        }
        catch (Exception)
        {
            // Every question tries again.
        }
    }

    /// <returns>The answer; null where there was none in time.</returns>
    public async Task<ClusterReport?> AskAsync(HostPort address, AskCluster question)
    {
        try
        {
            if (StartedSystem() is not { } system)
            {
                return null;
            }

            var peer = NodeAddresses.ToAkka(address, $"akka.{NodeTransport.SchemeOf(_identity is not null)}", FixedConfiguration.SystemName);
            return await system.At<DiscoveryActor>(peer).Ask<ClusterReport>(question, AnswerTimeout);
        }
        catch (Exception)
        {
            // Whatever it was, whoever asked asks again.
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        ActorSystem? system;
        lock (_gate)
        {
            _stopped = true;
            system = _system;
        }

        if (system is not null)
        {
            await system.Terminate();
        }
    }

    private ActorSystem? StartedSystem()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return null;
            }

            return _system ??= NewSystem();
        }
    }

    private ActorSystem NewSystem()
    {
        Config config = ConfigurationFactory.ParseString($$"""
            akka {
              # Who does not answer is not there; there is nothing else to tell.
              loglevel = OFF
              # Nothing here is due to the hundredth of a second, and each tick wakes two threads.
              scheduler.tick-duration = 100ms
              actor {
                provider = remote
                default-dispatcher.executor = thread-pool-executor
                internal-dispatcher.executor = thread-pool-executor
              }
              # Nodes that start together try each other before they listen.
              remote.retry-gate-closed-for = 100ms
              remote.transport-failure-detector.acceptable-heartbeat-pause = 3s
            }
            """).WithFallback(NodeTransport.Listening(_settings.Cluster.Host, port: 0)).WithFallback(FixedConfiguration.Akka);
        ActorSystemSetup setup = ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(config),
            new WireSetup(_refusals),
            new ConnectionSetup(_refusedPeers, _identity, _time),
            SerializationSetup.Create(system =>
                [SerializerDetails.Create("actorlb-discovery", new DiscoverySerializer(system), [.. DiscoverySerializer.Table.Select(m => m.Type)])]));
        return ActorSystem.Create("actorlb-outsider", setup);
    }
}
