using System.Globalization;
using ActorLb.Node.Dashboard;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Admin;

/// <summary>What is wrong with pools and their backends. Pure.</summary>
internal static class PoolTroubles
{
    /// <summary>With more of a kind in a pool, they are one trouble.</summary>
    private const int ToldAlone = 5;

    private const string QueueFull = "All places of max-connections are taken and queue.length is full: who comes then is answered with 503.";

    private const string QueueTimeout = "All places of max-connections are taken: who waited for queue.timeout is answered with 503.";

    private const string OfNode = "Some fail at the balancer itself: its log says why.";

    /// <summary>By default: what else is tried again is for retry.statuses to say.</summary>
    private const string TriedAgain = "Only what was not sent is tried at another backend; errors that it answers, and answers that break off, go to clients.";

    /// <summary>Of a pool's failures: with so many of one backend, it is the backend that fails.</summary>
    private const double OneBackendsShare = 0.9;

    /// <param name="isTold">A trouble with this key was there when one last looked.</param>
    public static IEnumerable<Trouble> Of(
        StatusDocument status, GatheredFigures gathered, IReadOnlyDictionary<FigureSubject, FigureReading> figures, Func<string, bool> isTold)
    {
        ILookup<BackendName, (string Node, StrainedBackend Strained)> strained = gathered.Nodes.SelectMany(n => n.Strained.Select(s => (n.Node, s))).ToLookup(s => s.s.Backend);
        return status.Pools.SelectMany(p => Of(p, strained).Concat(Failing(p, figures, isTold)).Concat(Slow(p, figures, isTold)));
    }

    private static IEnumerable<Trouble> Of(StatusDocument.Pool pool, ILookup<BackendName, (string Node, StrainedBackend Strained)> strained)
    {
        int taking = pool.Backends.Count(b => b.TakesNewSessions);
        if (taking == 0 && pool.Backends.Count > 0)
        {
            yield return new Trouble(
                $"nobody:{pool.Name}", Trouble.Error, pool.Backends.Max(StoppedAt), $"Nothing in {pool.Name} takes new sessions",
                $"Of {Trouble.Counted(pool.Backends.Count, "backend")}, {pool.Backends.Count(b => b.State == "down")} are down and {pool.Backends.Count(b => b.Operator != "ready")} drain or are in maintenance.",
                "New clients are answered with 503; sessions stay known.") { Pool = pool.Name };
        }

        StatusDocument.Backend[] down = [.. pool.Backends.Where(b => b.State == "down" && b.Operator != "maintenance")];
        if (down.Length > ToldAlone)
        {
            yield return new Trouble(
                $"down:{pool.Name}", Trouble.Error, down.Min(b => b.Since), $"{down.Length} of {pool.Backends.Count} backends of {pool.Name} are down",
                $"{Trouble.Listed(down.Select(b => b.Id))}. {down[0].Id}: {Why(down[0])}", Done(down, taking)) { Pool = pool.Name };
        }

        foreach (StatusDocument.Backend backend in pool.Backends)
        {
            foreach (Trouble trouble in Of(pool, backend, taking, down.Length > ToldAlone, strained[new BackendName(pool.Name, backend.Id)]))
            {
                yield return trouble with { Pool = pool.Name, Backend = backend.Id };
            }
        }

        if (pool.BackupsSince is { } backups)
        {
            yield return new Trouble($"backups:{pool.Name}", Trouble.Warning, backups, $"New sessions of {pool.Name} go to backups", "No other backend of the pool takes them.", "They return to the others as soon as one does.") { Pool = pool.Name };
        }

        if (pool.Retries is { SpentSince: { } spent })
        {
            yield return new Trouble(
                $"retries:{pool.Name}", Trouble.Warning, spent, $"The retries of {pool.Name} are spent", string.Create(CultureInfo.InvariantCulture, $"More than {pool.Retries.BudgetPercent} % of its requests failed and were tried again."),
                "What fails is answered as a failure, so that the backends that are left are not asked twice as often.") { Pool = pool.Name };
        }
    }

