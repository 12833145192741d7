using ActorLb.Shared.Sessions;

namespace ActorLb.Shared.Settings;

/// <summary>A named set of backends and how requests are spread over them.</summary>
public sealed record PoolSettings(
    string Name,
    EquatableArray<BackendSettings> Backends,
    AffinitySettings Affinity,
    HealthSettings Health,
    int RetryAttempts,
    TimeSpan SlowStart,
    WhenAllDown WhenAllDown,
    TimeSpan RetryAfter)
{
    /// <summary>Names whose addresses are backends, too, beside those that are listed.</summary>
    public EquatableArray<NamedBackends> Names { get; init; } = [];

    /// <summary>What operators decided at run time about backends that are not listed, by id. Not written: it lies over what is.</summary>
    public EquatableArray<BackendOverride> Overrides { get; init; } = [];

    /// <summary>Requests that this node has at one backend at a time, where the backend says nothing itself; 0 is no limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Those beyond.</summary>
    public QueueSettings Queue { get; init; } = QueueSettings.None;

    /// <summary>
    /// Whether connections to backends may be authenticated (NTLM, Negotiate) for a trusted proxy, whose connections carry
    /// many people.
    /// </summary>
    public bool AuthenticatesProxies { get; init; }

    /// <summary>Protocols to which clients may switch at its backends, with or without version; compared without case.</summary>
    public EquatableArray<string> Upgrades { get; init; } = ["websocket"];

    /// <summary>Which requests are tried again beside those that could not be sent, and how many.</summary>
    public RetrySettings Retry { get; init; } = RetrySettings.Plain;

    /// <summary>How requests of no session are spread.</summary>
    public BalanceSettings Balance { get; init; } = BalanceSettings.RoundRobin;

    public WhenDown WhenDown { get; init; }

    /// <summary>How long a drain lasts for which nobody says so; zero: until its sessions have ended.</summary>
    public TimeSpan DrainDeadline { get; init; }

    public BackendProtocol Protocol { get; init; }

    /// <summary>Where that is HTTP/2.</summary>
    public Http2BackendSettings Http2 { get; init; } = Http2BackendSettings.Default;

    /// <summary>Whether backends are told by the PROXY protocol whose connection they get: each is one client's alone then.</summary>
    public ProxyHeaderVersion ProxyProtocol { get; init; }

    /// <summary>Towards backends whose address is https.</summary>
    public BackendTlsSettings Tls { get; init; } = BackendTlsSettings.Default;

    /// <summary>How long a backend may take to begin its answer, and the longest silence after that; zero: no limit. Null: that of the node's limits.</summary>
    public TimeSpan? ResponseTimeout { get; init; }

    /// <summary>How long an unused connection to a backend is kept; zero: until the backend closes it. Null: that of the node's limits.</summary>
    public TimeSpan? BackendIdleTimeout { get; init; }

    /// <summary>What operators decided about a backend that is not listed; null: nothing.</summary>
    public BackendOverride? OverrideOf(string id)
    {
        foreach (BackendOverride found in Overrides.AsSpan())
        {
            if (found.Id == id)
            {
                return found;
            }
        }

        return null;
    }
}

/// <summary>The requests that wait for a place at one backend.</summary>
/// <param name="Length">How many may wait; 0 is none.</param>
/// <param name="Timeout">How long each may wait.</param>
public sealed record QueueSettings(int Length, TimeSpan Timeout)
{
    public static readonly QueueSettings None = new(0, TimeSpan.Zero);
}

/// <summary>Every address of a name is a backend: dns://host:port.</summary>
/// <param name="Weight">Of each of them, 1 to 256.</param>
public sealed record NamedBackends(string Host, int Port, int Weight)
{
    /// <summary>Of each of them; null: the pool's.</summary>
    public int? MaxConnections { get; init; }

    /// <inheritdoc cref="BackendSettings.IsBackup"/>
    public bool IsBackup { get; init; }

    public NameFamily Family { get; init; }
}

/// <summary>Which of a name's addresses are backends.</summary>
public enum NameFamily
{
    /// <summary>Those of IPv4, or of IPv6 where there are none: a server with both is one backend.</summary>
    Auto,
    IPv4,
    IPv6,
    Both,
}

/// <summary>One server. The id defaults to its address, as host:port.</summary>
/// <param name="Address">Scheme http or https, host and port; no path.</param>
/// <param name="Weight">1 to 256.</param>
public sealed record BackendSettings(string Id, Uri Address, int Weight)
{
    /// <summary>False while not all nodes may know an address of a name yet, and once the name does not lead to it any more.</summary>
    public bool TakesNewSessions { get; init; } = true;

    /// <summary>Only other nodes know it: sessions that are bound to it are sent there, and nothing else is.</summary>
    public bool IsTold { get; init; }

    /// <summary>Since when its name does not lead to it any more, by the time that the nodes agree on: it drains. Null: it is meant to be there.</summary>
    public DateTimeOffset? LeftAt { get; init; }

    /// <summary>Requests that one node has here at a time; 0 is no limit, null the pool's.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>It takes new sessions while no other backend of its pool does.</summary>
    public bool IsBackup { get; init; }
}

/// <summary>What a pool answers when none of its backends is up.</summary>
public enum WhenAllDown
{
    /// <summary>503 with Retry-After.</summary>
    Refuse,

    /// <summary>Panic mode: every backend that the operator did not take out is tried.</summary>
    TryAll,
}

