using System.Text.Json;
using System.Text.Json.Serialization;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Node.Configuration.Sections;
using ActorLb.Node.Overlays;
using ActorLb.Node.Revisions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ActorLb.Node.Admin;

/// <summary>An error of the admin API (RFC 9457). The type is a stable name; the detail is for the reader.</summary>
internal sealed record AdminProblem(string Type, string Title, int Status, string? Detail)
{
    public const string ContentType = "application/problem+json";

    private const int NamesTold = 20;
    private const string TypePrefix = "urn:actorlb:problem:";

    /// <summary>The role that the token would need; null: that is not what is wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MissingRole { get; init; }

    /// <summary>A token was sent, and it is none of ours.</summary>
    [JsonIgnore]
    public bool IsWrongToken { get; init; }

    /// <summary>The stable name alone.</summary>
    [JsonIgnore]
    public string Name => NameOf(Type, Status);

    public static AdminProblem UnknownPool(string pool, IEnumerable<string> known) =>
        Named(
            "unknown-pool",
            "There is no such pool",
            StatusCodes.Status404NotFound,
            $"No pool is called \"{pool}\"; there {Listed(pool, known)}");

    public static AdminProblem UnknownBackend(string pool, string id, IEnumerable<string> known) =>
        Named(
            "unknown-backend",
            "There is no such backend",
            StatusCodes.Status404NotFound,
            $"Pool \"{pool}\" has no backend \"{id}\"; there {Listed(id, known)}");

    public static AdminProblem BadRequest(string detail) =>
        Named("bad-request", "The request cannot be understood", StatusCodes.Status400BadRequest, detail);

    public static AdminProblem BadDeadline(string? deadline) =>
        Named(
            "bad-deadline",
            "The deadline cannot be understood",
            StatusCodes.Status400BadRequest,
            $"\"{deadline}\" is no deadline: it is {DrainDeadline.Wanted}.");

    public static AdminProblem BadRate(int rate) =>
        Named(
            "bad-rate",
            "The rate cannot be understood",
            StatusCodes.Status400BadRequest,
            $"{rate} is no rate: it is a whole number of sessions a second, 1 to {SessionMoves.RateMax}.");

    public static AdminProblem BadAddress(string detail) =>
        Named("bad-address", "The address cannot be that of a backend", StatusCodes.Status400BadRequest, $"{detail}; it is \"http://host:port\" or \"https://host:port\".");

    public static AdminProblem BadWeight(int weight) =>
        Named(
            "bad-weight",
            "The weight cannot be understood",
            StatusCodes.Status400BadRequest,
            weight == 0
                ? "0 is no weight: a backend that is to get nothing new is drained, and keeps its sessions meanwhile."
                : $"{weight} is no weight: it is a whole number from 1 to {BackendReader.WeightMax}.");

    public static AdminProblem BackendRemoved(BackendName backend) => Of(new BackendChangeException(
        "backend-removed", $"{backend} was removed, and drains by that: add it again first, or remove it with another deadline."));

    public static AdminProblem Of(BackendChangeException refusal) => Named(
        refusal.Problem,
        refusal.Problem switch
        {
            "unknown-pool" => "There is no such pool",
            "unknown-backend" => "There is no such backend",
            "backend-exists" => "There is such a backend already",
            "backend-removed" => "The backend was removed",
            "own-backend" => "The backend would be the balancer itself",
            "too-many-overlays" => "There are too many decisions about backends",
            "bad-weight" => "The weight cannot be understood",
            _ => "This node cannot go by that",
        },
        refusal.Problem switch
        {
            "unknown-pool" or "unknown-backend" => StatusCodes.Status404NotFound,
            "own-backend" or "bad-weight" => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status409Conflict,
        },
        refusal.Message);

    public static AdminProblem KeysConfigured() =>
        Named(
            "keys-configured",
            "The ticket keys come from the configuration",
            StatusCodes.Status409Conflict,
            "No pool uses keys that the nodes share. Rotate by affinity.keys: list the new key last on all nodes, then first, and remove the old one when its tickets are too old.");

    public static AdminProblem TooManyKeys(TicketKeyReport report)
    {
        long[] ends = [.. report.Keys.Select(k => k.VerifiesUntil).Where(u => u > 0)];
        string when = ends.Length == 0 ? "" : $" The next one is dropped at {DateTimeOffset.FromUnixTimeMilliseconds(ends.Min()):yyyy-MM-ddTHH:mm:ssZ}.";
        return Named(
            "too-many-keys",
            "There are too many ticket keys",
            StatusCodes.Status409Conflict,
            $"{report.Keys.Length} keys are still honoured, and no rotation begins with that many.{when}");
    }

