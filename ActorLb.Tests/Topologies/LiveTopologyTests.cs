using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Topologies;

public sealed class LiveTopologyTests : IDisposable
{
    private static readonly PoolSettings Web = TestPools.Pool("web", "http://10.0.0.1:8080", "http://10.0.0.2:8080");
    private static readonly Topology First = TestPools.Node(Web).Topology;
    private static readonly Topology Second = First.WithPool(Web with { RetryAttempts = 5 });

    private readonly TestTarget _target = new(First);
    private readonly LiveTopology _live;

    public LiveTopologyTests() => _live = new LiveTopology(First, _target);

    public void Dispose() => _live.Dispose();

    [Fact]
    public async Task A_change_is_in_force_and_told_once()
    {
        var told = new List<TopologyChange>();
        _live.Changed += told.Add;
        TopologyChange change = await _live.ChangeAsync(s => s.Rewritten(Second));
        Assert.Equal(Second, _target.InForce);
        Assert.Same(change.After, _live.State);
        Assert.Equal("pools.web.retry.attempts: 2 -> 5", Assert.Single(change.Differences).ToString());
        Assert.Same(change, Assert.Single(told));
        Assert.Equal(0, _target.Open);
    }

    [Fact]
    public async Task What_cannot_be_prepared_changes_nothing()
    {
        _target.PrepareFails = new IOException("cannot listen on 127.0.0.1:80 (listeners.http.bind): another process listens there");
        await RefusedAsync("listeners.http.bind");
    }

    [Fact]
    public async Task What_cannot_be_committed_changes_nothing_and_gives_back_what_was_prepared()
    {
        _target.CommitFails = new IOException("limits.memory");
        await RefusedAsync("limits.memory");
        Assert.Equal(0, _target.Open);
    }

    [Fact]
    public async Task A_change_that_cannot_be_thought_out_changes_nothing_and_lets_the_next_one_in()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _live.ChangeAsync(_ => throw new InvalidOperationException()));
        await _live.ChangeAsync(s => s.Rewritten(Second));
        Assert.Equal(Second, _live.State.InForce);
    }

    [Fact]
    public async Task What_is_only_tried_is_given_back()
    {
        TopologyChange change = await _live.TryAsync(s => s.Rewritten(Second));
        Assert.Single(change.Differences);
        Assert.Equal((First, First, 0, 0), (_live.State.InForce, _target.InForce, _target.Committed, _target.Open));
    }

    [Fact]
    public async Task Changes_are_made_one_after_the_other_each_over_the_one_before()
    {
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _target.Hold = hold.Task;
        Task<TopologyChange>[] changes =
        [
            .. Enumerable.Range(0, 20).Select(_ => Task.Run(() => _live.ChangeAsync(s => s.Rewritten(More(s.Written))))),
        ];
        hold.SetResult();
        await Task.WhenAll(changes);
        Assert.Equal(22, _live.State.Written.Pools["web"].RetryAttempts);
        Assert.Equal(20, _live.State.Version);

        static Topology More(Topology topology) =>
            topology.WithPool(topology.Pools["web"] with { RetryAttempts = topology.Pools["web"].RetryAttempts + 1 });
    }

    [Fact]
    public async Task What_comes_to_the_same_is_handed_on_for_the_files_that_it_names_and_told_to_nobody()
    {
        _live.Changed += _ => Assert.Fail("nothing has changed");
        TopologyChange change = await _live.ChangeAsync(s => s.Rewritten(First));
        Assert.Empty(change.Differences);
        Assert.Equal(1, _target.Committed);
    }

    private async Task RefusedAsync(string key)
    {
        TopologyState before = _live.State;
        _live.Changed += _ => Assert.Fail("nothing has changed");
        TopologyRefusedException refused = await Assert.ThrowsAsync<TopologyRefusedException>(() => _live.ChangeAsync(s => s.Rewritten(Second)));
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
        Assert.Equal(First, _target.InForce);
        Assert.Same(before, _live.State);
    }
}
