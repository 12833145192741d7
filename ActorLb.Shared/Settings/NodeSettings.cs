using System.Net;

namespace ActorLb.Shared.Settings;

/// <summary>Everything that the operator wrote about one node, layered over reference.conf and validated: what holds for as long as it runs, and what may change meanwhile.</summary>
/// <param name="FlushInterval">How often what changed is written to the data directory.</param>
/// <param name="Topology">As it was written.</param>
/// <param name="StopDelay">How long a stopping node goes on accepting while it asks its clients to leave.</param>
public sealed record NodeSettings(
    string Name,
    string DataDirectory,
    TimeSpan FlushInterval,
    TimeSpan ShutdownTimeout,
    ClusterSettings Cluster,
    AdminSettings Admin,
    Topology Topology,
    TimeSpan StopDelay = default)
{
    /// <summary>Of shutdown-timeout, what clients have; the rest is for handing the shards over and leaving the cluster.</summary>
    public const double ClientsShareOfShutdown = 0.6;

    /// <summary>Where its events are posted to.</summary>
    public EquatableArray<WebhookSettings> Webhooks { get; init; } = [];

    /// <summary>Notices about sessions that wait for the control plane, at most.</summary>
    public int SessionFeedLength { get; init; } = 65_536;

    public OtlpSettings Otlp { get; init; } = OtlpSettings.Off;

    public TraceSettings Traces { get; init; } = TraceSettings.Off;

    /// <summary>The files that it was read from, later ones over earlier ones; empty: from none, and there is nothing to read again.</summary>
    public EquatableArray<string> Files { get; init; } = [];

    /// <summary>Whether files that change are read again by themselves.</summary>
    public bool WatchesFiles { get; init; }

    public LogSettings Log { get; init; } = LogSettings.Default;

    /// <summary>What the files say of the topology, as one text with its secrets and without what is each node's own. Empty: there were none.</summary>
    public string Written { get; init; } = "";
}

/// <summary>Where the node's control plane listens and how it finds the others.</summary>
/// <param name="Host">
/// The address that other nodes use to reach this one (Akka.Remote). Empty where it is still to be found.
/// </param>
/// <param name="Port">1 to 65535; 0 takes a free one (tests).</param>
/// <param name="Seeds">host:port of nodes to ask for the cluster; their order does not matter.</param>
/// <param name="JoinTimeout">How long a start waits for the cluster before it serves without it.</param>
/// <param name="StableAfter">How long a node must stay unreachable before the others go on without it.</param>
/// <param name="FormAfter">How long a start waits for addresses that do not answer before the lowest node forms a cluster.</param>
/// <param name="HealInterval">How often a member asks known nodes that are not in its cluster where they are.</param>
/// <param name="Dns">Where nodes are found by a name instead of <paramref name="Seeds"/>; null where they are not.</param>
public sealed record ClusterSettings(
    string Host,
    int Port,
    EquatableArray<HostPort> Seeds,
    TimeSpan JoinTimeout,
    TimeSpan StableAfter,
    TimeSpan FormAfter,
    TimeSpan HealInterval,
    ClusterTlsSettings? Tls,
    DnsDiscoverySettings? Dns = null)
{
    public const string DefaultName = "actorlb";

    /// <summary>Nodes of another name are of another cluster, and their tickets are none here.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>The first is shown to other nodes, all are accepted; none where there is <see cref="Tls"/>, or nodes speak in the clear.</summary>
    public EquatableArray<ClusterSecret> Secrets { get; init; } = [];
}

/// <summary>A name whose addresses are the nodes, all at this node's own cluster port.</summary>
/// <param name="RequiredNodes">So many nodes, this one included, must be found before they form a cluster.</param>
public sealed record DnsDiscoverySettings(string Name, int RequiredNodes)
{
    /// <summary>Nobody wrote cluster.host: it is looked for at every start of the control plane.</summary>
    public bool FindsHost { get; init; }
}

