using System.Globalization;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>A topology by the keys of the configuration. Pure.</summary>
internal static class TopologyTree
{
    /// <summary>The list whose order says nothing to other nodes.</summary>
    public const string ListenersKey = "listeners";

    public static SettingTree Of(Topology topology)
    {
        var all = new SettingTreeBuilder();
        foreach (ListenerSettings listener in topology.Listeners)
        {
            all.Add(Of(listener));
        }

        all.Order(ListenersKey, topology.Listeners.Select(l => l.Name));
        all.Sequence("routes", topology.Routes.Select(Of));
        foreach (PoolSettings pool in topology.Pools.Values.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            all.Add(PoolTree.Of(pool));
        }

        Write(all["limits"], topology.Limits);
        AccessLogSettings log = topology.AccessLog;
        all["access-log"].OfTheNode("path", SettingTreeBuilder.Quote(log.Path));
        all["access-log"].Word("format", log.Format);
        all["access-log"].List("fields", log.Fields.Select(SettingTreeBuilder.Quote));
        all["access-log"].OfTheNode("buffer", ByteSizes.Write(log.BufferBytes));
        return all.Build();
    }

    public static void Write(SettingTreeBuilder keys, CertificateSettings? certificate, string prefix = "")
    {
        keys.OfTheNode(prefix + "certificate", SettingTreeBuilder.Quote(certificate?.Certificate ?? ""));
        keys.OfTheNode(prefix + "key", SettingTreeBuilder.Quote(certificate?.Key ?? ""));
        keys.Secret(prefix + "password", certificate?.Password ?? "");
    }

    /// <summary>A route as it would be written.</summary>
    public static string Of(RouteSettings route)
    {
        IEnumerable<string> parts =
        [
            $"host = {SettingTreeBuilder.Quote(route.Host)}",
            $"path = {SettingTreeBuilder.Quote(route.Path)}",
            .. route.IsExact ? ["path-type = exact"] : Array.Empty<string>(),
            .. List("methods", route.Methods),
            .. List("headers", route.Headers.Select(h => $"{{ name = {SettingTreeBuilder.Quote(h.Name)}{(h.Value is null ? "" : $", value = {SettingTreeBuilder.Quote(h.Value)}")} }}")),
            .. List("listeners", route.Listeners),
            .. RouteFilterText.Of(route.Filters),
            .. route.Pool.Length == 0 ? Array.Empty<string>() : [$"pool = {route.Pool}"],
            .. List("pools", route.Shares.Select(s => string.Create(CultureInfo.InvariantCulture, $"{{ pool = {s.Pool}, weight = {s.Weight} }}"))),
        ];
        return $"{{ {string.Join(", ", parts)} }}";

        static IEnumerable<string> List(string key, IEnumerable<string> items) => items.Any() ? [$"{key} = [{string.Join(", ", items)}]"] : [];
    }

    private static SettingTree Of(ListenerSettings listener)
    {
        SettingTreeBuilder keys = new SettingTreeBuilder("listeners").Part(listener.Name);
        keys.OfTheNode("bind", SettingTreeBuilder.Quote(listener.Bind.ToString()));
        keys.OfTheNode("engine", SettingTreeBuilder.Word(listener.Engine));
        keys.OfTheNode("loops", listener.Loops.ToString(CultureInfo.InvariantCulture));
        keys.Word("http2", listener.Http2);
        keys.Add("http3", listener.Http3 is not { } http3 ? "off" : http3.AnnouncedPort == 0 ? "on" : http3.AnnouncedPort.ToString(CultureInfo.InvariantCulture));
        Write(keys["tls"], listener.Tls);
        keys.List("trusted-proxies", listener.TrustedProxies.Select(p => SettingTreeBuilder.Quote(p.ToString())));
        keys.Add("proxy-protocol", listener.AcceptsProxyProtocol ? "accept" : "off");
        keys.Switch("via", listener.Via);
        keys.OfTheNode("redirect-to-https", listener.RedirectToHttps == 0 ? "\"\"" : listener.RedirectToHttps.ToString(CultureInfo.InvariantCulture));
        keys.Span("hsts", listener.Hsts);
        return keys.Build();
    }

    // The list of one stands as one is written.
    private static void Write(SettingTreeBuilder keys, ListenerTlsSettings? tls)
    {
        EquatableArray<CertificateSettings> certificates = tls?.Certificates ?? [];
        keys.Switch("enabled", tls is not null);
        Write(keys, certificates.Length == 1 ? certificates[0] : null);
        for (int i = 0; i < certificates.Length && certificates.Length > 1; i++)
        {
            Write(keys[string.Create(CultureInfo.InvariantCulture, $"certificates[{i}]")], certificates[i]);
        }

        keys.Word("client-certificate", tls?.ClientCertificate ?? ClientCertificateUse.None);
        keys.OfTheNode("client-roots", SettingTreeBuilder.Quote(tls?.ClientRoots ?? ""));
        keys.Add("min-version", tls?.MinVersion == TlsVersion.Tls13 ? "\"1.3\"" : "\"1.2\"");
    }

    private static void Write(SettingTreeBuilder keys, LimitSettings limits)
    {
        keys.Bytes("request-line-bytes-max", limits.RequestLineBytesMax);
        keys.Bytes("header-bytes-max", limits.HeaderBytesMax);
        keys.Number("header-count-max", limits.HeaderCountMax);
        keys.Bytes("body-bytes-max", limits.BodyBytesMax);
        keys.Number("connections-max", limits.ConnectionsMax);
        keys.Number("connections-per-address-max", limits.ConnectionsPerAddressMax);
        keys.OfTheNode("memory", ByteSizes.Write(limits.Memory));
        keys.Bytes("body-rate-min", limits.BodyRateMin);
        keys.Bytes("read-rate-min", limits.ReadRateMin);
        keys.Span("header-timeout", limits.HeaderTimeout);
        keys.Span("idle-timeout", limits.IdleTimeout);
        keys.Span("body-timeout", limits.BodyTimeout);
        keys.Span("connect-timeout", limits.ConnectTimeout);
        keys.Span("response-timeout", limits.ResponseTimeout);
        keys.Span("tunnel-timeout", limits.TunnelTimeout);
        keys.Span("tunnel-grace", limits.TunnelGrace);
        keys.Span("backend-idle-timeout", limits.BackendIdleTimeout);
        keys.Span("connection-age-max", limits.ConnectionAgeMax);
        keys.Number("held-requests-max", limits.HeldRequestsMax);
    }
}
