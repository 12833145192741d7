using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Overlays;

/// <summary>What is logged of backends that operators add, remove and weigh. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2901, Level = LogLevel.Error, Message = "The decisions about backends cannot be read")]
    public static partial void OverlaysUnread(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2902, Level = LogLevel.Error, Message = "Decisions about backends cannot be in force here, and are tried again: {Why}")]
    public static partial void OverlaysNotInForce(ILogger logger, string why);

    [LoggerMessage(EventId = 2903, Level = LogLevel.Error, Message = "The decision about a backend is not on disk yet: {Why}")]
    public static partial void OverlayNotOnDisk(ILogger logger, string why);

    [LoggerMessage(EventId = 2904, Level = LogLevel.Warning, Message = "What is written below the operator's decision on {Backend} has changed: {What}")]
    public static partial void WrittenBelowChanged(ILogger logger, BackendName backend, string what);

    [LoggerMessage(EventId = 2905, Level = LogLevel.Information, Message = "The operator decides: {Change}")]
    public static partial void BackendChangeDecided(ILogger logger, object? change);

    [LoggerMessage(EventId = 2906, Level = LogLevel.Information, Message = "{Backends} were added, and removed, and are gone everywhere")]
    public static partial void BackendsGone(ILogger logger, string backends);
}
