using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Reports;

/// <summary>
/// Loggers for what is not ours, whose warnings and errors may be many at a client's will: each event of each category has a line
/// at once, and then one a minute with how many were not written. What is below a warning passes.
/// </summary>
internal sealed class RepeatingLoggers : ILoggerFactory
{
    private readonly ILoggerFactory _inner;
    private readonly Repetitions<(string Category, int Event)> _repetitions;

    public RepeatingLoggers(ILoggerFactory inner, TimeProvider time)
    {
        _inner = inner;
        _repetitions = new Repetitions<(string Category, int Event)>(time, Tell);
    }

    public ILogger CreateLogger(string categoryName) => new Repeating(_inner.CreateLogger(categoryName), categoryName, _repetitions);

    public void AddProvider(ILoggerProvider provider) => _inner.AddProvider(provider);

    /// <summary>The loggers beneath stay.</summary>
    public void Dispose() => _repetitions.Dispose();

    private void Tell((string Category, int Event) key, long count) =>
        Log.EventRepeated(_inner.CreateLogger(key.Category), count, key.Event);

    private sealed class Repeating(ILogger inner, string category, Repetitions<(string Category, int Event)> repetitions) : ILogger
    {
        // Categories and events are those of libraries: a few hundred at most.
        private const int EventsMax = 4096;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!inner.IsEnabled(logLevel))
            {
                return;
            }

            (string Category, int Event) key = (category, eventId.Id);
            if (logLevel < LogLevel.Warning || repetitions.IsNews(ref key, EventsMax, ("", 0)))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