    public static AdminProblem NotJson() =>
        Named("not-json", "The body is not JSON", StatusCodes.Status415UnsupportedMediaType, "Send application/json, or no body.");

    public static AdminProblem Unauthorized(bool sent) =>
        Named(
            "unauthorized",
            "A token is needed",
            StatusCodes.Status401Unauthorized,
            sent ? "The token is not the right one." : "Send an admin token as \"Authorization: Bearer …\".") with { IsWrongToken = sent };

    public static AdminProblem RoleMissing(AdminToken caller, AdminRole role)
    {
        string needed = WordOf(role);
        return Named(
            "role-missing",
            "The token does not allow this",
            StatusCodes.Status403Forbidden,
            $"This takes the role {needed}; the token \"{caller.Name}\" has {WordOf(caller.Role)}.") with { MissingRole = needed };
    }

    public static AdminProblem NobodysRoute() =>
        Named("forbidden", "Nobody may ask for this", StatusCodes.Status403Forbidden, "It states no role that may.");

    /// <param name="isOfThisMachine">It asks from where nobody else's guesses count already.</param>
    public static AdminProblem TooManyGuesses(bool isOfThisMachine) =>
        Named(
            "too-many-guesses",
            "Too many wrong tokens",
            StatusCodes.Status429TooManyRequests,
            $"This address has sent too many wrong tokens: this one was not looked at. Try again in a few seconds{(isOfThisMachine ? "" : ", or from the node itself")}.");

    public static AdminProblem Busy() =>
        Named("busy", "Too many requests at a time", StatusCodes.Status503ServiceUnavailable, "Nothing was done; try again shortly.");

    /// <param name="why">Who has the places.</param>
    public static AdminProblem TooManyFollowers(string why) =>
        Named("busy", "Too many follow the events", StatusCodes.Status503ServiceUnavailable, $"There is no place for another one: {why}. Try again later, or another node.");

    /// <inheritdoc cref="TooManyFollowers"/>
    public static AdminProblem FeedIsFull(string why) =>
        Named(
            "too-many-followers",
            "Too many follow this node",
            StatusCodes.Status503ServiceUnavailable,
            $"There is no place for another one at this node: {why}. Another node has room of its own.");

    public static AdminProblem NoLogIn(bool isOn) =>
        Named(
            "no-log-in",
            "There is no log-in here",
            StatusCodes.Status409Conflict,
            isOn ? "This node has no tokens: whoever reaches it on loopback may use it." : "admin.dashboard is off.");

    public static AdminProblem ForeignHost() =>
        Named(
            "foreign-host",
            "The request is not for this machine",
            StatusCodes.Status403Forbidden,
            "Without a token, the Host header must name the loopback interface.");

    public static AdminProblem ForeignOrigin() =>
        Named(
            "foreign-origin",
            "The request comes from another site",
            StatusCodes.Status403Forbidden,
            "Requests made by pages of other sites are refused.");

    /// <summary>The page says by its Origin that it is of another address than the request is for.</summary>
    public static AdminProblem OtherOrigin() => ForeignOrigin() with
    {
        Detail = "Requests made by pages of other sites are refused: Origin and Host differ. Where the page is this node's own, a proxy in front must pass Host on (nginx: proxy_set_header Host $http_host).",
    };

    public static AdminProblem NotReady(NodePhase phase) =>
        Named(
            "not-ready",
            "The node is not ready",
            StatusCodes.Status503ServiceUnavailable,
            phase == NodePhase.Stopping ? "The node is stopping." : "The node is starting.");

    /// <summary>The same where the node says why.</summary>
    public static AdminProblem NotReady(INodeView view) => view is { Phase: NodePhase.Starting, Revisions: { Problem: { } problem } status }
        ? NotReady(view.Phase) with { Detail = $"The node is starting and cannot run revision {status.History.Head?.Id.Number}, which is in force: {problem}" }
        : NotReady(view.Phase);

    public static AdminProblem UnknownRevision(string name, RevisionHistory history) =>
        Named(
            "unknown-revision",
            "There is no such revision",
            StatusCodes.Status404NotFound,
            history.Head is { } head
                ? $"No revision is called \"{name}\"; kept are {history.All[^1].Id.Number} to {head.Id.Number}."
                : "No revision was ever given to this cluster.");

    public static AdminProblem UnreadableRevision(string why) =>
        Named("unreadable-revision", "This node cannot read the revision any more", StatusCodes.Status409Conflict, why);

