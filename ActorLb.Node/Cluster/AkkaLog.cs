using ActorLb.Node.Wire;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>
/// Passes Akka's log on, with three changes. Its warning about each message that the wire refused is left out:
/// WireRefusals tells those, and not more often than once a second. And what connections say when a node goes is
/// debug material: MembershipActor tells who went. What it says of each message to another name is said once by WrongNames.
/// </summary>
internal sealed class AkkaLog(ILoggerFactory target) : ILoggerFactory
{
    private const string Connections = "/system/endpointManager";
    private const string Reader = "endpointReader";

    private readonly WrongNames _wrongNames = new();

    public ILogger CreateLogger(string categoryName) => new Category(target.CreateLogger(categoryName), _wrongNames);

    public void AddProvider(ILoggerProvider provider) => target.AddProvider(provider);

    /// <summary>The target is the process's and lives on.</summary>
    public void Dispose()
    {
    }

    private static bool IsOfConnections<TState>(TState state)
    {
        string? path = (state as IEnumerable<KeyValuePair<string, object?>>)?.FirstOrDefault(p => p.Key == "ActorPath").Value?.ToString();

        // What a reader says is about messages: for instance a serializer that nobody here knows.
        return path is not null
            && path.Contains(Connections, StringComparison.Ordinal)
            && !path.Contains(Reader, StringComparison.Ordinal);
    }

    private sealed class Category(ILogger target, WrongNames wrongNames) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => target.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => target.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            LogLevel level = IsOfConnections(state) ? LogLevel.Debug : logLevel;
            if (!target.IsEnabled(level))
            {
                return;
            }

            string text = formatter(state, exception);
            if (!text.Contains(WireRefusals.Mark, StringComparison.Ordinal) && !wrongNames.Take(text, target))
            {
                target.Log(level, eventId, state, exception, formatter);
            }
        }
    }
}
