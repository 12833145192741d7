using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Health;

/// <summary>What is logged of health and circuits. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2501, Level = LogLevel.Warning, Message = "The circuit to {Backend} opened ({Why}), and it gets new sessions all the same: health.passive.max-ejected of its pool are ejected")]
    public static partial void CircuitOpenedKept(ILogger logger, BackendName backend, string why);

    [LoggerMessage(EventId = 2502, Level = LogLevel.Warning, Message = "The circuit to {Backend} opened ({Why}): no new sessions {Until}")]
    public static partial void CircuitOpened(ILogger logger, BackendName backend, string why, string until);

    [LoggerMessage(EventId = 2503, Level = LogLevel.Information, Message = "The circuit to {Backend} closed: probes pass")]
    public static partial void CircuitClosed(ILogger logger, BackendName backend);

    [LoggerMessage(EventId = 2504, Message = "{Backend} is {Health} ({Verdicts}){Advice}")]
    public static partial void BackendHealthChanged(ILogger logger, LogLevel level, BackendName backend, BackendHealth health, string verdicts, string advice);

    [LoggerMessage(EventId = 2505, Level = LogLevel.Warning, Message = "{Requests} request(s) of pool {Pool} were not tried again: retry.budget = {Budget}% of its requests was spent")]
    public static partial void RetryBudgetSpent(ILogger logger, long requests, string pool, int budget);

    [LoggerMessage(EventId = 2506, Level = LogLevel.Warning, Message = "{Requests} request(s) were answered 503 because {Backend} has no free place: {Refused} found its queue full, {TimedOut} waited for longer than queue.timeout")]
    public static partial void QueueOverrun(ILogger logger, long requests, BackendName backend, long refused, long timedOut);

    [LoggerMessage(EventId = 2507, Level = LogLevel.Warning, Message = "{Sessions} session(s) moved away from {Backend}: it is up, and this node cannot connect to it")]
    public static partial void SessionsMovedUnreached(ILogger logger, long sessions, BackendName backend);
}
