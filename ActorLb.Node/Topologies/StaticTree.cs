using System.Globalization;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>What holds for as long as a node runs, by the keys of the configuration: a change of it needs a new start. Pure.</summary>
internal static class StaticTree
{
    public static SettingTree Of(NodeSettings settings)
    {
        var all = new SettingTreeBuilder();
        SettingTreeBuilder node = all["node"];
        node.Text("name", settings.Name);
        node.Text("data-dir", settings.DataDirectory);
        node.Span("flush-interval", settings.FlushInterval);
        node.Span("shutdown-timeout", settings.ShutdownTimeout);
        node.Span("stop-delay", settings.StopDelay);
        node.Switch("watch", settings.WatchesFiles);
        node["log"].Word("format", settings.Log.Format);
        node["log"].Word("level", settings.Log.Level);
        Write(all["cluster"], settings.Cluster);
        SettingTreeBuilder admin = all["admin"];
        admin.Text("bind", settings.Admin.Bind.ToString());
        admin.Text("health-bind", settings.Admin.HealthBind?.ToString() ?? "");
        admin.Switch("dashboard", settings.Admin.Dashboard);
        admin["tls"].Switch("enabled", settings.Admin.Tls is not null);
        if (settings.Admin.Tls is { } tls)
        {
            admin["tls"].Text("certificate", tls.Certificate.Certificate);
            admin["tls"].Text("key", tls.Certificate.Key);
            admin["tls"].Secret("password", tls.Certificate.Password);
            admin["tls"].Word("client-certificate", tls.ClientCertificate);
            admin["tls"].Text("client-roots", tls.ClientRoots);
        }

        admin["audit-log"].Text("path", settings.Admin.AuditLog.Path);
        admin["audit-log"].Bytes("buffer", settings.Admin.AuditLog.BufferBytes);
        all["limits"].Number("session-feed-length", settings.SessionFeedLength);
        SettingTreeBuilder otlp = all["observability"]["otlp"];
        otlp.Text("endpoint", settings.Otlp.Endpoint?.ToString() ?? "");
        otlp.Span("interval", settings.Otlp.Interval);
        foreach (OtlpHeader header in settings.Otlp.Headers)
        {
            otlp["headers"].Secret(SettingTreeBuilder.Quoted(header.Name), header.Value);
        }

        SettingTreeBuilder traces = all["observability"]["traces"];
        traces.Add("sample", settings.Traces.Sample.ToString(CultureInfo.InvariantCulture));
        traces.Number("max-per-second", settings.Traces.PerSecondMax);
        all["observability"].Secret(
            "webhooks",
            $"[{string.Join(", ", settings.Webhooks.Select(w => SettingTreeBuilder.Quote(w.Url.GetLeftPart(UriPartial.Authority))))}]",
            string.Join('\n', settings.Webhooks.Select(w => $"{w.Url} {w.Secret} {string.Join(',', w.Kinds)}")));
        return all.Build();
    }

    private static void Write(SettingTreeBuilder keys, ClusterSettings cluster)
    {
        keys.Text("name", cluster.Name);
        keys.Text("host", cluster.Host);
        keys.Number("port", cluster.Port);
        keys["discovery"].Add("method", cluster.Dns is null ? "seeds" : "dns");
        keys["discovery"].List("seeds", cluster.Seeds.Select(s => SettingTreeBuilder.Quote(s.ToString())));
        if (cluster.Dns is { } dns)
        {
            keys["discovery"]["dns"].Text("name", dns.Name);
            keys["discovery"]["dns"].Number("required-nodes", dns.RequiredNodes);
        }

        keys.Span("join-timeout", cluster.JoinTimeout);
        keys.Span("stable-after", cluster.StableAfter);
        keys.Span("form-after", cluster.FormAfter);
        keys.Span("heal-interval", cluster.HealInterval);
        keys.Secret(
            "secrets",
            cluster.Secrets.IsEmpty ? "[]" : $"[{string.Join(", ", cluster.Secrets.Select(_ => SettingTreeBuilder.SecretText))}]",
            string.Join(' ', cluster.Secrets.Select(s => Convert.ToHexString(s.Bytes))));
        keys["tls"].Switch("enabled", cluster.Tls is not null);
        if (cluster.Tls is { } tls)
        {
            keys["tls"].Text("certificate", tls.Certificate);
            keys["tls"].List("names", tls.Names.Select(SettingTreeBuilder.Quote));
            keys["tls"].Secret("password", tls.Password);
        }
    }
}
