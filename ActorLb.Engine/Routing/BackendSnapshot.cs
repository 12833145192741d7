using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Routing;

/// <summary>One backend at one moment, and where this node counts what it sees of it.</summary>
/// <param name="Weight">As the operator set it.</param>
/// <param name="TurnWeight">Its weight in the rotation now; lower than <paramref name="Weight"/> during slow start.</param>
/// <param name="Since">When its health last changed.</param>
/// <param name="TakesNewSessions">May be picked by the rotation and as a new home.</param>
/// <param name="KeepsSessions">Sessions bound to it are sent to it.</param>
public sealed record BackendSnapshot(
    string Id,
    BackendKey Key,
    Uri Address,
    int Weight,
    int TurnWeight,
    BackendHealth Health,
    OperatorState Operator,
    DateTimeOffset? DrainDeadline,
    DateTimeOffset Since,
    bool TakesNewSessions,
    bool KeepsSessions,
    BackendTraffic Traffic)
{
    /// <summary>What a probe that failed said, while it is down; else empty.</summary>
    public string WhyDown { get; init; } = "";

    /// <summary>The operator's decision from which <see cref="Operator"/> comes; null: there is none.</summary>
    public OperatorDecision? Decision { get; init; }

    /// <summary>The drain's deadline has passed, and there is somebody to take over: sessions leave, and what is still open is closed.</summary>
    public bool DrainOver { get; init; }

    /// <summary>When its sessions leave although it keeps them until then; null: they do not, or nobody would take them.</summary>
    public SessionMoves? Moves { get; init; }

    /// <summary>Its sessions are to leave without being asked.</summary>
    public bool IsLeft => DrainOver || Moves is not null;

    /// <summary>A session that lives here is lost with its server, or is just leaving it. Those of one that is down move as they come.</summary>
    public bool HoldsSessions => KeepsSessions || IsLeft;

    /// <summary>Whether a session that lives here is sent here.</summary>
    /// <param name="now">Milliseconds since 1970, by the time that the nodes agree on.</param>
    public bool Keeps(SessionId session, long now) => KeepsSessions && Moves?.IsDue(session, now) != true;

    /// <summary>It takes new sessions while no other backend does.</summary>
    public bool IsBackup { get; init; }

    /// <summary>It takes none now, and would: a backup that is up, ready and not ejected.</summary>
    public bool StandsBy { get; init; }

    /// <summary>0 to 1: the share of its weight that it takes now; 1 outside of its slow start.</summary>
    public double SlowStartShare { get; init; } = 1;

    /// <summary>Requests that this node has here at a time, at most; 0 is no limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary>For the forwarder: scheme, host and port with a trailing slash.</summary>
    public string Prefix { get; } = Address.GetLeftPart(UriPartial.Authority) + "/";
}
