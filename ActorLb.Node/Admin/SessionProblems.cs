using System.Globalization;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>What can be wrong where an operator asks about a session, or wants it changed.</summary>
internal static class SessionProblems
{
    private const string UnknownType = "unknown-session";

    private const string UnknownTitle = "There is no such session";

    public static AdminProblem BadId() => AdminProblem.Named(
        "bad-session",
        "The session cannot be understood",
        StatusCodes.Status400BadRequest,
        $"An id is 32 hexadecimal digits. What a client presents is never part of an address: ask for /api/v1/sessions/{SessionEndpoints.CookieWord}, with the cookie in the field {SessionEndpoints.CookieField}.");

    public static AdminProblem NoCookie() => AdminProblem.Named(
        "bad-session",
        "The session cannot be understood",
        StatusCodes.Status400BadRequest,
        $"The field {SessionEndpoints.CookieField} says which session is meant: the cookie's value, or name=value.");

    /// <summary>What was presented is no genuine ticket of one session.</summary>
    public static AdminProblem Of(PresentedSessionKind kind, string text) => kind switch
    {
        PresentedSessionKind.Several => AdminProblem.Named(
            "bad-session", "The session cannot be understood", StatusCodes.Status400BadRequest, "These are cookies of several sessions: give one of them."),
        PresentedSessionKind.NotGenuine => AdminProblem.Named(
            UnknownType, UnknownTitle, StatusCodes.Status404NotFound,
            "This cookie was not made here (it is of another cluster or pool, was changed, or its key is not honoured any more), or no session of the application's cookie has this value. For clients it counts as none." + (IsDecoded(text) ? Decoded : "")),
        _ => AdminProblem.Named(
            "bad-session", "The session cannot be understood", StatusCodes.Status400BadRequest,
            "This is no cookie of ours: its value has 68 characters. For clients it counts as none." + (IsDecoded(text) ? Decoded : "")),
    };

    // Tools for developers show cookies decoded; to us a value is what its client sends, byte for byte.
    private const string Decoded = " It looks as if it was decoded: give it as its client sends it, such as s%3A… and not s:….";

    private static bool IsDecoded(string text)
    {
        ReadOnlySpan<char> value = text.AsSpan(text.IndexOf('=') + 1).Trim();
        return !value.Contains('%') && value.ContainsAny(":/+@ ");
    }

    public static AdminProblem Unknown(SessionId id) => AdminProblem.Named(
        UnknownType,
        UnknownTitle,
        StatusCodes.Status404NotFound,
        $"No node that answered knows {id}: it has ended, or its client came once and has only its cookie: ask by that, or end it with \"pool=…\".");

    public static AdminProblem TooOld(in Binding ticket, TimeSpan idleTimeout) => AdminProblem.Named(
        UnknownType,
        UnknownTitle,
        StatusCodes.Status404NotFound,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The session has ended: its cookie is of {DateTimeOffset.FromUnixTimeSeconds(ticket.LastSeen):yyyy-MM-ddTHH:mm:ssZ}, and nobody has used it for {idleTimeout.TotalSeconds} s. For clients it counts as none."));

    public static AdminProblem OfSeveralPools(IEnumerable<string> pools) => AdminProblem.BadRequest(
        $"Several pools have such a session: say of which, with \"pool=…\": {string.Join(", ", pools.Order(StringComparer.Ordinal))}.");

    public static AdminProblem HasEnded(SessionId id) => AdminProblem.Named(
        "session-ended", "The session was ended", StatusCodes.Status409Conflict, $"An operator has ended {id}: its client has another session when it comes again.");

    public static AdminProblem TakesNone(BackendSnapshot backend, string pool) => AdminProblem.Named(
        "backend-takes-none",
        "The backend takes no sessions",
        StatusCodes.Status409Conflict,
        $"{pool}/{backend.Id} is {(backend.Operator != OperatorState.Ready ? StatusDocument.Word(backend.Operator) : StatusDocument.Word(backend.Health))}: a session that came there would have to leave at once. Nothing was changed.");

    public static AdminProblem NobodyTakesIt(string pool) => AdminProblem.Named(
        "backend-takes-none", "The backend takes no sessions", StatusCodes.Status409Conflict, $"No other backend of {pool} takes sessions now. Nothing was changed.");

    public static AdminProblem NoPlace(string pool) => AdminProblem.Named(
        "table-full",
        "There is no place in the table of sessions",
        StatusCodes.Status503ServiceUnavailable,
        $"The table of {pool} is full (affinity.max-sessions). Nothing was changed.");
}
