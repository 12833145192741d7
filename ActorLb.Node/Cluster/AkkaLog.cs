using ActorLb.Node.Wire;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>
/// Passes Akka's log on, but for its warning about each message that the wire refused: WireRefusals tells those,
/// and not more often than once a second.
/// </summary>
internal sealed class AkkaLog(ILoggerFactory target) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Category(target.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => target.AddProvider(provider);

    /// <summary>The target is the process's and lives on.</summary>
    public void Dispose()
    {
    }

    private sealed class Category(ILogger target) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => target.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => target.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!target.IsEnabled(logLevel)
                || exception?.Message.StartsWith(WireRefusals.Mark, StringComparison.Ordinal) == true
                || formatter(state, exception).Contains(WireRefusals.Mark, StringComparison.Ordinal))
            {
                return;
            }

            target.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