/// <summary>A host name or address with a port.</summary>
public readonly record struct HostPort(string Host, int Port)
{
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

/// <summary>Mutual TLS between nodes with certificates of the operator's own.</summary>
public sealed record ClusterTlsSettings(string Certificate, string Password)
{
    /// <summary>Names of which each node's certificate bears one; empty: any.</summary>
    public EquatableArray<string> Names { get; init; } = [];
}

/// <summary>Which lane serves a listener. Auto takes the best one that this system has.</summary>
public enum ListenerEngine
{
    Auto,
    Epoll,
    Kestrel,
}

/// <summary>One address on which clients are served.</summary>
/// <param name="Loops">Event loops of the epoll lane; 0 is one per core.</param>
/// <param name="TrustedProxies">Peers whose X-Forwarded-* are appended to; from others they are replaced.</param>
public sealed record ListenerSettings(
    string Name,
    IPEndPoint Bind,
    ListenerEngine Engine,
    int Loops,
    ListenerHttp2 Http2,
    ListenerTlsSettings? Tls,
    EquatableArray<IPNetwork> TrustedProxies,
    bool Via)
{
    /// <summary>Whether its clients may come by HTTP/3 as well, where this machine has QUIC; null: by TCP alone.</summary>
    public ListenerHttp3? Http3 { get; init; }

    /// <summary>The port to which who comes by plain HTTP is sent by https; 0: they are served.</summary>
    public int RedirectToHttps { get; init; }

    /// <summary>How long browsers that came by its TLS come by https alone; zero: it says nothing of it.</summary>
    public TimeSpan Hsts { get; init; }

    /// <summary>The key, below actorlb, that says where it listens.</summary>
    public string BindKey => $"listeners.{Name}.bind";

    /// <summary>Connections of <see cref="TrustedProxies"/> begin with a header of the PROXY protocol.</summary>
    public bool AcceptsProxyProtocol { get; init; }

    /// <summary>A connection of this peer has to begin with a header of the PROXY protocol.</summary>
    public bool ExpectsProxyHeader(IPAddress peer) => AcceptsProxyProtocol && Trusts(peer);

    /// <summary>The address is one of <see cref="TrustedProxies"/>.</summary>
    public bool Trusts(IPAddress address)
    {
        if (TrustedProxies.IsEmpty)
        {
            return false;
        }

        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (IPNetwork network in TrustedProxies)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Where a certificate is with its key and its issuers: a PFX file, a PEM file with all of them, or PEM files for certificate and key.</summary>
/// <param name="Key">The key's PEM file; empty where it is in the certificate's own file.</param>
/// <param name="Password">Of the PFX file or of the key; empty for none.</param>
public sealed record CertificateSettings(string Certificate, string Key, string Password);

/// <summary>Bounds of the data plane. Zero means no limit where the reference says so.</summary>
/// <param name="ConnectionsMax">Of each listener.</param>
public sealed record LimitSettings(
    int RequestLineBytesMax,
    int HeaderBytesMax,
    int HeaderCountMax,
    long BodyBytesMax,
    int ConnectionsMax,
    TimeSpan HeaderTimeout,
    TimeSpan IdleTimeout,
    TimeSpan BodyTimeout,
    TimeSpan ConnectTimeout,
    TimeSpan ResponseTimeout,
    TimeSpan BackendIdleTimeout)
{
    /// <summary>Zeros.</summary>
    public static readonly LimitSettings None = new(0, 0, 0, 0, 0, default, default, default, default, default, default);

    /// <summary>How long a new connection may say nothing: whoever connects has something to ask. Zero: there is no limit.</summary>
    public TimeSpan FirstByteTimeout =>
        HeaderTimeout > TimeSpan.Zero && (IdleTimeout <= TimeSpan.Zero || HeaderTimeout < IdleTimeout) ? HeaderTimeout : IdleTimeout;

    /// <summary>Bytes in use beyond which new work is refused; 0: three quarters of what there is.</summary>
    public long Memory { get; init; }

    /// <summary>Bytes a second that a client must send of a body that is waited for; 0 is no limit.</summary>
    public long BodyRateMin { get; init; }

    /// <summary>Bytes a second that a client must take of an answer that waits for it; 0 is no limit.</summary>
    public long ReadRateMin { get; init; }

    /// <summary>How much waiting is judged by these rates at a time. No key of the configuration.</summary>
    public TimeSpan RateWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Of one client address on this node; not of trusted proxies.</summary>
    public int ConnectionsPerAddressMax { get; init; }

    /// <summary>A connection to a backend is closed when it is so old and unused; zero is no limit.</summary>
    public TimeSpan ConnectionAgeMax { get; init; }

    /// <summary>Requests of bound sessions that wait for the verdict on a backend that this node cannot reach, over all backends; 0 is no limit.</summary>
    public int HeldRequestsMax { get; init; }

    /// <summary>The longest silence of a connection that changed its protocol; zero is no limit.</summary>
    public TimeSpan TunnelTimeout { get; init; }

    /// <summary>How long what is to be closed has to end by itself.</summary>
    public TimeSpan TunnelGrace { get; init; }
}
