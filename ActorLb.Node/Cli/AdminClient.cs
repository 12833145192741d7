using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ActorLb.Engine.Certificates;
using ActorLb.Node.Admin;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Cli;

/// <summary>The admin API said no, or said nothing. The message is one line for people.</summary>
internal sealed class AdminException(string message) : Exception(message)
{
    /// <summary>The node is away, or cannot say now: another one may.</summary>
    public bool AnotherMayAnswer { get; init; }

    /// <summary>It cannot understand what it was asked.</summary>
    public bool IsWrongUsage { get; init; }
}

/// <summary>What a drain is to be, as the admin API takes it.</summary>
/// <param name="Deadline">As an operator writes it.</param>
/// <param name="Rate">Sessions a second; null: all at once.</param>
internal sealed record DrainChange(string? Deadline, bool Move, int? Rate)
{
    public static readonly DrainChange None = new(null, Move: false, null);
}

/// <summary>
/// Talks to a node's admin API; of several, to the first one that answers, and from then on to that one for as long as it does.
/// </summary>
internal sealed class AdminClient : IDisposable
{
    /// <summary>Longer than the API itself takes to give up on a decision.</summary>
    private static readonly TimeSpan AnswerTimeout = AdminEndpoints.DecisionTimeout + TimeSpan.FromSeconds(5);

    /// <summary>How old what is known of the others' addresses may be while something lasts.</summary>
    private static readonly TimeSpan LearnInterval = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private AdminConnection _current;
    private bool _hasChosen;

    public AdminClient(Uri admin, string? token, TimeProvider time)
        : this([admin], token, time)
    {
    }

    /// <param name="admins">One at least, in the order in which they are asked.</param>
    /// <param name="tls">What https:// goes by; null: there is none.</param>
    public AdminClient(IReadOnlyList<Uri> admins, string? token, TimeProvider time, BackendTls? tls = null)
    {
        _time = time;
        Nodes = new AdminNodes(admins, token, tls);
        _current = Nodes.All[0];
    }

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<StatusDocument> StatusAsync(CancellationToken cancellation) => GetAsync<StatusDocument>("/api/v1/status", cancellation);

    /// <summary>All that can be asked.</summary>
    public AdminNodes Nodes { get; }

    /// <summary>Keeps asking who else can be asked, until it is no longer wanted: for what lasts longer than the node that it began with.</summary>
    public async Task KeepLearningAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                try
                {
                    await new StreamFollower(Nodes, _time, AdminNodes.DocumentTimeout, static _ => { }) { IsSteady = true }.FirstAsync(AdminNodes.LivePath, Nodes.Learn, cancellation);
                }
                catch (AdminException)
                {
                    // Whoever is waited for beside it says so.
                }

