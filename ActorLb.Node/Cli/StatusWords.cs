using System.Globalization;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>What a status document says, in words for people.</summary>
internal static class StatusWords
{
    private const int MistakesTold = 3;

    /// <summary>What an operator should know of a member; nothing where all is well.</summary>
    public static IEnumerable<string> NotesOn(StatusDocument.Member member)
    {
        if (member is { ClockIsWrong: true, ClockAheadSeconds: { } ahead })
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"its clock is {Math.Abs(ahead)} s {(ahead > 0 ? "ahead" : "behind")}");
        }

        if (member.ConfigurationDiffers)
        {
            yield return "its configuration differs from this node's";
        }

        if (!member.Counted)
        {
            yield return "not in the counts of requests in flight and tunnels";
        }
    }

    /// <summary>What an operator should know of a node that does not say itself what is wrong.</summary>
    public static IEnumerable<string> NotesOfEarlier(StatusDocument status) =>
        status.Certificates.Select(Of).Concat(status.Lost.Select(l => Of(l, status.Time)));

    /// <summary>What an operator should know of the files of the node; the first says which are in force.</summary>
    public static IEnumerable<string> NotesOn(StatusDocument.Files? files, StatusDocument.GivenRevision? revision = null)
    {
        if (revision is { Release: false })
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"revision {revision.Number}, taken by {revision.Node} at {revision.At.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}{(revision.Problem is null ? " and in force; the files have no say" : "")}");
        }

        if (revision is { Problem: { } problem })
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"this node does not go by revision {revision.Number}: {problem}");
        }

        if (files is null)
        {
            yield break;
        }

        yield return $"configuration {files.Fingerprint}, read {files.LoadedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}";
        if (files is { Outcome: "refused", At: { } at })
        {
            yield return $"the files were refused at {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, and in force is what was before: {string.Join("; ", files.Mistakes.Take(MistakesTold))}{(files.Mistakes.Count > MistakesTold ? $"; and {files.Mistakes.Count - MistakesTold} more" : "")}";
        }

        if (files.NeedStart.Count > 0)
        {
            yield return $"changed in the files and in force after a new start only: {string.Join(", ", files.NeedStart.Select(k => k.Key))}";
        }
    }

    /// <summary>What an operator should know of a pool at the answering node; nothing where all is well.</summary>
    public static IEnumerable<string> NotesOn(StatusDocument.Pool pool, DateTimeOffset now)
    {
        if (pool.BackupsSince is { } since)
        {
            string[] others = [.. pool.Backends.Where(b => !b.Backup).GroupBy(WhyNot).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}")];
            yield return $"new sessions go to backups for {Span(now - since)}: {(others.Length == 0 ? "there are no others" : string.Join(", ", others))}";
        }

        if (pool.Backends.Any(b => b is { State: "down", Operator: "ready", TakesNewSessions: true }) && !pool.Backends.Any(b => b.State == "up" && b.Operator == "ready"))
        {
            yield return "nobody is up, and requests go to all that operators did not take out (when-all-down = try-all)";
        }

        if (pool.Retries is { } retries && (retries.Retries > 0 || retries.Refused > 0))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{retries.Retries} tried again, {retries.Refused} not because retry.budget = {retries.BudgetPercent}% was spent{(retries.SpentSince is { } spent ? $", as it is for {Span(now - spent)}" : "")}");
        }
    }

    /// <summary>The same of a backend.</summary>
    public static IEnumerable<string> NotesOn(StatusDocument.Backend backend, DateTimeOffset now)
    {
        if (backend.Backup)
        {
            yield return backend.TakesNewSessions ? "backup, in use" : "backup";
        }

        if (backend is { SlowStart: { } share, State: "up" })
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"slow start: weight {Math.Round(backend.Weight * share, 1)} of {backend.Weight}");
        }

        if (backend.Circuit is { } circuit)
        {
            yield return $"circuit {Of(circuit, now)}";
        }

        if (backend.Queue is { Requests: > 0, Since: { } since } queue)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{queue.Requests} wait for a place, the first for {Span(now - since)}");
        }

        if (backend.Queue is { } full && full.Refused + full.TimedOut > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{full.Refused} found the queue full, {full.TimedOut} waited too long");
        }
    }

    private static string WhyNot(StatusDocument.Backend backend) =>
        backend.Operator != "ready" ? (backend.Operator == "draining" ? "draining" : "in maintenance")
        : backend.State != "up" ? backend.State
        : backend.Circuit is { Ejects: true } ? "ejected"
        : "leaving";

    public static string Of(StatusDocument.OpenCircuit circuit, DateTimeOffset now) =>
        $"open for {Span(now - circuit.Since)}: {circuit.Why}{(circuit.Until > now ? $", for {Span(circuit.Until.Value - now)} more at least" : "")}{(circuit.Ejects ? "" : "; new sessions all the same, max-ejected are ejected")}";

    public static string Of(StatusDocument.LostMember lost, DateTimeOffset now) =>
        $"{lost.Name} is gone for {Span(now - lost.Since)}: it fell silent without leaving, and is not back";

    public static string Of(StatusDocument.UnusableCertificate certificate) =>
        $"{certificate.Key}: its files cannot be used since {certificate.Since.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, and what was loaded before is: {certificate.Problem}";

    /// <summary>What the operator decided, and until when.</summary>
    public static string Operator(StatusDocument.Backend backend, DateTimeOffset now) => backend switch
    {
        { DrainOver: true, DrainDeadline: { } passed } => $"draining, over for {Span(now - passed)}",
        { DrainOver: true } => "draining, over",
        { DrainDeadline: { } deadline } when deadline <= now => $"{backend.Operator}, nobody else is up",
        { DrainDeadline: { } deadline } => $"{backend.Operator}, {Span(deadline - now)} left",
        _ => backend.Operator,
    };

    /// <summary>What an operator decided over what is written; empty where nothing is.</summary>
    public static string Overlay(StatusDocument.Backend backend) => backend.Overlay switch
    {
        null => "",
        "weight" => "weighed by an operator",
        var done => $"{done} by an operator",
    };

    /// <summary>Who says what: nodes that say the same together.</summary>
    public static string Verdicts(StatusDocument.Backend backend) => string.Join("; ", backend.Verdicts
        .GroupBy(v => (v.Healthy, v.Detail))
        .Select(g => $"{string.Join(", ", g.Select(v => v.Node))}: {(g.Key.Healthy ? "up" : "down")} ({g.Key.Detail})"));

    /// <summary>Two units at most.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "0s",
        { TotalMinutes: < 1 } => $"{span.Seconds}s",
        { TotalHours: < 1 } => $"{span.Minutes}m{span.Seconds}s",
        { TotalDays: < 1 } => $"{span.Hours}h{span.Minutes}m",
        _ => $"{(int)span.TotalDays}d{span.Hours}h",
    };
}
