using ActorLb.Engine;
using ActorLb.Node.Overlays;
using ActorLb.Node.States;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Topologies;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActorLb.Tests.Overlays;

public sealed class NodeOverlaysTests : ILogger<NodeOverlays>, IDisposable
{
    private static readonly DateTimeOffset At = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly NodeSettings Settings = TestPools.Node(TestPools.Pool("web", "http://10.0.0.1:8080", "http://10.0.0.2:8080"));
    private static readonly BackendName First = new("web", "10.0.0.1:8080");
    private static readonly BackendName Third = new("web", "web-3");

    private static readonly BackendRegisters Weighed = BackendRegisters.Empty.With(
        new BackendRegister(First, 1, "n1", At) { Weight = 7, Below = new WrittenBackend("http://10.0.0.1:8080", 1) }, new Dot(1, 1));

    private readonly MemoryStateStore _store = new();
    private readonly TestTarget _target = new(Settings.Topology);
    private readonly List<string> _lines = [];
    private readonly LiveTopology _topology;
    private readonly NodeOverlays _overlays;

    public NodeOverlaysTests()
    {
        _topology = new LiveTopology(Settings.Topology, _target);
        _overlays = new NodeOverlays(new DataPlane(Settings, TimeProvider.System), _topology, _store, this);
    }

    [Fact]
    public async Task What_was_decided_before_a_start_is_in_force_before_the_node_serves()
    {
        await _store.SaveAsync(StateNames.BackendRegisters, OverlaySerializer.ToBytes(Weighed));
        await _overlays.LoadAsync();
        Assert.Equal(7, _target.InForce.Pools["web"].Backends[0].Weight);
        Assert.True(_overlays.InForce.Knows(new Dot(1, 1)));
    }

    [Fact]
    public async Task A_node_starts_without_what_it_cannot_read()
    {
        await _store.SaveAsync(StateNames.BackendRegisters, [0xFF, 1, 2]);
        await _overlays.LoadAsync();
        Assert.Equal(BackendRegisters.Empty, _overlays.Known);
    }

    [Fact]
    public async Task What_is_adopted_is_in_force_and_on_the_disk_and_the_same_again_is_no_change()
    {
        Assert.True(await _overlays.AdoptAsync(Weighed));
        Assert.Equal(Weighed, OverlaySerializer.OfBytes(_store.State(StateNames.BackendRegisters)!));
        int committed = _target.Committed;
        Assert.False(await _overlays.AdoptAsync(Weighed));
        Assert.Equal(committed, _target.Committed);
    }

    [Fact]
    public async Task What_the_node_cannot_go_by_is_known_and_not_in_force_and_tried_again()
    {
        _target.PrepareFails = new InvalidOperationException("engine = epoll");
        await _overlays.AdoptAsync(Weighed);
        Assert.True(_overlays.Known.Knows(new Dot(1, 1)));
        Assert.False(_overlays.InForce.Knows(new Dot(1, 1)));
        _target.PrepareFails = null;
        await _overlays.RetryAsync();
        Assert.True(_overlays.InForce.Knows(new Dot(1, 1)));
        Assert.Equal(7, _target.InForce.Pools["web"].Backends[0].Weight);
    }

    [Fact]
    public async Task One_that_was_added_and_removed_while_the_node_was_away_is_there_first_so_that_its_sessions_stay()
    {
        var seen = new List<bool>();
        _topology.Changed += change => seen.Add(change.After.InForce.Pools["web"].Backends.Any(b => b.Id == Third.Id));
        await _overlays.AdoptAsync(BackendRegisters.Empty.With(
            new BackendRegister(Third, 2, "n1", At) { Address = new Uri("http://10.0.0.3:8080"), Removal = new BackendRemoval(At, null, null, 2, "n1") },
            new Dot(1, 1)));
        Assert.Equal([true, false], seen);
        Assert.NotNull(_target.InForce.Pools["web"].OverrideOf(Third.Id)!.Removal);
    }

    [Fact]
    public async Task What_changes_below_a_decision_is_logged_also_where_the_same_stays_in_force()
    {
        await _overlays.AdoptAsync(Weighed);
        PoolSettings web = Settings.Topology.Pools["web"];
        Topology before = _target.InForce;
        await _topology.ChangeAsync(s => s.Rewritten(s.Written.WithPool(web with { Backends = [web.Backends[0] with { Weight = 2 }, web.Backends[1]] })));
        Assert.Equal(before, _target.InForce);
        Assert.Contains("and is with 2 now", Assert.Single(_lines, l => l.Contains("has changed", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_leaves_what_was_decided()
    {
        await _overlays.AdoptAsync(Weighed);
        await _topology.ChangeAsync(s => s.Rewritten(TestPools.Node(TestPools.Pool("web", "http://10.0.0.1:8080", "http://10.0.0.9:8080")).Topology));
        Assert.Equal([("10.0.0.1:8080", 7), ("10.0.0.9:8080", 1)], _target.InForce.Pools["web"].Backends.Select(b => (b.Id, b.Weight)));
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));

    public void Dispose() => _topology.Dispose();
}
