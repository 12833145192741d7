using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Certificates;

/// <summary>What is logged of certificates. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1101, Level = LogLevel.Information, Message = "{Key} was loaded again, because its files have changed: {What}")]
    public static partial void CertificateLoaded(ILogger logger, string key, string what);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning, Message = "{Key} has changed and cannot be used: {Why}; what was loaded before stays in use")]
    public static partial void CertificateUnusable(ILogger logger, string key, string why);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Information, Message = "{Key} is good again: {What}")]
    public static partial void CertificateGoodAgain(ILogger logger, string key, string what);

    [LoggerMessage(EventId = 1104, Level = LogLevel.Error, Message = "Certificates could not be looked at")]
    public static partial void CertificatesUnseen(ILogger logger, Exception e);
}
