using System.Collections.Immutable;
using ActorLb.Node.Topologies;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Reloads;

/// <summary>What a log says of reloads: a line each, with a bound.</summary>
internal sealed partial class ReloadLog(ILogger logger)
{
    private const int KeysTold = 20;
    private const int MistakesTold = 5;
    private const int WarningsTold = 5;

    /// <param name="warnings">Those that the reload before did not have.</param>
    public void Tell(ReloadReport report, ReloadCause cause, ImmutableArray<string> warnings)
    {
        string by = cause switch { ReloadCause.Signal => "by SIGHUP", ReloadCause.Watch => "because they changed", _ => "by request" };
        switch (report.Outcome)
        {
            case ReloadOutcome.Changed:
                LogChanged(logger, by, report.Changes.Length, Several(report.Changes.Select(Told), KeysTold), report.Before, report.After);
                break;
            case ReloadOutcome.Unchanged:
                LogUnchanged(logger, by);
                break;
            case ReloadOutcome.Overruled:
                LogOverruled(logger, by);
                break;
            default:
                LogRefused(logger, by, report.Mistakes.Length, Several(report.Mistakes.Select(m => m.Text), MistakesTold));
                break;
        }

        if (!report.NeedStart.IsEmpty)
        {
            LogNeedsStart(logger, Several(report.NeedStart.Select(Told), KeysTold));
        }

        foreach (string warning in warnings.Take(WarningsTold))
        {
            LogWarning(logger, warning);
        }
    }

    public void Failed(Exception exception) => LogFailed(logger, exception);

    public void FileGone(string file, string why) => LogFileGone(logger, file, why);

    public void FileBack(string file) => LogFileBack(logger, file);

    private static string Told(SettingDifference difference)
    {
        const int most = 200;
        string text = difference.ToString();
        return text.Length <= most ? text : text[..most] + "…";
    }

    private static string Several(IEnumerable<string> all, int most)
    {
        string[] texts = [.. all];
        return string.Join("; ", texts.Take(most)) + (texts.Length > most ? $"; and {texts.Length - most} more" : "");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Files read again {By}: in force by it ({Count}): {Changes} (fingerprint {Before:x8} -> {After:x8})")]
    private static partial void LogChanged(ILogger logger, string by, int count, string changes, uint before, uint after);

    [LoggerMessage(Level = LogLevel.Information, Message = "Files read again {By}: they say what is in force already")]
    private static partial void LogUnchanged(ILogger logger, string by);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Files read again {By}: a revision is in force, and they have no say before actorlb apply --release")]
    private static partial void LogOverruled(ILogger logger, string by);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Files read again {By} and refused, nothing has changed; mistakes: {Count}: {Mistakes}")]
    private static partial void LogRefused(ILogger logger, string by, int count, string mistakes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changed in the files, and in force after a new start only: {Keys}")]
    private static partial void LogNeedsStart(ILogger logger, string keys);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Of the files: {Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);

    [LoggerMessage(Level = LogLevel.Error, Message = "The files could not be read again")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} cannot be read any more ({Why}); what was read of it stays in force")]
    private static partial void LogFileGone(ILogger logger, string file, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} can be read again")]
    private static partial void LogFileBack(ILogger logger, string file);
}
