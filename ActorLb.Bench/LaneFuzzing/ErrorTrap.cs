using Microsoft.Extensions.Logging;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>A log that keeps the first error. Backends fail here all the time, which is no error of ours.</summary>
internal sealed class ErrorTrap : ILogger
{
    public string? First { get; private set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            First ??= $"{formatter(state, exception)} {exception}";
        }
    }
}
