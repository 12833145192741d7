using ActorLb.Node.Traffic;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class DriftLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Lines _log = new();

    private List<string> Told => _log.Told;

    [Fact]
    public void A_node_that_differs_for_a_while_is_told_once_and_that_it_is_the_same_again()
    {
        var drift = new DriftLog(_log, _time);
        drift.Look(1, [("b", 2), ("c", 1), ("d", null)]);
        Assert.Empty(Told);
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(DriftLog.ToldAfter);
            drift.Look(1, [("b", 2), ("c", 1), ("d", null)]);
        }

        Assert.StartsWith("b goes by another configuration than this node (fingerprint 00000002 there, 00000001 here)", Assert.Single(Told), StringComparison.Ordinal);
        drift.Look(2, [("b", 2)]);
        Assert.StartsWith("b goes by the same configuration", Told[1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_change_takes_from_node_to_node_is_not_told_nor_what_is_not_known_for_a_moment()
    {
        var drift = new DriftLog(_log, _time);
        drift.Look(1, [("b", 2)]);
        _time.Advance(DriftLog.ToldAfter - TimeSpan.FromMilliseconds(1));
        drift.Look(2, [("b", 2)]);
        _time.Advance(DriftLog.ToldAfter);
        drift.Look(3, [("b", 2)]);
        drift.Look(3, [("b", null)]);
        Assert.Empty(Told);
        _time.Advance(DriftLog.ToldAfter);
        drift.Look(3, [("b", 2)]);
        Assert.Single(Told);
    }

    [Fact]
    public void A_node_that_went_and_comes_again_is_a_new_one()
    {
        var drift = new DriftLog(_log, _time);
        drift.Look(1, [("b", 2)]);
        drift.Look(1, []);
        _time.Advance(DriftLog.ToldAfter);
        drift.Look(1, [("b", 2)]);
        Assert.Empty(Told);
    }

    private sealed class Lines : ILogger
    {
        public List<string> Told { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Told.Add(formatter(state, exception));
    }
}
