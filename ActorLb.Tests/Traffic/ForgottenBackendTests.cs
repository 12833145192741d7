using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using ActorLb.Engine;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Routing;
using ActorLb.Node.Admin;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Traffic;

/// <summary>What belonged to a backend that is gone is gone soon after it.</summary>
public sealed class ForgottenBackendTests
{
    private const int Names = 10_000;
    private const int AtATime = 4;

    private readonly DataPlane _plane = new(TestPools.Node(TestPools.Pool("web", [])), new FakeTimeProvider());
    private readonly PassiveHealth _passive;
    private readonly FailureLog _log;
    private readonly NodeMetrics _metrics;

    public ForgottenBackendTests()
    {
        _passive = new PassiveHealth(_plane);
        _log = new FailureLog(NullLogger.Instance, _plane.Time);
        _metrics = new NodeMetrics(_plane, new FakeView());
    }

    [Fact]
    public async Task Ten_thousand_names_that_came_and_went_leave_nothing_behind()
    {
        var traffic = new List<WeakReference>();
        for (int i = 0; i < Names; i++)
        {
            Come(i, traffic);
            _plane.ForgetGone();
            if (i % 500 == 0)
            {
                await _metrics.Registry.CollectAndExportAsTextAsync(Stream.Null);
            }
        }

        Assert.Equal(AtATime, _plane.Traffic.Count);
        Assert.Equal(AtATime, _plane.Addresses.Count);
        string text = await MetricsAsync();
        Assert.Equal(AtATime, Lines(text, "actorlb_backend_requests_total{").Length);
        Assert.All(Lines(text, "actorlb_backend_"), l => Assert.Matches($"backend=\"10\\.0\\.39\\.{(Names - 1) % 256 / 10}", l));

        Publish([]);
        _plane.ForgetGone();
        Assert.Equal(0, _plane.Traffic.Count);
        Assert.Equal(0, _plane.Addresses.Count);
        Assert.Empty(Lines(await MetricsAsync(), "actorlb_backend_"));

        // Whatever table there is, now or later: none of it holds what was known of one of them.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.Equal(0, traffic.Count(t => t.IsAlive));
    }

    [Fact]
    public void A_backend_at_which_something_is_open_is_remembered_until_that_has_ended()
    {
        BackendSettings gone = Backend(1);
        Publish([gone, Backend(2)]);
        BackendTraffic traffic = _plane.Routing.Pools["web"].Backends[0].Traffic;
        traffic.Gate.TryEnter(0);

        Publish([Backend(2)]);
        _plane.ForgetGone();
        Assert.Equal(2, _plane.Traffic.Count);
        Assert.False(traffic.IsForgotten);

        traffic.Gate.Leave();
        _plane.ForgetGone();
        Assert.Equal(1, _plane.Traffic.Count);
        Assert.True(traffic.IsForgotten);
    }

    [Fact]
    public void A_backend_that_comes_back_while_it_is_remembered_has_the_same_counts_and_afterwards_new_ones()
    {
        BackendSettings backend = Backend(1);
        Publish([backend]);
        BackendTraffic first = _plane.Routing.Pools["web"].Backends[0].Traffic;
        Publish([]);
        Publish([backend]);
        _plane.ForgetGone();
        Assert.Same(first, _plane.Routing.Pools["web"].Backends[0].Traffic);

        Publish([]);
        _plane.ForgetGone();
        Publish([backend]);
        Assert.NotSame(first, _plane.Routing.Pools["web"].Backends[0].Traffic);
    }

    [Fact]
    public void A_snapshot_that_was_built_before_its_backend_was_forgotten_brings_it_back_whole()
    {
        Publish([Backend(1)]);
        PoolSnapshot again = _plane.Routing.Pools["web"];
        Publish([]);
        _plane.ForgetGone();

        _plane.Publish(again);

        BackendTraffic traffic = again.Backends[0].Traffic;
        Assert.Same(traffic, _plane.Traffic[new BackendName("web", again.Backends[0].Id)]);
        Assert.False(traffic.IsForgotten);
    }

    // In a method of its own: nothing of a backend stays in the caller's frame.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Come(int number, List<WeakReference> traffic)
    {
        Publish([.. Enumerable.Range(Math.Max(0, number - AtATime + 1), Math.Min(AtATime, number + 1)).Select(Backend)]);
        PoolSnapshot pool = _plane.Routing.Pools["web"];
        BackendSnapshot backend = pool.Backends[^1];
        traffic.Add(new WeakReference(backend.Traffic));
        backend.Traffic.Began();
        _ = _plane.Addresses.Of(backend.Address);
        _log.Tell("web", backend, FailureReason.BackendConnectFailed, null);
        _log.TellUnserved(pool, "id"u8);
        for (int i = 0; i < 3; i++)
        {
            _passive.Report(backend, pool.Settings, RequestOutcome.ConnectTimedOut);
        }

        Assert.True(backend.Traffic.CircuitOpen);
    }

    private static BackendSettings Backend(int number)
    {
        var address = new IPEndPoint(new IPAddress([10, 0, (byte)(number / 256), (byte)(number % 256)]), 80);
        return new BackendSettings(address.ToString(), new Uri($"http://{address}"), 1);
    }

    private void Publish(BackendSettings[] backends) => _plane.Publish(RoutingSnapshots.Pool(
        _plane.Topology.Pools["web"] with { Backends = [.. backends] },
        _ => new BackendCondition(BackendHealth.Up, DateTimeOffset.UnixEpoch, OperatorState.Ready, null, false, 1),
        id => _plane.Traffic[new BackendName("web", id)],
        _plane.Cursors["web"]));

    private async Task<string> MetricsAsync()
    {
        using var text = new MemoryStream();
        await _metrics.Registry.CollectAndExportAsTextAsync(text);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private static string[] Lines(string text, string start) =>
        [.. text.Split('\n').Where(l => l.StartsWith(start, StringComparison.Ordinal))];
}
