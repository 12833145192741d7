using ActorLb.Engine;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Health;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class EjectionTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    [Theory]
    [InlineData(10, 50, 5)]
    [InlineData(10, 59, 5)]
    [InlineData(10, 100, 10)]
    [InlineData(10, 0, 0)]
    [InlineData(10, 5, 1)]
    [InlineData(3, 50, 1)]
    [InlineData(2, 50, 1)]
    [InlineData(1, 50, 1)]
    public void No_more_are_ejected_than_the_pool_allows_and_the_circuits_of_all_are_open(int backends, int percent, int expected)
    {
        DataPlane plane = Plane(backends, percent);
        FailAll(plane);
        Assert.Equal(expected, plane.Traffic.Values.Count(t => t.IsEjected));
        Assert.All(plane.Traffic.Values, t => Assert.True(t.CircuitOpen));
        Assert.All(plane.Traffic.Values, t => Assert.Equal((_time.GetUtcNow(), CircuitReason.ConnectsFailed), (t.Circuit!.Since, t.Circuit.Reason)));
    }

    [Fact]
    public void Where_one_is_well_again_another_that_goes_on_failing_is_ejected()
    {
        DataPlane plane = Plane(4, 50);
        FailAll(plane);
        plane.CloseCircuit(new BackendName("web", "s:1"));
        Assert.Single(plane.Traffic.Values, t => t.IsEjected);

        FailAll(plane, "s:4");
        Assert.True(plane.Traffic[new BackendName("web", "s:4")].IsEjected);
        FailAll(plane, "s:3");
        Assert.False(plane.Traffic[new BackendName("web", "s:3")].IsEjected);
    }

    [Fact]
    public void Those_that_are_down_or_taken_out_do_not_count()
    {
        DataPlane plane = Plane(6, 50, id => id is "s:1" or "s:2" ? BackendHealth.Down : BackendHealth.Up);
        FailAll(plane, "s:1", "s:2", "s:3", "s:4", "s:5");
        Assert.Equal(2, plane.Traffic.Where("s:3", "s:4", "s:5").Count(t => t.IsEjected));
    }

    private DataPlane Plane(int backends, int percent, Func<string, BackendHealth>? health = null)
    {
        PoolSettings pool = TestPools.Pool("web", [.. Enumerable.Range(1, backends).Select(i => $"http://s:{i}")]);
        pool = pool with { Health = pool.Health with { Passive = pool.Health.Passive with { MaxEjectedPercent = percent } } };
        var plane = new DataPlane(TestPools.Node(pool), _time);
        plane.Publish(RoutingSnapshots.Pool(
            pool,
            id => new BackendCondition(health?.Invoke(id) ?? BackendHealth.Up, _time.GetUtcNow(), OperatorState.Ready, null, false, 1),
            id => plane.Traffic[new BackendName("web", id)],
            plane.Cursors["web"]));
        return plane;
    }

    private static void FailAll(DataPlane plane, params string[] ids)
    {
        var passive = new PassiveHealth(plane);
        PoolSnapshot pool = plane.Routing.Pools["web"];
        foreach (BackendSnapshot backend in pool.Backends.Where(b => ids.Length == 0 || ids.Contains(b.Id)))
        {
            for (int i = 0; i < pool.Settings.Health.Passive.Failures; i++)
            {
                passive.Report(backend, pool.Settings, RequestOutcome.ConnectFailed);
            }
        }
    }
}

internal static class TrafficOf
{
    public static IEnumerable<BackendTraffic> Where(this TrafficTable table, params string[] ids) => ids.Select(id => table[new BackendName("web", id)]);
}
