using System.Text.Json.Serialization;

namespace ActorLb.Chaos.History;

/// <summary>One request as its client saw it, and how it ended. Times are seconds since the run began.</summary>
public sealed record Attempt
{
    /// <summary>Unique in the run; sent along as X-Request-Id.</summary>
    public required long Number { get; init; }

    public required ClientKind Client { get; init; }

    /// <summary>Which of the clients of its kind.</summary>
    public required int Browser { get; init; }

    /// <summary>Which of the browser's tabs; below 0: none of them.</summary>
    public int Tab { get; init; }

    /// <summary>The pool that its host name leads to.</summary>
    public string Pool { get; init; } = "web";

    public RequestUse Use { get; init; }

    /// <summary>The balancer that was asked.</summary>
    public required string Node { get; init; }

    public string Method { get; init; } = "GET";

    public required double Sent { get; init; }

    public required double Ended { get; init; }

    public required AttemptEnd End { get; init; }

    /// <summary>HTTP status; 0 without an answer.</summary>
    public int Status { get; init; }

    /// <summary>X-ActorLb-Reason, or what the client's side complained of.</summary>
    public string? Reason { get; init; }

    /// <summary>Id of the session whose ticket was sent; null without a cookie.</summary>
    public string? SessionSent { get; init; }

    /// <summary>Id of another session whose ticket was sent beside; an answer that begins neither says by its ticket which one counted. Null for none.</summary>
    public string? Also { get; init; }

    /// <summary>Id of the session whose ticket came with the answer; null where none came.</summary>
    public string? SessionGiven { get; init; }

    /// <summary>The server that says that it answered; null where none did.</summary>
    public string? Backend { get; init; }

    /// <summary>The server that answered has never made the session that the application's cookie tells.</summary>
    public bool IsStranger { get; init; }

    /// <summary>A header that shows a backend's name or address; null where none does.</summary>
    public string? Leak { get; init; }

    /// <summary>Serial number of the certificate that the balancer showed; null without TLS.</summary>
    public string? Certificate { get; init; }

    /// <summary>The answer carries the id of another request, or bytes that are not its own.</summary>
    public bool Foreign { get; init; }

    [JsonIgnore]
    public bool Succeeded => End == AttemptEnd.Answered && Use.IsWell(Status);

    /// <summary>As it is sent along, and comes back.</summary>
    [JsonIgnore]
    public string Id => $"chaos-{Number}";

    [JsonIgnore]
    public double Took => Ended - Sent;

    /// <summary>The session that this request belongs to, where it has one.</summary>
    [JsonIgnore]
    public string? Session => SessionGiven is { } given && given == Also ? given : SessionSent ?? SessionGiven;

    public bool Overlaps(double from, double until) => Sent <= until && Ended >= from;

    public override string ToString() =>
        $"#{Number} {Sent:F3}..{Ended:F3} {Client.ToString().ToLowerInvariant()} {Browser}/{Tab} {(Use == RequestUse.Page ? "" : $"{Use.ToString().ToLowerInvariant()} ")}{Method} at {Node}: "
        + $"{(End == AttemptEnd.Answered ? $"{Status}" : End.ToString().ToLowerInvariant())}{(Reason is null ? "" : $" ({Reason})")}"
        + $"{(Backend is null ? "" : $" from {Backend}")}{(SessionSent is null ? "" : $", session {SessionSent}")}{(Also is null ? "" : $" beside {Also}")}"
        + $"{(SessionGiven is null ? "" : $", given {SessionGiven}")}";
}

/// <summary>Who sends a request.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClientKind>))]
public enum ClientKind
{
    /// <summary>Keeps its cookies, has several tabs.</summary>
    Browser,

    /// <summary>Never sends a cookie.</summary>
    Crawler,

    /// <summary>Sends cookies that no balancer made.</summary>
    Forger,

    /// <summary>Never sends a cookie, and shakes hands anew for every request.</summary>
    Handshaker,
}

/// <summary>How a request ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AttemptEnd>))]
public enum AttemptEnd
{
    /// <summary>With a whole answer, of whatever status.</summary>
    Answered,

    /// <summary>There was no connection: nothing was sent, and a browser takes the name's next address.</summary>
    Refused,

    /// <summary>The connection ended before the answer did.</summary>
    Broken,

    /// <summary>The client's patience ended first.</summary>
    TimedOut,

    /// <summary>The client left before it ended, and never learned how it did.</summary>
    Abandoned,
}