                await Task.Delay(LearnInterval, _time, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    /// <summary>One backend, as all nodes see it.</summary>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<BackendViewDocument> BackendAsync(BackendName backend, CancellationToken cancellation) => GetAsync<BackendViewDocument>(PathOf(backend), cancellation);

    /// <summary>What has happened, as a list of events.</summary>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public async Task<IReadOnlyList<JsonElement>> EventsAsync(string query, CancellationToken cancellation)
    {
        IReadOnlyList<JsonElement> events = await GetAsync<IReadOnlyList<JsonElement>>("/api/v1/events" + query, cancellation);
        return events.All(EventFollower.IsEvent) ? events : throw AdminAnswer.NoAdminApi(_current.Admin, "it is no list of events");
    }

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<DrainsDocument> DrainsAsync(CancellationToken cancellation) => GetAsync<DrainsDocument>("/api/v1/drains", cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<DecisionDocument> SetAsync(BackendName backend, string verb, CancellationToken cancellation) =>
        SendAsync<DecisionDocument>(HttpMethod.Post, PathOf(backend, verb), null, cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<DecisionDocument> DrainAsync(BackendName backend, DrainChange change, CancellationToken cancellation) =>
        SendAsync<DecisionDocument>(
            HttpMethod.Post,
            PathOf(backend, "drain"),
            change == DrainChange.None ? null : new { deadline = change.Deadline, move = change.Move, rate = change.Rate },
            cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<BackendDocument> AddAsync(string pool, string address, string? id, int? weight, bool isBackup, CancellationToken cancellation) =>
        SendAsync<BackendDocument>(HttpMethod.Post, $"/api/v1/pools/{Uri.EscapeDataString(pool)}/backends", new { address, id, weight, backup = isBackup ? true : (bool?)null }, cancellation);

    /// <param name="deadline">As an operator writes it; null: the pool's.</param>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<BackendDocument> RemoveAsync(BackendName backend, string? deadline, bool now, CancellationToken cancellation) =>
        SendAsync<BackendDocument>(
            HttpMethod.Delete,
            PathOf(backend) + (now ? "?now" : deadline is null ? "" : $"?deadline={Uri.EscapeDataString(deadline)}"),
            null,
            cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<BackendDocument> WeighAsync(BackendName backend, int weight, CancellationToken cancellation) =>
        SendAsync<BackendDocument>(HttpMethod.Put, PathOf(backend) + "/weight", new { weight }, cancellation);

    /// <param name="pool">Null: all.</param>
    /// <param name="id">Null: all of the pool.</param>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<ResetDocument> ResetAsync(string? pool, string? id, CancellationToken cancellation) => SendAsync<ResetDocument>(
        HttpMethod.Delete, string.Join('/', new[] { "/api/v1/overlays", pool, id }.OfType<string>().Select((s, i) => i == 0 ? s : Uri.EscapeDataString(s))), null, cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<DiffDocument> DiffAsync(CancellationToken cancellation) => GetAsync<DiffDocument>("/api/v1/topology/diff", cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<KeysDocument> KeysAsync(CancellationToken cancellation) => GetAsync<KeysDocument>("/api/v1/keys", cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<RotationDocument> RotateKeysAsync(string[] without, CancellationToken cancellation) =>
        SendAsync<RotationDocument>(HttpMethod.Post, "/api/v1/keys/rotate", new { without }, cancellation);

    /// <param name="pool">Null: all.</param>
    /// <param name="backend">Null: all.</param>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<SessionsDocument> SessionsAsync(string? pool, string? backend, CancellationToken cancellation) =>
        GetAsync<SessionsDocument>("/api/v1/sessions" + Query(("pool", pool), ("backend", backend)), cancellation);

    /// <param name="session">A cookie or an id.</param>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<SessionDocument> SessionAsync(string session, string? pool, CancellationToken cancellation) =>
        SendAsync<SessionDocument>(HttpMethod.Get, PathOf(session, pool), null, cancellation, cookie: CookieIn(session));

    /// <inheritdoc cref="SessionAsync"/>
    public Task<SessionDecisionDocument> EndSessionAsync(string session, string? pool, CancellationToken cancellation) =>
        SendAsync<SessionDecisionDocument>(HttpMethod.Delete, PathOf(session, pool), null, cancellation, cookie: CookieIn(session));

    /// <param name="to">Null: the pool chooses.</param>
    /// <param name="from">It moves only while it lives there; null: wherever it lives.</param>
    /// <inheritdoc cref="SessionAsync"/>
    public Task<SessionDecisionDocument> MoveSessionAsync(string session, string? pool, string? to, string? from, CancellationToken cancellation) =>
        SendAsync<SessionDecisionDocument>(HttpMethod.Post, PathOf(session, pool, "/move"), new { to, from }, cancellation, cookie: CookieIn(session));

    /// <summary>Also where a node refused, or did not answer: the document says which.</summary>
    /// <exception cref="AdminException">The node that was asked did not answer, or could not be asked.</exception>
    public Task<ReloadDocument> ReloadAsync(bool all, bool trial, CancellationToken cancellation)
    {
        string query = string.Join('&', ((string?[])[all ? "all" : null, trial ? "dry-run" : null]).OfType<string>());
        return SendAsync<ReloadDocument>(
            HttpMethod.Post, query.Length == 0 ? "/api/v1/reload" : $"/api/v1/reload?{query}", null, cancellation, static r => r.Nodes is not null);
    }

    /// <summary>Also where it was refused: the document says why. Where there was no majority, another node is asked.</summary>
    /// <param name="text">HOCON; null: the files have their say again.</param>
    /// <exception cref="AdminException">The node that was asked did not answer, or could not be asked.</exception>
    /// <param name="ifRevision">The number of the revision that it is to replace, 0 for none; null: whichever counts.</param>
    public Task<RevisionDocument> ApplyAsync(string? text, bool trial, long? ifRevision, CancellationToken cancellation)
    {
        string query = string.Join('&', ((string?[])[text is null ? "release" : null, trial ? "dry-run" : null]).OfType<string>());
        return SendAsync<RevisionDocument>(
            HttpMethod.Post, query.Length == 0 ? "/api/v1/topology" : $"/api/v1/topology?{query}", text, cancellation, IsRevisionAnswer, ifRevision);
    }

    /// <inheritdoc cref="ApplyAsync"/>
    /// <param name="revision">As the history names it.</param>
    public Task<RevisionDocument> RollBackAsync(string revision, bool trial, long? ifRevision, CancellationToken cancellation) => SendAsync<RevisionDocument>(
        HttpMethod.Post, $"/api/v1/topology/rollback/{Uri.EscapeDataString(revision)}{(trial ? "?dry-run" : "")}", null, cancellation, IsRevisionAnswer, ifRevision);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<HistoryDocument> HistoryAsync(CancellationToken cancellation) => GetAsync<HistoryDocument>("/api/v1/topology/history", cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<HistoryDocument.Entry> RevisionAsync(string revision, CancellationToken cancellation) =>
        GetAsync<HistoryDocument.Entry>($"/api/v1/topology/history/{Uri.EscapeDataString(revision)}", cancellation);

    /// <param name="to">Null: what is in force at the node that is asked.</param>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<RevisionDiffDocument> DiffAsync(string from, string? to, CancellationToken cancellation) => GetAsync<RevisionDiffDocument>(
        $"/api/v1/topology/diff?from={Uri.EscapeDataString(from)}{(to is null ? "" : $"&to={Uri.EscapeDataString(to)}")}", cancellation);

    /// <summary>In which keys the other members differ from the node that is asked.</summary>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<NodesDiffDocument> DiffNodesAsync(CancellationToken cancellation) =>
        GetAsync<NodesDiffDocument>("/api/v1/topology/diff?nodes", cancellation);

    /// <summary>Which route a request would take at the node that is asked.</summary>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<RouteDocument> RouteAsync(RouteQuestion question, CancellationToken cancellation) =>
        GetAsync<RouteDocument>("/api/v1/route" + question.ToQuery(), cancellation);

    /// <summary>What is in force, as HOCON.</summary>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<string> ExportAsync(CancellationToken cancellation) => GetAsync<string>("/api/v1/topology", cancellation);

    /// <summary>The same with what it is.</summary>
    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<ExportDocument> ExportDocumentAsync(CancellationToken cancellation) => GetAsync<ExportDocument>("/api/v1/topology?json", cancellation);

    private static bool IsRevisionAnswer(RevisionDocument answer) => answer.Outcome is not (null or "no-majority");

    /// <summary>Whether the node says that it is ready; false where it does not answer.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage response = await _current.Http.GetAsync(AdminRoutes.Ready.Pattern, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose() => Nodes.Dispose();

    private static string PathOf(BackendName backend, string verb) => $"{PathOf(backend)}/{verb}";

    private static string PathOf(BackendName backend) =>
        $"/api/v1/pools/{Uri.EscapeDataString(backend.Pool)}/backends/{Uri.EscapeDataString(backend.Id)}";

    // What a client presents is no part of an address: that is written into logs.
    private static string PathOf(string session, string? pool, string verb = "") =>
        $"/api/v1/sessions/{(CookieIn(session) is null ? session : SessionEndpoints.CookieWord)}{verb}{Query(("pool", pool))}";

    private static string? CookieIn(string session) => SessionId.TryParse(session, out _) ? null : session;

    internal static string Query(params (string Name, string? Value)[] query) =>
        string.Join('&', query.Where(q => q.Value is not null).Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value!)}")) is { Length: > 0 } text ? $"?{text}" : "";

    private Task<T> GetAsync<T>(string path, CancellationToken cancellation)
        where T : class => SendAsync<T>(HttpMethod.Get, path, null, cancellation);

    /// <param name="isAnswer">Whether the members of a problem are an answer all the same; null: they are not.</param>
    /// <param name="ifRevision">Sent as If-Match.</param>
    /// <param name="cookie">Which session is meant.</param>
    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, object? body, CancellationToken cancellation, Func<T, bool>? isAnswer = null, long? ifRevision = null, string? cookie = null)
        where T : class
    {
        // To ask a second node what a first one may have done already does no harm: whatever can be asked for can be asked for again.
        var silent = new List<string>();
        await ChooseAsync(cancellation);

        while (true)
        {
            try
            {
                return await SendAsync(_current, method, path, body, isAnswer, ifRevision, cookie, cancellation);
            }
            catch (AdminException e) when (e.AnotherMayAnswer)
            {
                silent.Add(e.Message);
                _hasChosen = false;
                _current = Nodes.After(_current);
                if (silent.Count >= Nodes.All.Count)
                {
                    throw new AdminException(string.Join("; ", silent)) { AnotherMayAnswer = true };
                }
            }
        }
    }

    private async Task ChooseAsync(CancellationToken cancellation)
    {
        IReadOnlyList<AdminConnection> nodes = Nodes.All;
        if (nodes.Count > 1 && !_hasChosen)
        {
            AdminConnection preferred = nodes.Contains(_current) ? _current : nodes[0];
            _current = nodes[await AwakeNode.ChooseAsync([.. nodes.Select(n => n.Http)], nodes.TakeWhile(n => n != preferred).Count(), _time, cancellation)];
            _hasChosen = true;
        }
    }

    private async Task<T> SendAsync<T>(
        AdminConnection node, HttpMethod method, string path, object? body, Func<T, bool>? isAnswer, long? ifRevision, string? cookie, CancellationToken cancellation)
        where T : class
    {
        (Uri admin, HttpClient http) = (node.Admin, node.Http);
        TimeSpan timeout = Nodes.All.Count > 1 && method == HttpMethod.Get ? AdminNodes.DocumentTimeout : AnswerTimeout;
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = ContentOf(body) };
            if (ifRevision is { } wanted)
            {
                request.Headers.TryAddWithoutValidation("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{wanted}\""));
            }

            if (cookie is not null && !request.Headers.TryAddWithoutValidation(SessionEndpoints.CookieField, cookie))
            {
                throw new AdminException("this is no cookie: it has characters that none may have");
            }

            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return response.IsSuccessStatusCode
                ? await AdminAnswer.ReadAsync<T>(admin, response.Content, either.Token)
                : await AdminAnswer.RefusalAsync(node, response, isAnswer, either.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new AdminException($"cannot reach {admin}: {node.WhyNot(e)}") { AnotherMayAnswer = true };
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new AdminException($"{admin} did not answer within {timeout.TotalSeconds} s") { AnotherMayAnswer = true };
        }
    }

    private static HttpContent? ContentOf(object? body) => body is null ? null : body is string text ? new StringContent(text) : JsonContent.Create(body);
}
