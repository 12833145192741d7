using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Forwarding;

/// <summary>What is logged of requests and backends, of both lanes. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning, Message = "{Failures} request(s) failed at {Pool}/{Backend}: {Reason}{Cause}")]
    public static partial void RequestsFailedAtBackend(ILogger logger, long failures, string pool, string backend, string reason, string cause);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Warning, Message = "{Requests} request(s) of pool {Pool} were answered 503, because no backend takes them: {Why}{More}{Advice} (X-Request-Id of one: {RequestId})")]
    public static partial void PoolTakesNothing(ILogger logger, long requests, string pool, string why, string more, string advice, string requestId);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Error, Message = "A request failed within the balancer.")]
    public static partial void RequestFailedWithin(ILogger logger, Exception exception);
}
