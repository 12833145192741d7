using System.Globalization;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Node.Configuration.Sections;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>One pool by the keys of the configuration. Pure.</summary>
internal static class PoolTree
{
    public static SettingTree Of(PoolSettings pool)
    {
        SettingTreeBuilder keys = new SettingTreeBuilder("pools").Part(pool.Name);
        SettingTreeBuilder backends = keys["backends"];
        foreach (BackendSettings backend in pool.Backends)
        {
            keys.Add(Of(backends.Part(backend.Id), backend));
        }

        foreach (NamedBackends name in pool.Names)
        {
            keys.Add(Of(backends.Part(IdOf(name)), name));
        }

        if (!pool.Overrides.IsEmpty)
        {
            keys.List("overrides", pool.Overrides.Select(Of));
        }

        keys.Order("backends", pool.Backends.Select(b => b.Id).Concat(pool.Names.Select(IdOf)));
        keys.Word("balance", pool.Balance.Kind);
        keys["hash"].Text("on", BalanceReader.Write(pool.Balance));
        Write(keys["affinity"], pool.Affinity);
        Write(keys["health"], pool.Health);
        Write(keys["tls"], pool.Tls);
        keys.Word("protocol", pool.Protocol);
        keys["http2"].Number("streams-max", pool.Http2.StreamsMax);
        keys["http2"].Bytes("window", pool.Http2.WindowBytes);
        keys["http2"].Span("ping-interval", pool.Http2.PingInterval);
        keys.Word("proxy-protocol", pool.ProxyProtocol);
        Timeout(keys, "response-timeout", pool.ResponseTimeout);
        Timeout(keys, "backend-idle-timeout", pool.BackendIdleTimeout);
        keys["retry"].Number("attempts", pool.RetryAttempts);
        Percent(keys["retry"], "budget", pool.Retry.BudgetPercent);
        keys["retry"].List("statuses", pool.Retry.Statuses.Select(s => s.ToString()));
        keys["retry"].Bytes("body-bytes", pool.Retry.BodyBytes);
        keys.Number("max-connections", pool.MaxConnections);
        keys["queue"].Number("length", pool.Queue.Length);
        keys["queue"].Span("timeout", pool.Queue.Timeout);
        keys["connection-auth"].Add("trusted-proxies", pool.AuthenticatesProxies ? "allow" : "refuse");
        keys.List("upgrades", pool.Upgrades);
        keys.Span("slow-start", pool.SlowStart);
        keys.Word("when-all-down", pool.WhenAllDown);
        keys.Word("when-down", pool.WhenDown);
        keys["drain"].Span("deadline", pool.DrainDeadline);
        keys.Span("retry-after", pool.RetryAfter);
        int count = pool.Backends.Length + pool.Names.Length;
        return keys.Build(string.Create(CultureInfo.InvariantCulture, $"{{ {count} backend{(count == 1 ? "" : "s")} }}"));
    }

    private static SettingTree Of(SettingTreeBuilder keys, BackendSettings backend)
    {
        keys.Text("address", backend.Address.GetLeftPart(UriPartial.Authority));
        keys.Number("weight", backend.Weight);
        if (backend.IsBackup)
        {
            keys.Switch("backup", true);
        }

        if (backend.MaxConnections is { } most)
        {
            keys.Number("max-connections", most);
        }

        return keys.Build();
    }

    private static SettingTree Of(SettingTreeBuilder keys, NamedBackends name)
    {
        keys.Number("weight", name.Weight);
        keys.Word("family", name.Family);
        if (name.IsBackup)
        {
            keys.Switch("backup", true);
        }

        if (name.MaxConnections is { } most)
        {
            keys.Number("max-connections", most);
        }

        return keys.Build();
    }

    private static string Of(BackendOverride decided) => decided switch
    {
        { Removal: { } removal } => $"{SettingTreeBuilder.Quote(decided.Id)} removed at {removal.At:O} by {removal.Node} ({removal.Version}){(removal.Deadline is { } deadline ? $", at the latest until {deadline:O}" : "")}{(removal.Moves is { } moves ? $", its sessions move from {moves.Begins:O}" : "")}",
        { Weight: { } weight } => string.Create(CultureInfo.InvariantCulture, $"{SettingTreeBuilder.Quote(decided.Id)} weight {weight}"),
        _ => SettingTreeBuilder.Quote(decided.Id),
    };

