using System.Text.Json.Serialization;

namespace ActorLb.Chaos.History;

/// <summary>One WebSocket or event stream as its client saw it, from what came first to its end. Times are seconds since the run began.</summary>
public sealed record Tunnel
{
    public TunnelKind Kind { get; init; }

    public required int Browser { get; init; }

    /// <summary>The balancer through which it went.</summary>
    public required string Node { get; init; }

    /// <summary>Id of the session whose ticket was sent.</summary>
    public required string Session { get; init; }

    /// <summary>The server that says that it is at its other end.</summary>
    public required string Backend { get; init; }

    public required double Opened { get; init; }

    /// <summary>When the last echo or event came.</summary>
    public required double Heard { get; init; }

    public required double Ended { get; init; }

    public required TunnelEnd End { get; init; }

    /// <summary>Of the close frame (RFC 6455, 7.4.1); 0 where none came.</summary>
    public int Code { get; init; }

    /// <summary>Messages that were sent and came back; events that came.</summary>
    public int Echoes { get; init; }

    /// <summary>What came that is not its own; null where nothing did.</summary>
    public string? Wrong { get; init; }

    /// <summary>Whether it may have ended within a time: after the last that was heard.</summary>
    public bool EndedWithin(double from, double until) => Heard <= until && Ended >= from;

    public override string ToString() =>
        $"{(Kind == TunnelKind.WebSocket ? "WebSocket" : "event stream")} {Opened:F3}..{Ended:F3} browser {Browser} at {Node} to {Backend}, session {Session}, {Echoes} echoes, last heard {Heard:F3}, {End.ToString().ToLowerInvariant()}{(Code == 0 ? "" : $" ({Code})")}{(Wrong is null ? "" : $" ({Wrong})")}";
}

/// <summary>What is open for long.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TunnelKind>))]
public enum TunnelKind
{
    WebSocket,

    /// <summary>An answer of type text/event-stream.</summary>
    EventStream,
}

/// <summary>How it ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TunnelEnd>))]
public enum TunnelEnd
{
    /// <summary>Its client closed it.</summary>
    Left,

    /// <summary>The other side ended it in good order: with a close frame, or with the last chunk.</summary>
    Closed,

    /// <summary>Its connection ended without a close frame or a last chunk.</summary>
    Broken,

    /// <summary>No echo or event came in time.</summary>
    Silent,

    /// <summary>Something else came than what was sent, or from another server; or an event twice, or not the next one.</summary>
    Foreign,
}
