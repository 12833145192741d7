using ActorLb.Engine;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class RefusalsLogTests
{
    [Fact]
    public void What_bounds_turned_away_is_told_with_its_number_now_and_then()
    {
        var plane = new DataPlane(TestPools.Node(TestPools.Pool("web", "http://s:1", "http://s:2")), new FakeTimeProvider());
        var logger = new Lines();
        var log = new RefusalsLog(plane, logger);
        log.Tell(TimeSpan.FromSeconds(1));
        Assert.Empty(logger.Told);

        BackendTraffic traffic = plane.Traffic[new BackendName("web", "s:1")];
        traffic.QueueWasFull();
        traffic.QueueWasFull();
        traffic.QueueTookTooLong();
        plane.Routing.Pools["web"].Retries.TryTake(0, 0);
        log.Tell(TimeSpan.FromSeconds(2));
        log.Tell(TimeSpan.FromSeconds(3));
        traffic.QueueTookTooLong();
        log.Tell(TimeSpan.FromSeconds(4));
        log.Tell(TimeSpan.FromSeconds(7));

        Assert.Equal(
            [
                "1 request(s) of pool web were not tried again: retry.budget = 100% of its requests was spent",
                "3 request(s) were answered 503 because web/s:1 has no free place: 2 found its queue full, 1 waited for longer than queue.timeout",
                "1 request(s) were answered 503 because web/s:1 has no free place: 0 found its queue full, 1 waited for longer than queue.timeout",
            ],
            logger.Told);
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