/// <summary>What happens to the tunnels of a backend whose health is down.</summary>
public enum WhenDown
{
    /// <summary>Those that work stay until their session moves.</summary>
    KeepTunnels,
    CloseTunnels,
}

public enum AffinityMode
{
    Off,

    /// <summary>By a ticket in a cookie of ours.</summary>
    Cookie,

    /// <summary>By a ticket in a header, for clients without a cookie jar.</summary>
    Header,

    /// <summary>By the value of a cookie that the application sets itself.</summary>
    Learn,
}

/// <summary>How a pool keeps a session on its backend.</summary>
/// <param name="Keys">Keys from the configuration, without the word for the shared ones.</param>
public sealed record AffinitySettings(
    AffinityMode Mode,
    CookieSettings Cookie,
    TimeSpan IdleTimeout,
    int MaxSessions,
    TimeSpan RebindTimeout,
    EquatableArray<TicketKey> Keys)
{
    /// <summary>The field of answers and requests that carries tickets where the mode is header.</summary>
    public string Header { get; init; } = "";

    /// <summary>The application's own cookie, where the mode is learn.</summary>
    public string LearnedCookie { get; init; } = "";

    /// <summary>The path with which the application sets it.</summary>
    public string LearnedPath { get; init; } = "/";

    /// <summary>For how long first requests of one address and agent share a session, whatever connections they come by; zero: those of one connection alone.</summary>
    public TimeSpan FirstBurst { get; init; }

    /// <summary>Sessions stay with their backends, in whatever mode.</summary>
    public bool IsSticky => Mode != AffinityMode.Off;

    /// <summary>Clients get tickets.</summary>
    public bool HasTickets => Mode is AffinityMode.Cookie or AffinityMode.Header;

    /// <summary>Before which of <see cref="Keys"/> the keys stand that the nodes share; null where they are not listed.</summary>
    public int? SharedKeysAt { get; init; }

    /// <summary>They are listed, or nothing is; what is learned is named by them alone.</summary>
    public bool UsesSharedKeys => SharedKeysAt is not null || Keys.IsEmpty || Mode == AffinityMode.Learn;

    /// <summary>All keys of this pool in the listed order: the first signs.</summary>
    public TicketKeyRing KeysWith(TicketKeyRing shared) =>
        Keys.IsEmpty ? shared
        : SharedKeysAt is { } at ? TicketKeyRing.Configured([.. Keys.AsSpan()[..at], .. shared.Keys, .. Keys.AsSpan()[at..]])
        : TicketKeyRing.Configured(Keys);
}

public enum CookieSameSite
{
    Lax,
    Strict,
    None,
}

/// <summary>When the cookie carries Secure. Auto: when the client's connection is TLS.</summary>
public enum CookieSecure
{
    Auto,
    Always,
    Never,
}

/// <summary>The attributes of the affinity cookie (RFC 6265, 4.1).</summary>
/// <param name="MaxAge">Null: a session cookie.</param>
public sealed record CookieSettings(
    string Name,
    string Path,
    string Domain,
    CookieSameSite SameSite,
    CookieSecure Secure,
    bool HttpOnly,
    TimeSpan? MaxAge)
{
    /// <summary>Whether answers that a cache may give to others carry it, too.</summary>
    public bool OnCacheable { get; init; }

    /// <summary>Whether it is another one for each site that embeds the pages (CHIPS).</summary>
    public bool Partitioned { get; init; }
}

public enum ProbeKind
{
    Http,
    Tcp,

    /// <summary>grpc.health.v1.</summary>
    Grpc,
}

/// <summary>How a pool's backends are probed and judged.</summary>
/// <param name="BodyContains">Text that the first 64 KiB of the answer must hold; empty asks nothing.</param>
/// <param name="HostHeader">The probe's Host; empty: the backend's address.</param>
/// <param name="FastInterval">Interval while a verdict is about to change.</param>
/// <param name="Observers">How many nodes probe one backend, at most.</param>
public sealed record HealthSettings(
    ProbeKind Probe,
    string Path,
    EquatableArray<StatusRange> Expect,
    string BodyContains,
    string HostHeader,
    TimeSpan Interval,
    TimeSpan FastInterval,
    TimeSpan Timeout,
    int Rise,
    int Fall,
    int Observers,
    PassiveSettings Passive)
{
    /// <summary>Fields of an HTTP probe beside our own, which they replace; one with an empty value is left out.</summary>
    public EquatableArray<ProbeField> Headers { get; init; } = [];

    /// <summary>That a probe of gRPC asks for; empty: the server as a whole.</summary>
    public string GrpcService { get; init; } = "";

    /// <summary>Where probes go; 0: to the backend's own port.</summary>
    public int Port { get; init; }
}

/// <summary>A field of a probe.</summary>
public readonly record struct ProbeField(string Name, string Value);

/// <summary>An inclusive range of HTTP status codes.</summary>
public readonly record struct StatusRange(int From, int To)
{
    public bool Contains(int status) => status >= From && status <= To;

    public override string ToString() => From == To ? $"{From}" : $"{From}-{To}";
}

/// <summary>Failures seen on real requests that open this node's circuit to a backend.</summary>
public sealed record PassiveSettings(int Failures, TimeSpan Window, EquatableArray<StatusRange> Statuses)
{
    /// <summary>How many of a pool's backends, in percent, open circuits take new sessions from at a time; 100: all but one, 0: none.</summary>
    public int MaxEjectedPercent { get; init; } = 100;

    /// <summary>How long a circuit that statuses opened stays open at least, the first time; zero: until probes pass.</summary>
    public TimeSpan EjectionTime { get; init; }
}