    private static IEnumerable<Trouble> Of(
        StatusDocument.Pool pool, StatusDocument.Backend backend, int taking, bool isToldOfPool, IEnumerable<(string Node, StrainedBackend Strained)> strained)
    {
        string name = $"{pool.Name}/{backend.Id}";
        if (backend is { State: "down", Operator: not "maintenance" } && !isToldOfPool)
        {
            yield return new Trouble($"down:{name}", Trouble.Error, backend.Since, $"{name} is down", Why(backend), Done([backend], taking));
        }

        StatusDocument.Opinion[] against = [.. backend.Verdicts.Where(v => !v.Healthy)];
        if (backend.State == "up" && against.Length > 0)
        {
            yield return new Trouble(
                $"dissent:{name}", Trouble.Warning, null, $"{Trouble.Listed(against.Select(v => v.Node))} cannot reach {name}", Why(backend),
                "The majority says that it is up, and that is what counts.");
        }

        (string Node, StrainedBackend Strained)[] circuits = [.. strained.Where(s => s.Strained.Circuit.Length > 0)];
        if (circuits.Length > 0 && backend.State != "down")
        {
            bool ejects = circuits.Any(c => c.Strained.Ejects);
            yield return new Trouble(
                $"circuit:{name}", Trouble.Warning, circuits.Min(c => c.Strained.Since), $"The circuit to {name} is open at {Trouble.Listed(circuits.Select(c => c.Node))}",
                $"Requests: {Trouble.Listed(circuits.Select(c => c.Strained.Circuit).Distinct())}.",
                ejects ? "No new sessions of these nodes go there until probes pass; sessions that live there go on." : "max-ejected of the pool's are ejected already: it goes on getting new sessions.");
        }

        int waiting = strained.Sum(s => s.Strained.Waiting);
        if (waiting > 0)
        {
            yield return new Trouble(
                $"queue:{name}", Trouble.Warning, null, $"{Trouble.Counted(waiting, "request")} wait for {name}", "All of its places (max-connections) are taken.", "They wait up to queue.timeout, and are answered with 503 then.");
        }

        if (backend.Operator == "draining")
        {
            bool isStuck = taking == 0 && backend.Sessions > 0;
            yield return new Trouble(
                $"drain:{name}", isStuck ? Trouble.Warning : Trouble.Info, backend.Decided?.At, $"{name} drains",
                isStuck ? "No other backend takes new sessions: it cannot finish before one does." : Asked(backend),
                $"{Trouble.Counted(backend.Sessions, "session")} and {Trouble.Counted(backend.InFlight, "request")} are left there.");
        }
        else if (backend.Operator == "maintenance")
        {
            yield return new Trouble($"maintenance:{name}", Trouble.Info, backend.Decided?.At, $"{name} is in maintenance", Asked(backend), backend.InFlight == 0 ? "Nothing is open there." : $"{Trouble.Counted(backend.InFlight, "request")} are still open there.");
        }
    }

    // One that is down and was taken out before has not been there since then.
    private static DateTimeOffset StoppedAt(StatusDocument.Backend backend) => backend switch
    {
        { Operator: "ready" } or { Decided.At: null } or { Decided: null } => backend.Since,
        { State: "down" } when backend.Since < backend.Decided.At => backend.Since,
        _ => backend.Decided.At.Value,
    };

    private static string Asked(StatusDocument.Backend backend) => backend.Decided switch
    {
        null => "It is not written any more, or no name leads there.",
        { Removed: true } removed => $"{removed.Who ?? "An operator"} removed it, at {removed.By}.",
        { } asked => $"{asked.Who ?? "An operator"} asked for it, at {asked.By}.",
    };

