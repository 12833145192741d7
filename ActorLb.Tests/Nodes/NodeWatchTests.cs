using ActorLb.Node.Nodes;
using ActorLb.Tests.Health;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

public sealed class NodeWatchTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly NodeWatch _watch;
    private string? _failure;
    private Exception? _exception;

    public NodeWatchTests()
    {
        _watch = new NodeWatch(
            _time, NullLogger.Instance, ("listeners", () => null), ("store", () => _exception is null ? _failure : throw _exception));
        _watch.Start();
    }

    public void Dispose() => _watch.Dispose();

    [Fact]
    public async Task The_first_failure_is_the_nodes_and_stays_it()
    {
        _time.Advance(10 * NodeWatch.Period);
        Assert.False(_watch.HasFailed);

        _failure = "it ended";
        _time.Advance(NodeWatch.Period);
        _failure = null;
        _time.Advance(10 * NodeWatch.Period);

        Assert.True(_watch.HasFailed);
        Assert.Equal("store: it ended", await _watch.WhenFailed);
    }

    [Fact]
    public async Task Who_cannot_be_asked_has_failed()
    {
        _exception = new InvalidOperationException("broken");
        _time.Advance(NodeWatch.Period);

        Assert.Equal("store: broken", await _watch.WhenFailed);
    }

    [Fact]
    public void What_ends_while_the_node_stops_is_no_failure()
    {
        _watch.Dispose();
        _failure = "it ended";
        _time.Advance(10 * NodeWatch.Period);

        Assert.False(_watch.HasFailed);
    }
}