    private static string IdOf(NamedBackends name) => string.Create(CultureInfo.InvariantCulture, $"dns://{name.Host}:{name.Port}");

    private static void Write(SettingTreeBuilder keys, AffinitySettings affinity)
    {
        CookieSettings cookie = affinity.Cookie;
        keys.Word("mode", affinity.Mode);
        keys["cookie"].Text("name", cookie.Name);
        keys["cookie"].Text("path", cookie.Path);
        keys["cookie"].Text("domain", cookie.Domain);
        keys["cookie"].Word("same-site", cookie.SameSite);
        keys["cookie"].Word("secure", cookie.Secure);
        keys["cookie"].Switch("http-only", cookie.HttpOnly);
        keys["cookie"].Add("max-age", cookie.MaxAge is { } age ? Durations.Write(age) : "session");
        keys["cookie"].Switch("on-cacheable", cookie.OnCacheable);
        keys["cookie"].Switch("partitioned", cookie.Partitioned);
        keys.Text("header", affinity.Header);
        keys.Span("first-burst", affinity.FirstBurst);
        keys["learn"].Text("cookie", affinity.LearnedCookie);
        keys["learn"].Text("path", affinity.LearnedPath);
        keys.Span("idle-timeout", affinity.IdleTimeout);
        keys.Number("max-sessions", affinity.MaxSessions);
        keys.Span("rebind-timeout", affinity.RebindTimeout);
        keys.Secret("keys", $"[{string.Join(", ", KeysOf(affinity))}]", string.Join(' ', affinity.Keys.Select(k => k.Fingerprint)));
    }

    // By their ids, which stand on every ticket.
    private static List<string> KeysOf(AffinitySettings affinity)
    {
        List<string> keys = [.. affinity.Keys.Select(k => $"key {k.Id:x4}")];
        if (affinity.SharedKeysAt is { } at)
        {
            keys.Insert(at, "shared");
        }

        return keys;
    }

    private static void Write(SettingTreeBuilder keys, HealthSettings health)
    {
        keys.Word("probe", health.Probe);
        keys.Text("grpc-service", health.GrpcService);
        keys.Text("path", health.Path);
        keys.List("expect", health.Expect.Select(e => e.ToString()));
        keys.Text("body-contains", health.BodyContains);
        keys.Text("host", health.HostHeader);
        keys.Number("port", health.Port);
        foreach (ProbeField field in health.Headers)
        {
            keys["headers"].Secret(SettingTreeBuilder.Quote(field.Name), field.Value);
        }

        keys.Span("interval", health.Interval);
        keys.Span("fast-interval", health.FastInterval);
        keys.Span("timeout", health.Timeout);
        keys.Number("rise", health.Rise);
        keys.Number("fall", health.Fall);
        keys.Number("observers", health.Observers);
        keys["passive"].Number("failures", health.Passive.Failures);
        keys["passive"].Span("window", health.Passive.Window);
        keys["passive"].List("statuses", health.Passive.Statuses.Select(s => s.ToString()));
        Percent(keys["passive"], "max-ejected", health.Passive.MaxEjectedPercent);
        keys["passive"].Span("ejection-time", health.Passive.EjectionTime);
    }

    private static void Write(SettingTreeBuilder keys, BackendTlsSettings tls)
    {
        keys.OfTheNode("roots", SettingTreeBuilder.Quote(tls.Roots));
        keys.Text("server-name", tls.ServerName);
        keys.Switch("verify", tls.Verify);
        TopologyTree.Write(keys, tls.ClientCertificate, "client-");
    }

    private static void Percent(SettingTreeBuilder keys, string name, int value) =>
        keys.Add(name, string.Create(CultureInfo.InvariantCulture, $"{value}%"));

    private static void Timeout(SettingTreeBuilder keys, string name, TimeSpan? value) =>
        keys.Add(name, value is { } span ? Durations.Write(span) : $"${{actorlb.limits.{name}}}");
}
