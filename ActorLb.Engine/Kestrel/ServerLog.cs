using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Kestrel;

/// <summary>The server's log, without what we make it say ourselves (<see cref="UnfinishedAnswerException"/>).</summary>
internal sealed class ServerLog(ILoggerFactory loggers) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Log(loggers.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose()
    {
        // The one behind it is somebody else's.
    }

    private sealed class Log(ILogger log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

        void ILogger.Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> text)
        {
            if (exception is not UnfinishedAnswerException)
            {
                log.Log(level, id, state, exception, text);
            }
        }
    }
}
