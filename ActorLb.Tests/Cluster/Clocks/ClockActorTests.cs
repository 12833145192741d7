using System.Collections.Immutable;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Cluster.Clocks;

/// <summary>Nodes in one process whose clocks are set wrong.</summary>
public sealed class ClockActorTests : IAsyncLifetime
{
    private static readonly TimeSpan ThreeDays = TimeSpan.FromDays(3);

    private readonly List<TestNode> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));

    [Fact]
    public async Task Of_three_nodes_the_one_whose_clock_is_wrong_goes_by_the_others_and_all_say_so()
    {
        await StartAsync(TimeSpan.Zero, TimeSpan.Zero, ThreeDays);

        await AllShowAsync(TimeSpan.Zero);
        await Eventually.Holds(
            () => Said(0, $"The clock of akka.tcp://actorlb@{_nodes[2].Address} is 3 d ahead of what most") && Said(2, "The clock of n2 is 3 d ahead of what most"),
            Describe);
        Assert.False(Said(0, "The clock of n0"));
        Assert.InRange(_nodes[2].Plane.Clock.State.Offset, (ThreeDays - TimeSpan.FromSeconds(9)).TotalMilliseconds, (ThreeDays + TimeSpan.FromSeconds(9)).TotalMilliseconds);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(-2, -2)]
    public async Task Of_two_nodes_both_go_by_the_clock_that_is_behind(int daysAhead, int expected)
    {
        await StartAsync(TimeSpan.Zero, TimeSpan.FromDays(daysAhead));
        await AllShowAsync(TimeSpan.FromDays(expected));
    }

    [Fact]
    public async Task A_clock_that_jumps_alone_sets_the_time_and_ends_nothing()
    {
        var time = new OffsetTime(TimeSpan.Zero);
        _nodes.Add(new TestNode("n0", 0, [], time: time));
        await _nodes[0].StartAsync();
        await Eventually.Holds(() => _nodes[0].Active.Length == 1, Describe);
        uint before = _nodes[0].Plane.Clock.Ending;

        time.Ahead = ThreeDays;

        await Eventually.Holds(() => Said(0, "The time of sessions was set forward by 3 d"), Describe);
        Assert.InRange(_nodes[0].Plane.Clock.Now - before, ThreeDays.TotalSeconds - 9, ThreeDays.TotalSeconds + 99);
        Assert.InRange(_nodes[0].Plane.Clock.Ending - before, 0u, 99u);
    }

    private async Task StartAsync(params TimeSpan[] ahead)
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", ahead.Length);
        ImmutableArray<HostPort> seeds = [.. ports.Select(p => new HostPort("127.0.0.1", p))];
        _nodes.AddRange(ports.Select((p, i) => new TestNode($"n{i}", p, seeds, formAfter: TimeSpan.FromSeconds(10), time: new OffsetTime(ahead[i]))));
        await Task.WhenAll(_nodes.Select(n => n.StartAsync()));
    }

    private Task AllShowAsync(TimeSpan ahead) => Eventually.Holds(
        () => _nodes.All(n => Math.Abs((n.Plane.Clock.UtcNow - DateTimeOffset.UtcNow - ahead).TotalSeconds) < 9), Describe);

    private bool Said(int node, string line) => _nodes[node].Log.Any(l => l.Contains(line, StringComparison.Ordinal));

    private string Describe() => string.Join("\n", _nodes.Select(n => $"{n.Plane.Clock.State}\n{n}"));
}
