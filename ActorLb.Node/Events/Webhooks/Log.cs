using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Events.Webhooks;

/// <summary>What is logged of webhooks. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2461, Level = LogLevel.Warning, Message = "Webhook {Url} does not take events: {Why}")]
    public static partial void WebhookFails(ILogger logger, string url, string why);

    [LoggerMessage(EventId = 2462, Level = LogLevel.Information, Message = "Webhook {Url} takes events again")]
    public static partial void WebhookTakes(ILogger logger, string url);

    [LoggerMessage(EventId = 2463, Level = LogLevel.Warning, Message = "Webhook {Url}: {Count} event(s) were dropped, because it did not take them")]
    public static partial void WebhookDropped(ILogger logger, string url, long count);
}
