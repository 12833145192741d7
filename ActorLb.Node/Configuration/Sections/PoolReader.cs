using System.Collections.Immutable;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.pools.</summary>
internal static class PoolReader
{
    /// <summary>More than a node can have descriptors for.</summary>
    public const int ConnectionsMax = 1_000_000;

    private const int RetriesMax = 100;

    /// <summary>Whatever a few clients send at a time is to be nothing beside the memory of a node.</summary>
    private const int RetryBodyBytesMax = 16 << 20;
    private const string ErrorsExpected = "status codes from 400 to 599, such as 503 or 502-504";
    private const int QueueLengthMax = 1_000_000;
    private const int StreamsMax = 1_000_000;
    private const int WindowBytesMin = 16 << 10;
    private const int WindowBytesMax = 16 << 20;

    public static ImmutableDictionary<string, PoolSettings> ReadAll(
        ConfigurationCursor pools, ConfigurationCursor defaults, ConfigurationEnvironment environment, string clusterName)
    {
        Template(defaults, complete: false, environment, clusterName);
        var read = ImmutableDictionary.CreateBuilder<string, PoolSettings>();
        foreach ((string name, ConfigurationCursor pool) in pools.Members(defaults))
        {
            if (Names.Read(name, out _) is { } problem)
            {
                pool.Complain(problem, Names.Expected);
            }

            (ImmutableArray<BackendSettings> backends, ImmutableArray<NamedBackends> names) = BackendReader.ReadAll(pool["backends"]);
            PoolSettings settings = Template(pool, complete: true, environment, clusterName) with { Name = name, Backends = backends, Names = names };
            if (settings is { Protocol: BackendProtocol.Http2, ProxyProtocol: not ProxyHeaderVersion.Off })
            {
                (ConfigurationCursor.ToBlame(pool["proxy-protocol"], pool["protocol"]) ?? pool["proxy-protocol"]).Complain(
                    "connections of HTTP/2 are shared by clients, and a header would name one of them", "proxy-protocol = off, or protocol = http1");
            }

            if (settings is { Protocol: BackendProtocol.Http1, Health.Probe: ProbeKind.Grpc })
            {
                (ConfigurationCursor.ToBlame(pool["health"]["probe"], pool["protocol"]) ?? pool["health"]["probe"]).Complain(
                    "gRPC is spoken over HTTP/2 alone", "protocol = http2, or probe = http");
            }

            if (!pool["backends"].HasMistakes)
            {
                BackendTlsReader.Warn(pool["tls"], pool.Path, settings.Tls, backends);
            }

            read[name] = settings;
        }

        if (read.Count == 0)
        {
            pools.Complain("there is no pool", "pools { web { backends = [\"http://127.0.0.1:9001\"] } }");
        }

        return read.ToImmutable();
    }

    /// <summary>Everything that a pool may have by default: all but its name and backends.</summary>
    private static PoolSettings Template(ConfigurationCursor pool, bool complete, ConfigurationEnvironment environment, string clusterName)
    {
        return new PoolSettings(
            "",
            [],
            AffinityReader.Read(pool["affinity"], clusterName),
            HealthReader.Read(pool["health"]),
            pool["retry"]["attempts"].Integer(0, RetriesMax),
            pool["slow-start"].Duration(TimeSpan.Zero, TimeSpan.FromDays(1)),
            pool["when-all-down"].Choice(("refuse", WhenAllDown.Refuse), ("try-all", WhenAllDown.TryAll)),
            pool["retry-after"].Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)))
        {
            Balance = BalanceReader.Read(pool, complete),
            Retry = new RetrySettings(
                pool["retry"]["budget"].Percent(0, 100),
                [.. pool["retry"]["statuses"].ItemsOrWords().Select(s => s.As<StatusRange>(ReadErrors, ErrorsExpected, default))])
            {
                BodyBytes = (int)pool["retry"]["body-bytes"].Bytes(0, RetryBodyBytesMax),
            },
            MaxConnections = pool["max-connections"].Integer(0, ConnectionsMax),
            Queue = ReadQueue(pool["queue"]),
            AuthenticatesProxies = pool["connection-auth"]["trusted-proxies"].Choice(("refuse", false), ("allow", true)),
            Upgrades = [.. pool["upgrades"].ItemsOrWords().Select(u => u.As<string>(ReadProtocol, "a protocol such as websocket or SPDY/3.1", ""))],
            WhenDown = pool["when-down"].Choice(("keep-tunnels", WhenDown.KeepTunnels), ("close-tunnels", WhenDown.CloseTunnels)),
            DrainDeadline = pool["drain"]["deadline"].Duration(TimeSpan.Zero, TimeSpan.FromDays(365)),
            Protocol = pool["protocol"].Choice(("http1", BackendProtocol.Http1), ("http2", BackendProtocol.Http2)),
            Http2 = new Http2BackendSettings(
                pool["http2"]["streams-max"].Integer(1, StreamsMax),
                (int)pool["http2"]["window"].Bytes(WindowBytesMin, WindowBytesMax),
                pool["http2"]["ping-interval"].Duration(TimeSpan.Zero, TimeSpan.FromDays(1))),
            ProxyProtocol = pool["proxy-protocol"].Choice(("off", ProxyHeaderVersion.Off), ("v1", ProxyHeaderVersion.V1), ("v2", ProxyHeaderVersion.V2)),
            Tls = BackendTlsReader.Read(pool["tls"], complete, environment),
            ResponseTimeout = ReadTimeout(pool["response-timeout"]),
            BackendIdleTimeout = ReadTimeout(pool["backend-idle-timeout"]),
        };
    }

    // The reference only points to the limits, where the value is read.
    private static TimeSpan? ReadTimeout(ConfigurationCursor timeout) =>
        timeout.IsDefault ? null : timeout.Duration(TimeSpan.Zero, LimitReader.Longest);

    // Who is asked elsewhere instead of getting a success or a redirect would never get one.
    private static string? ReadErrors(string text, out StatusRange range) =>
        StatusRanges.Read(text, out range) ?? (range.From < 400 ? $"{text} holds statuses that are no errors" : null);

    private static string? ReadProtocol(string text, out string protocol)
    {
        protocol = text;
        string[] parts = text.Split('/');
        return text.Equals("h2c", StringComparison.OrdinalIgnoreCase)
                ? "h2c is never passed on: behind it clients would speak to the backend past the balancer"
            : parts.Length > 2 || parts.Any(p => p.Length == 0 || !p.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c)))
                ? $"'{text}' is no name of a protocol"
            : null;
    }

    private static QueueSettings ReadQueue(ConfigurationCursor queue) => new(
        queue["length"].Integer(0, QueueLengthMax),
        queue["timeout"].Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)));
}
