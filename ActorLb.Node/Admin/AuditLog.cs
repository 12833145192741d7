using System.Globalization;
using System.Net;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Reports;
using ActorLb.Node.Reloads;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>
/// Who changed what by the admin API, and who was refused: in the log, and where there is one in a file of its own. Each change has a
/// line; refusals of one address and kind have one at once, then one a minute with how many. Never blocks. Any thread.
/// </summary>
internal sealed class AuditLog : IDisposable
{
    private const int TextLengthMax = 256;

    /// <summary>The action of who got no further.</summary>
    private const string Handshake = "handshake";

    private readonly string _node;
    private readonly AccessLog? _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AddressReports _refusals;
    private readonly RefusalReasons _reasons;

    /// <param name="file">Null: there is no file.</param>
    public AuditLog(string node, AccessLog? file, TimeProvider time, ILogger logger)
    {
        _node = node;
        _file = file;
        _time = time;
        _logger = logger;
        _refusals = new AddressReports(time, TellAgain);
        _reasons = new RefusalReasons(time);
    }

    public void Dispose() => _refusals.Dispose();

    /// <summary>A change was asked for, and this is what came of it.</summary>
    /// <param name="status">That was answered; null: the client left before, and what came of it is not known.</param>
    public void Ended(HttpContext context, AuditEntry entry, int? status)
    {
        string outcome = OutcomeOf(status, entry.IsTrial);
        var line = new AuditLine(
            _time.GetUtcNow(),
            _node,
            context.TraceIdentifier,
            entry.Caller?.Name,
            entry.Caller is { } caller ? AdminProblem.WordOf(caller.Role) : null,
            AdminCaller.AddressOf(context).ToString(),
            AdminCaller.CertificateOf(context),
            entry.Route.Action!,
            entry.Target.Length == 0 ? null : Cut(entry.Target),
            outcome,
            status,
            1)
        {
            Problem = entry.Problem,
            What = entry.What.Count == 0 ? null : entry.What,
            Before = entry.Before,
            After = entry.After,
            Changes = Told(entry.Changes),
        };
        Write(line);
        Log.AuditChange(_logger, line.Who ?? "(no token)", line.From, Named(line.Action, line.Target), outcome, line.Request!);
    }

    /// <summary>Files were read again. Where somebody asked for it by the API, that has a line already.</summary>
    public void Reloaded(ReloadCause cause, ReloadReport report)
    {
        if (cause == ReloadCause.Request)
        {
            return;
        }

        Write(new AuditLine(
            _time.GetUtcNow(),
            _node,
            null,
            null,
            null,
            cause == ReloadCause.Watch ? "watch" : "signal",
            null,
            AdminRoutes.Reload.Action!,
            null,
            report.Outcome == ReloadOutcome.Refused ? "refused" : "done",
            null,
            1)
        {
            Before = new { fingerprint = RevisionDocument.Written(report.Before) },
            After = new { fingerprint = RevisionDocument.Written(report.After) },
            Changes = Told(ReloadDocument.Difference.Of(report.Changes)),
        });
    }

    /// <summary>Somebody asked for what he may not have.</summary>
    /// <param name="route">Null: for what there is not.</param>
    public void Refused(HttpContext context, AdminRoute? route, AdminToken? caller, AdminProblem problem)
    {
        string action = route is null ? "(unknown)" : route.Action ?? $"{route.Method} {route.Pattern}";
        IPAddress address = AdminCaller.AddressOf(context);
        string kind = string.Join('\n', caller?.Name, caller is null ? "" : AdminProblem.WordOf(caller.Role), action, NameOf(problem), problem.Status.ToString(CultureInfo.InvariantCulture));
        if (_refusals.IsNews(address, kind, out string shown))
        {
            // A path may hold the cookie of a session: it is shown where it names backends.
            string[] names = route is { Subject: AuditSubject.Backend or AuditSubject.Overlays } ? BackendPath.NamesOf(context) : [];
            Tell(shown, kind, 1, context.TraceIdentifier, names.Length > 0 ? Cut(string.Join('/', names)) : null, AdminCaller.CertificateOf(context));
        }
    }

    /// <summary>A client's certificate was refused in a handshake: nothing of it was heard.</summary>
    public void RefusedCertificate(IPAddress address, string why)
    {
        // Several clients may have one address: what differs is told for itself, within a bound.
        string reason = Cut(why).ReplaceLineEndings(" ");
        string kind = string.Create(CultureInfo.InvariantCulture, $"\n\n{Handshake}\nclient-certificate\n{StatusCodes.Status401Unauthorized}\n{_reasons.Of(reason)}");
        if (_refusals.IsNews(address, kind, out string shown))
        {
            Tell(shown, kind, 1, null, null, reason);
        }
    }

    private void TellAgain(string address, string kind, long count) => Tell(address, kind, count, null, null, kind.Split('\n') is [_, _, _, _, _, { Length: > 0 } reason] ? reason : null);

    private void Tell(string address, string kind, long count, string? request, string? target, string? certificate)
    {
        string[] parts = kind.Split('\n');
        int status = int.Parse(parts[4], CultureInfo.InvariantCulture);
        var line = new AuditLine(
            _time.GetUtcNow(), _node, request, Given(parts[0]), Given(parts[1]), address, certificate, parts[2], target, OutcomeOf(status, isTrial: false), status, count)
        {
            Problem = parts[3],
        };
        Write(line);
        Log.AuditRefusal(_logger, address, line.Who is null ? "" : $" ({line.Who})", Named(line.Action, line.Target ?? certificate), line.Problem, count);
    }

    private static IReadOnlyList<ReloadDocument.Difference>? Told(IReadOnlyList<ReloadDocument.Difference> changes) =>
        changes.Count == 0 ? null : [.. changes.Select(c => c with { Old = Cut(c.Old), New = Cut(c.New) })];

    // Who sends none may have forgotten it; who sends a wrong one guesses.
    private static string NameOf(AdminProblem problem) =>
        problem.Status != StatusCodes.Status401Unauthorized ? problem.Name : problem.IsWrongToken ? "wrong-token" : "no-token";

    private void Write(AuditLine line) => _file?.TryWrite(line.Write());

    private static string OutcomeOf(int? status, bool isTrial) => status switch
    {
        null or StatusCodes.Status504GatewayTimeout => "unknown",
        StatusCodes.Status202Accepted => "unconfirmed",
        < 400 => isTrial ? "tried" : "done",
        StatusCodes.Status401Unauthorized => "unauthorized",
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status429TooManyRequests => "rate-limited",
        < 500 => "refused",
        _ => "failed",
    };

    private static string Named(string action, string? target) => target is null ? action : $"{action} {target}";

    private static string? Given(string text) => text.Length == 0 ? null : text;

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    private static string? Cut(string? text) => text is null || text.Length <= TextLengthMax ? text : text[..TextLengthMax] + "…";
}
