using System.Net;
using ActorLb.Bench.Http1.Fuzzing;
using ActorLb.Engine;
using ActorLb.Engine.Epoll;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Traffic;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Time.Testing;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>
/// The whole lane over sockets in memory and a clock that stands still: two loops, three backends, a handful of clients
/// a round, all on one thread, so that a seed always gives the same. After each round everything must be as before.
/// </summary>
internal sealed class LaneFuzzer : IDisposable
{
    private const int LoopCount = 2;
    private const int StepsMax = 200_000;

    private static readonly NodeSettings Settings = ReadSettings();

    private readonly Random _random;
    private readonly bool _logins;
    private readonly FakeTimeProvider _time = new();
    private readonly ErrorTrap _log = new();
    private readonly MemoryNetwork _network;
    private readonly DataPlane _plane;
    private readonly MemoryPoller[] _pollers;
    private readonly LaneLoop[] _loops;
    private readonly ListenSocket _address = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly List<FuzzBackend> _backends = [];
    private FuzzWorld _world;

    /// <param name="logins">Backends offer now and then to authenticate a connection.</param>
    public LaneFuzzer(int seed, bool logins = false)
    {
        _random = new Random(seed);
        _logins = logins;
        _network = new MemoryNetwork(_random) { Connecting = (socket, _) => _backends.Add(new FuzzBackend(socket, _world!)) };
        _world = new FuzzWorld(_random, isWild: false, logins);
        _plane = new DataPlane(Settings, _time);
        var parts = new LaneParts(
            _plane, new TrafficDirector(_plane), new PassiveHealth(_plane), new LimitsInForce(Settings.Topology.Limits), new FailureLog(_log, _time), new OpenConnections(_plane.Connections), _log);
        _pollers = [.. Enumerable.Range(0, LoopCount).Select(_ => new MemoryPoller(_network))];
        _loops = [.. _pollers.Select(p => new LaneLoop(parts, p))];
        ListenerSettings settings = Settings.Topology.Listeners[0];
        var listener = new ServedListener(settings, _address, ListenerEngine.Epoll, null, _plane.Connections.Of(settings.Name));
        foreach (LaneLoop loop in _loops)
        {
            loop.Events.Buffers.Poisons = true;
            loop.Events.RegisterListener(new Acceptor(loop, listener, _loops), MemoryNetwork.Listener);
        }
    }

    /// <summary>Requests that backends were to see, if all went well.</summary>
    public long Requests { get; private set; }

    public long Clients { get; private set; }

    /// <exception cref="FuzzFailure">Something does not hold.</exception>
    public void Round()
    {
        _world = new FuzzWorld(_random, isWild: _random.Next(4) > 0, _logins);
        for (int count = _random.Next(1, 7); count > 0; count--)
        {
            FuzzClient client = _world.AddClient();
            Clients++;
            Requests += client.Meant.Count;
            _network.Arrive(client.Socket);
        }

        Play();
        foreach (FuzzClient client in _world.Clients)
        {
            client.Check();
        }

        CheckBaseLine();
    }

    public void Dispose()
    {
        _address.Dispose();
        foreach (LaneLoop loop in _loops)
        {
            loop.Dispose();
        }
    }

    private void Play()
    {
        for (int steps = 0; steps < StepsMax; steps++)
        {
            switch (_random.Next(8))
            {
                case 0 or 1 or 2:
                    _world.Clients[_random.Next(_world.Clients.Count)].Step();
                    break;
                case 3 or 4 when _backends.Count > 0:
                    _backends[_random.Next(_backends.Count)].Step();
                    break;
                case 5 or 6:
                    _loops[_random.Next(LoopCount)].Events.RunOnce(0);
                    break;
                default:
                    PassTime();
                    break;
            }

            Check();
            if (steps % 64 == 0)
            {
                _backends.RemoveAll(b => b.IsOver);
                if (_network.OpenCount == 0 && !_network.IsAnyoneArriving && _world.Clients.All(c => c.Socket.IsClosedByLane))
                {
                    ReadTheRest();
                    return;
                }
            }
        }

        IEnumerable<FuzzClient> open = _world.Clients.Where(c => !c.Socket.IsClosedByLane);
        throw new FuzzFailure($"{_network.OpenCount} connections are still open, {string.Join("; ", open)}; wild: {_world.IsWild}", default);
    }

    // In a calm round nobody is waited for as long as a limit is.
    private void PassTime()
    {
        bool areClientsDone = _world.Clients.All(c => c.Socket.IsClosedByLane);
        int milliseconds = areClientsDone ? 2000 : _world.IsWild && _random.Next(8) == 0 ? _random.Next(20_000) : _random.Next(20) == 0 ? 1 : 0;
        if (milliseconds > 0)
        {
            _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        }
    }

    private void ReadTheRest()
    {
        foreach (FuzzClient client in _world.Clients)
        {
            while (client.Socket.Waiting > 0 && !client.IsOver)
            {
                client.Step();
            }
        }
    }

    private void Check() => FuzzFailure.ThrowIf(_log.First is not null, _log.First ?? "", default);

    private void CheckBaseLine()
    {
        foreach (LaneLoop loop in _loops)
        {
            // What was posted last, and resumed.
            loop.Events.RunOnce(0);
            FuzzFailure.ThrowIf(loop.Events.Count != 1, $"{loop.Events.Count - 1} sources are left", default);
            FuzzFailure.ThrowIf(loop.Events.Buffers.LentBytes != 0, $"{loop.Events.Buffers.LentBytes} bytes are lent", default);
            FuzzFailure.ThrowIf(loop.ClientCount != 0 || loop.Clients.Count != 0, "clients are left", default);
            FuzzFailure.ThrowIf(loop.Backends.KeptCount != 0, "backend connections are left", default);
        }

        foreach (BackendTraffic traffic in _plane.Traffic.Values)
        {
            FuzzFailure.ThrowIf(traffic.InFlight != 0, $"{traffic.InFlight} requests are in flight", default);
            FuzzFailure.ThrowIf(traffic.Gate.Inside != 0 || traffic.Gate.Waiting != 0, $"{traffic.Gate.Inside} places are taken, {traffic.Gate.Waiting} wait", default);
        }

        Check();
    }

    private static NodeSettings ReadSettings()
    {
        ConfigurationResult result = ConfigurationLoader.FromText("fuzz", """
            actorlb {
              node.name = fuzz
              listeners.http { bind = "127.0.0.1:0", engine = epoll, loops = 2 }
              limits { connections-max = 0, connections-per-address-max = 0, header-timeout = 10s, body-timeout = 10s, idle-timeout = 20s, response-timeout = 10s, tunnel-timeout = 20s }
              routes = [{ host = "*", path = "/", pool = web }]
              pools.web {
                backends = ["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"]
                max-connections = 2
                queue { length = 100, timeout = 5s }
                health.passive.failures = 1000000
                affinity.keys = ["a key for the fuzzer, nothing else"]
              }
            }
            """);
        return result.Settings ?? throw new InvalidOperationException(string.Join('\n', result.Mistakes));
    }
}
