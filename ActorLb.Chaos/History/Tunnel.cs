using System.Text.Json.Serialization;

namespace ActorLb.Chaos.History;

/// <summary>One WebSocket as its client saw it, from its first echo to its end. Times are seconds since the run began.</summary>
public sealed record Tunnel
{
    public required int Browser { get; init; }

    /// <summary>The balancer through which it went.</summary>
    public required string Node { get; init; }

    /// <summary>Id of the session whose ticket was sent.</summary>
    public required string Session { get; init; }

    /// <summary>The server that says that it is at its other end.</summary>
    public required string Backend { get; init; }

    public required double Opened { get; init; }

    /// <summary>When its last echo came.</summary>
    public required double Heard { get; init; }

    public required double Ended { get; init; }

    public required TunnelEnd End { get; init; }

    /// <summary>Of the close frame (RFC 6455, 7.4.1); 0 where none came.</summary>
    public int Code { get; init; }

    /// <summary>Messages that were sent and came back.</summary>
    public int Echoes { get; init; }

    public override string ToString() =>
        $"tunnel {Opened:F3}..{Ended:F3} browser {Browser} at {Node} to {Backend}, session {Session}, {Echoes} echoes, last heard {Heard:F3}, {End.ToString().ToLowerInvariant()}{(Code == 0 ? "" : $" ({Code})")}";
}

/// <summary>How a WebSocket ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TunnelEnd>))]
public enum TunnelEnd
{
    /// <summary>Its client closed it.</summary>
    Left,

    /// <summary>The other side closed it in good order, with a close frame.</summary>
    Closed,

    /// <summary>Its connection ended without a close frame.</summary>
    Broken,

    /// <summary>No echo came in time.</summary>
    Silent,

    /// <summary>Something else came than what was sent, or from another server.</summary>
    Foreign,
}