    private static IEnumerable<Trouble> Failing(StatusDocument.Pool pool, IReadOnlyDictionary<FigureSubject, FigureReading> figures, Func<string, bool> isTold)
    {
        FigureReading[] failing =
        [
            .. pool.Backends.Where(b => b.State != "down").Select(b => figures.GetValueOrDefault(FigureSubject.Of(new BackendName(pool.Name, b.Id)))).OfType<FigureReading>()
                .Where(b => b.Fails(isTold(KeyOf(b.Subject))))
                .OrderByDescending(b => b.RecentFailures).ThenBy(b => b.Subject.Id, StringComparer.Ordinal),
        ];
        string key = $"failing:{pool.Name}";
        if (figures.TryGetValue(new FigureSubject(SubjectKind.Pool, pool.Name), out FigureReading? reading) && reading.Fails(isTold(key)))
        {
            FigureReading? one = pool.Backends.Count > 1 && failing.Length > 0 && failing[0].RecentFailures >= reading.RecentFailures * OneBackendsShare ? failing[0] : null;
            yield return new Trouble(
                key,
                Trouble.Error,
                null,
                one is null ? $"{Percent(reading)} of what is asked of {pool.Name} fails" : $"{Percent(one)} of what {pool.Name}/{one.Subject.Id} is asked fails",
                Why(pool, reading, failing, figures),
                Done(reading.Reasons)) { Pool = pool.Name, Backend = one?.Subject.Id };
        }
        else if (failing.Length > ToldAlone)
        {
            yield return new Trouble(
                $"failing-of:{pool.Name}", Trouble.Warning, null, $"{failing.Length} of {pool.Backends.Count} backends of {pool.Name} fail a part of what they are asked",
                $"In the last ten seconds{Shares(failing)}.{Sentence(FailureCount.Sum(failing.SelectMany(f => f.OwnReasons)))}", Done(failing.SelectMany(f => f.OwnReasons))) { Pool = pool.Name };
        }
        else
        {
            // A pool of many hides what one of them does.
            foreach (FigureReading backend in failing)
            {
                yield return new Trouble(
                    KeyOf(backend.Subject), Trouble.Warning, null, $"{Percent(backend)} of what {pool.Name}/{backend.Subject.Id} is asked fails",
                    $"{backend.RecentFailures} of {Trouble.Counted(backend.RecentRequests, "request")} in the last ten seconds{FailureCount.Listed(backend.OwnReasons)}.",
                    Done(backend.OwnReasons)) { Pool = pool.Name, Backend = backend.Subject.Id };
            }
        }
    }

    private static IEnumerable<Trouble> Slow(StatusDocument.Pool pool, IReadOnlyDictionary<FigureSubject, FigureReading> figures, Func<string, bool> isTold)
    {
        string many = $"slow-of:{pool.Name}";
        FigureReading[] asked = [.. pool.Backends.Select(b => figures.GetValueOrDefault(FigureSubject.Of(new BackendName(pool.Name, b.Id)))).OfType<FigureReading>()];
        HashSet<string> down = [.. pool.Backends.Where(b => b.State == "down").Select(b => b.Id)];
        SlowBackend[] slow = [.. SlowBackend.Of(asked, b => isTold(SlowKeyOf(b)) || isTold(many)).Where(b => !down.Contains(b.Subject.Id))];
        string done = pool.Balance is "least-requests" or "power-of-two"
            ? $"balance = {pool.Balance} gives it less that is new; its sessions stay."
            : "It goes on getting its share, as its probes pass. balance = least-requests would give it less that is new.";
        if (slow.Length > ToldAlone)
        {
            yield return new Trouble(
                many, Trouble.Warning, null, $"{slow.Length} of {pool.Backends.Count} backends of {pool.Name} are slow",
                $"In the last ten seconds half of the answers began after {Trouble.Listed(slow.Select(s => $"{SlowBackend.Said(s.Milliseconds)} at {s.Subject.Id}"))}; at the other backends much sooner.", done) { Pool = pool.Name };
            yield break;
        }

        foreach (SlowBackend one in slow)
        {
            yield return new Trouble(
                SlowKeyOf(one.Subject), Trouble.Warning, null, $"{pool.Name}/{one.Subject.Id} is slow",
                $"In the last ten seconds half of its answers began after {SlowBackend.Said(one.Milliseconds)}; at the other backends of {pool.Name} after {SlowBackend.Said(one.Others)}.", done)
            { Pool = pool.Name, Backend = one.Subject.Id };
        }
    }

