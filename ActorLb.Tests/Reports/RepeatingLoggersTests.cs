using ActorLb.Engine.Reports;
using ActorLb.Tests.Health;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActorLb.Tests.Reports;

public sealed class RepeatingLoggersTests
{
    private readonly ManualTime _time = new();
    private readonly Lines _lines = new();

    [Fact]
    public void An_event_that_repeats_has_one_line_and_one_a_minute_with_the_number_of_the_others()
    {
        using ILoggerFactory inner = LoggerFactory.Create(b => b.AddProvider(_lines));
        using var loggers = new RepeatingLoggers(inner, _time);
        ILogger server = loggers.CreateLogger("Server");
        for (int i = 0; i < 72_230; i++)
        {
            server.LogCritical(7, "queue is full of {Number}", i);
        }

        server.LogError(8, "another");
        server.LogInformation(7, "a word");
        server.LogInformation(7, "a word");
        Assert.Equal(["queue is full of 0", "another", "a word", "a word"], _lines.All);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("72229 more of event 7 in a minute", _lines.All[^1]);
        _time.Advance(TimeSpan.FromMinutes(2));
        server.LogCritical(7, "again");
        Assert.Equal("again", _lines.All[^1]);
        Assert.Equal(6, _lines.All.Count);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
