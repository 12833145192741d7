using ActorLb.Engine.Failures;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Exchanges;

/// <summary>Requests over a pool of three backends, which are tried in their order, and a clock that goes on with every wait.</summary>
public abstract class LifeTest
{
    private protected const string Get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private protected const string Post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
    private protected const string Put = "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";

    private protected readonly WaitlessTime _time = new();

    private protected static PoolSettings Web => TestPools.Pool("web", "http://s:1", "http://s:2", "http://s:3");

    private protected static BackendTurn Refuses => BackendTurn.Fails(FailureReason.BackendConnectFailed);

    private protected static PoolSettings Loose(PoolSettings pool) => pool with { Affinity = pool.Affinity with { Mode = AffinityMode.Off } };

    private protected MemoryLane Lane(PoolSettings? pool = null, Func<Topology, Topology>? change = null) =>
        new(TestPools.Node(pool ?? Web).With(change ?? (t => t)), _time);

    /// <summary>Its one route does this.</summary>
    private protected MemoryLane Lane(RouteFilterSettings filters) => Lane(change: t => t with
    {
        Routes = [t.Routes[0] with { Filters = filters, Pool = filters.Answers ? "" : "web" }],
    });

    private protected static string WithTicket(string? ticket, string request = Get) => request.Replace("Host: x\r\n", $"Host: x\r\nCookie: {ticket}\r\n", StringComparison.Ordinal);

    private protected static void AllWell(MemoryLane lane) => lane.Publish(_ => (BackendHealth.Up, OperatorState.Ready));

    /// <summary>All but this one are up.</summary>
    private protected static void IsDown(MemoryLane lane, params string[] ids) =>
        lane.Publish(id => (ids.Contains(id) ? BackendHealth.Down : BackendHealth.Up, OperatorState.Ready));
}
