using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Otlp;

/// <summary>What is logged of what is pushed to a collector. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2801, Level = LogLevel.Information, Message = "{Target} takes metrics again")]
    public static partial void MetricsTaken(ILogger logger, Uri target);

    [LoggerMessage(EventId = 2802, Level = LogLevel.Warning, Message = "{Target} took no metrics: {Why}; they are pushed again and again")]
    public static partial void MetricsNotTaken(ILogger logger, Uri target, string why);

    [LoggerMessage(EventId = 2803, Level = LogLevel.Information, Message = "{Target} takes spans again")]
    public static partial void SpansTaken(ILogger logger, Uri target);

    [LoggerMessage(EventId = 2804, Level = LogLevel.Warning, Message = "{Target} took no spans: they are lost, and the next ones are pushed")]
    public static partial void SpansNotTaken(ILogger logger, Uri target);

    [LoggerMessage(EventId = 2805, Level = LogLevel.Error, Message = "Spans could not be written")]
    public static partial void SpansNotWritten(ILogger logger, Exception exception);
}