    private static string SlowKeyOf(FigureSubject backend) => $"slow:{backend.Name}/{backend.Id}";

    private static string Why(StatusDocument.Pool pool, FigureReading reading, FigureReading[] failing, IReadOnlyDictionary<FigureSubject, FigureReading> figures)
    {
        string why = $"{reading.RecentFailures} of {Trouble.Counted(reading.RecentRequests, "request")} of {pool.Name} in the last ten seconds";
        string[] reasons = [.. reading.Reasons.Select(r => r.IsOfQueue ? $"{r}{QueuedAt(pool, r.Reason, figures)}" : r.ToString())];
        return failing.Length > 0 || reasons.Length == 0 ? $"{why}{Shares(failing)}.{Sentence(reasons)}" : $"{why}: {Trouble.Listed(reasons)}.";
    }

    private static string Sentence<T>(IReadOnlyCollection<T> reasons) => reasons.Count == 0 ? "" : $" {Trouble.Listed(reasons.Select(r => r!.ToString()!))}.";

    // The backends whose queues they were to wait in.
    private static string QueuedAt(StatusDocument.Pool pool, string reason, IReadOnlyDictionary<FigureSubject, FigureReading> figures)
    {
        string[] at =
        [
            .. pool.Backends.Where(b => figures.GetValueOrDefault(FigureSubject.Of(new BackendName(pool.Name, b.Id)))?.Reasons.Any(r => r.Reason == reason) == true).Select(b => b.Id),
        ];
        return at.Length == 0 ? "" : $" at {Trouble.Listed(at)}";
    }

    private static string Done(IEnumerable<FailureCount> reasons)
    {
        string[] known = [.. reasons.OrderByDescending(r => r.Count).Select(r => DoneAbout(r.Reason)).Distinct()];
        return known.Length == 0 ? TriedAgain : string.Join(" ", known);
    }

    private static string DoneAbout(string reason) =>
        reason == FailureCount.QueueFull ? QueueFull
        : reason == FailureCount.QueueTimeout ? QueueTimeout
        : reason is "out-of-sockets" or "out-of-memory" or "internal-error" ? OfNode
        : TriedAgain;

    private static string KeyOf(FigureSubject backend) => $"failing:{backend.Name}/{backend.Id}";

    private static string Shares(FigureReading[] backends) => backends.Length == 0
        ? ""
        : $": {Trouble.Listed(backends.Select(b => $"{b.RecentFailures} of {b.RecentRequests} at {b.Subject.Id}"))}";

    public static string Percent(FigureReading reading) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Min(100, Math.Round(100.0 * reading.RecentFailures / Math.Max(1, reading.RecentRequests), 1))} %");

    private static string Why(StatusDocument.Backend backend)
    {
        string[] why =
        [
            .. backend.Verdicts.Where(v => !v.Healthy).GroupBy(v => v.Detail).Select(g => $"{Trouble.Listed(g.Select(v => v.Node))}: {g.Key}"),
            .. backend.Verdicts.All(v => !v.Healthy) ? Array.Empty<string>() : [$"{Trouble.Listed(backend.Verdicts.Where(v => v.Healthy).Select(v => v.Node))} can reach it"],
        ];
        return why.Length == 0 ? "No observer says more." : $"{string.Join("; ", why)}.";
    }

    private static string Done(StatusDocument.Backend[] down, int taking) => taking == 0
        ? "There is nobody to go to: it is probed on, and taken back at once."
        : $"New sessions go to the {(taking == 1 ? "one that is" : $"{taking} that are")} left; {Trouble.Counted(down.Sum(b => (long)b.SessionsToMove), "session")} move as their clients come.";
}