    public static AdminProblem BadTopology(IReadOnlyList<RevisionMistake> mistakes) =>
        Named(
            "bad-configuration",
            "The topology has mistakes, or a node cannot run it",
            StatusCodes.Status422UnprocessableEntity,
            mistakes.Count == 0 ? "Nothing has changed." : $"Nothing has changed. {mistakes[0].Node}: {mistakes[0].Text}");

    public static AdminProblem NoMajority(string detail, IReadOnlyList<string> nodes) =>
        Named(
            "no-majority",
            "No majority of the nodes can decide this",
            StatusCodes.Status503ServiceUnavailable,
            $"Nothing has changed. {detail} Missing: {string.Join(", ", nodes)}. Nodes that do not come back are no members any more after a few seconds; then ask again.");

    /// <param name="detail">A sentence more; empty for none.</param>
    public static AdminProblem ChangeUnderWay(string detail, IReadOnlyList<string> nodes) =>
        Named(
            "busy",
            "Another change is under way",
            StatusCodes.Status409Conflict,
            $"Nothing has changed. {(detail.Length > 0 ? detail : $"A change that {string.Join(", ", nodes)} took is not decided yet.")} Ask again shortly.");

    public static AdminProblem OtherRevision(string detail) =>
        Named(
            "other-revision",
            "Another revision counts",
            StatusCodes.Status412PreconditionFailed,
            $"Nothing has changed. {detail} Look at what counts now, and ask again if you still mean it.");

    public static AdminProblem NoRevisionAnswer() =>
        Named(
            "no-answer",
            "The cluster did not answer in time",
            StatusCodes.Status504GatewayTimeout,
            "What became of it is not known: it may be in force, or come into force within some seconds. The history says (GET /api/v1/topology/history) before you ask again.");

    public static AdminProblem TrialTooLong() =>
        Named(
            "no-answer",
            "It could not be tried in time",
            StatusCodes.Status504GatewayTimeout,
            "Nothing has changed. To read it, or to try it on the nodes, takes longer than a change may.");

    public static AdminProblem SilentNodes(IReadOnlyList<string> nodes) =>
        Named(
            "no-answer",
            "Not all nodes answered in time",
            StatusCodes.Status504GatewayTimeout,
            $"Nothing has changed. {string.Join(", ", nodes)} did not say whether it could run this; ask again when it does, or is gone.");

    public static AdminProblem OutOfMemory() =>
        Named(
            "out-of-memory",
            "The node takes no new requests",
            StatusCodes.Status503ServiceUnavailable,
            "What is in use has reached limits.memory; it goes on with what it has.");

    public static AdminProblem NotAlive() =>
        Named("not-alive", "The node is not alive", StatusCodes.Status503ServiceUnavailable, "The node should be restarted.");

    public static AdminProblem NoAnswer() =>
        Named(
            "no-answer",
            "The cluster did not answer in time",
            StatusCodes.Status504GatewayTimeout,
            "Whether the change is recorded is not known; it does no harm to ask for it again.");

    public static AdminProblem Unavailable() =>
        Named(
            "unavailable",
            "The node cannot take decisions now",
            StatusCodes.Status503ServiceUnavailable,
            "Nothing was changed here; try again shortly, or another node.");

    /// <summary>A status that says all there is to say (RFC 9457, 4.2.1).</summary>
    public static AdminProblem OfStatus(int status) =>
        new("about:blank", ReasonPhrases.GetReasonPhrase(status), status, null);

    public Task WriteAsync(HttpContext context)
    {
        AuditEntry.Of(context)?.Failed(Name);
        context.Response.StatusCode = Status;
        context.Response.ContentType = ContentType;
        return JsonSerializer.SerializeAsync(context.Response.Body, this, AdminJson.Written, context.RequestAborted);
    }

    // The first few: a pool may have a thousand.
    private static string Listed(string written, IEnumerable<string> known)
    {
        string[] all = [.. known.Order(StringComparer.Ordinal)];
        string more = all.Length > NamesTold ? $" and {all.Length - NamesTold} more" : "";
        string meant = NearestName.Of(written, all) is { } near ? $" Did you mean \"{near}\"?" : "";
        return all.Length == 0 ? "is none." : $"{(all.Length == 1 ? "is" : "are")} {string.Join(", ", all.Take(NamesTold))}{more}.{meant}";
    }

    internal static AdminProblem Named(string name, string title, int status, string detail) =>
        new(TypePrefix + name, title, status, detail);

    /// <summary>The name in a problem's type, or its status where it has none.</summary>
    internal static string NameOf(string type, int status) =>
        type.StartsWith(TypePrefix, StringComparison.Ordinal) ? type[TypePrefix.Length..] : status.ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal static string WordOf(AdminRole role) => role == AdminRole.Read ? "read" : "operate";
}
