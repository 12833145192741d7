using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class ForgottenConnectionTests(ListenerEngine engine)
{
    [Fact]
    public async Task The_kept_connections_of_a_backend_that_no_pool_has_any_more_are_closed()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.AnswerAsync("kept");
            await connection.UntilClosedAsync();
            closed.TrySetResult();
        });
        await using SampleBackend other = await SampleBackend.NamedAsync("other");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address, other.Address);
        while (await lane.GetAsync() != "kept")
        {
            // Its turn comes next.
        }

        PoolSettings pool = lane.Plane.Topology.Pools["web"];
        pool = pool with { Backends = [pool.Backends[1]] };
        lane.Plane.Apply(lane.Plane.Topology.WithPool(pool));
        lane.Plane.Publish(RoutingSnapshots.Pool(
            pool,
            _ => new BackendCondition(BackendHealth.Up, DateTimeOffset.UnixEpoch, OperatorState.Ready, null, false, 1),
            id => lane.Plane.Traffic[new BackendName("web", id)],
            lane.Plane.Cursors["web"]));
        await TestLane.UntilAsync(() =>
        {
            lane.Plane.ForgetGone();
            return lane.Plane.Traffic.Count == 1;
        });

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal("other", await lane.GetAsync());
    }
}
