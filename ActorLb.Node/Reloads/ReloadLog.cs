using System.Collections.Immutable;
using ActorLb.Node.Topologies;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Reloads;

/// <summary>What a log says of reloads: a line each, with a bound.</summary>
internal sealed class ReloadLog(ILogger logger)
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
                Log.FilesInForce(logger, by, report.Changes.Length, Several(report.Changes.Select(Told), KeysTold), report.Before, report.After);
                break;
            case ReloadOutcome.Unchanged:
                Log.FilesUnchanged(logger, by);
                break;
            case ReloadOutcome.Overruled:
                Log.FilesOverruled(logger, by);
                break;
            default:
                Log.FilesRefused(logger, by, report.Mistakes.Length, Several(report.Mistakes.Select(m => m.Text), MistakesTold));
                break;
        }

        if (!report.NeedStart.IsEmpty)
        {
            Log.FilesNeedStart(logger, Several(report.NeedStart.Select(Told), KeysTold));
        }

        foreach (string warning in warnings.Take(WarningsTold))
        {
            Log.FilesWarning(logger, warning);
        }
    }

    public void Failed(Exception exception) => Log.FilesNotRead(logger, exception);

    public void FileGone(string file, string why) => Log.FileGone(logger, file, why);

    public void FileBack(string file) => Log.FileBack(logger, file);

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
}
