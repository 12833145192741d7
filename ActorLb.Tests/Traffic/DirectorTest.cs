using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Time.Testing;

namespace ActorLb.Tests.Traffic;

/// <summary>A director over three backends, a clock and states that a test sets by hand.</summary>
public abstract class DirectorTest
{
    private protected readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private protected readonly DataPlane _plane;
    private protected readonly TrafficDirector _director;
    private readonly Dictionary<string, BackendHealth> _health = [];
    private readonly Dictionary<string, OperatorState> _operator = [];
    private readonly Dictionary<string, SessionMoves> _moves = [];

    protected DirectorTest()
    {
        (_plane, _director) = Node(_time);
    }

    private protected PoolSnapshot Pool => _director.Route("x", "/")!;

    private protected static (DataPlane, TrafficDirector) Node(TimeProvider time)
    {
        var plane = new DataPlane(TestPools.Node(TestPools.Pool("web", "http://s:1", "http://s:2", "http://s:3")), time);
        return (plane, new TrafficDirector(plane));
    }

    private protected (DataPlane, TrafficDirector) Node(Func<LimitSettings, LimitSettings> limits)
    {
        NodeSettings settings = TestPools.Node(TestPools.Pool("web", "http://s:1", "http://s:2", "http://s:3"));
        var plane = new DataPlane(settings.With(t => t with { Limits = limits(settings.Topology.Limits) }), _time);
        return (plane, new TrafficDirector(plane));
    }

    private protected async Task<Assignment> Assign(string? cookie) => await _director.AssignAsync(Pool, cookie, default);

    private protected async Task<(string Cookie, Assignment First)> NewSession()
    {
        Assignment first = await Assign(null);
        return (Cookie(first), first);
    }

    private protected string Cookie(Assignment assignment) => _director.TicketFor(assignment, secure: false)!.Split(';')[0];

    private protected void SetHealth(string id, BackendHealth health)
    {
        _health[id] = health;
        Publish(_plane);
    }

    private protected void SetOperator(string id, OperatorState state)
    {
        _operator[id] = state;
        Publish(_plane);
    }

    /// <summary>The backend drains, and its sessions leave it.</summary>
    private protected void SetMoves(string id, SessionMoves moves)
    {
        _moves[id] = moves;
        SetOperator(id, OperatorState.Draining);
    }

    private protected void Publish(DataPlane plane)
    {
        PoolSettings settings = plane.Topology.Pools["web"];
        plane.Publish(RoutingSnapshots.Pool(
            settings,
            id => new BackendCondition(
                _health.GetValueOrDefault(id, BackendHealth.Up), _time.GetUtcNow(), _operator.GetValueOrDefault(id), null, false, 1)
            {
                Decision = _moves.TryGetValue(id, out SessionMoves? moves)
                    ? new OperatorDecision(new BackendName("web", id), OperatorState.Draining, null, 1, "n1") { Moves = moves }
                    : null,
            },
            id => plane.Traffic[new BackendName("web", id)],
            plane.Cursors["web"]));
    }

    private protected static string Sealed(TicketCodec codec, Binding binding)
    {
        Span<char> text = stackalloc char[TicketCodec.TicketChars];
        codec.Seal(binding, text);
        return new string(text);
    }

    private protected sealed class Owner(Func<Binding, Binding> decide) : IRebinder
    {
        public int Asked => Failed.Count;

        /// <summary>False: the sessions had moved before.</summary>
        public bool IsNew { get; set; } = true;

        /// <summary>What the askers could not reach, in the order of the questions.</summary>
        public List<BackendKey> Failed { get; } = [];

        public ValueTask<Rebound?> RebindAsync(
            string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation)
        {
            // Those that waited for the same verdict ask at once.
            lock (Failed)
            {
                Failed.Add(failed);
            }

            return new(new Rebound(decide(known), IsNew));
        }
    }
}
