using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.admin.</summary>
internal static class AdminReader
{
    public static AdminSettings Read(ConfigurationCursor admin, ConfigurationEnvironment environment, BindConflicts binds)
    {
        ConfigurationCursor bindKey = admin["bind"];
        IPEndPoint bind = bindKey.As(Endpoints.Read, Endpoints.BindExpected, new IPEndPoint(IPAddress.Loopback, 0));
        binds.Add(bindKey, bind);

        ImmutableArray<AdminToken> tokens = AdminTokenReader.Read(admin, bind.Address);
        bool isWrong = admin["token"] is { Exists: true, IsWrong: true } || admin["tokens"].HasMistakes;
        if (tokens.IsEmpty && !isWrong && !IPAddress.IsLoopback(bind.Address))
        {
            bindKey.Complain(
                $"{bind} can be reached from other machines and there is no token",
                "admin.token set (ACTORLB_ADMIN_TOKEN), or a loopback address");
        }

        return new AdminSettings(bind)
        {
            Tokens = tokens,
            TokenIsFromEnvironment = !tokens.IsEmpty && admin["token"].IsDefault && admin["tokens"].IsDefault,
            HealthBind = HealthBind(admin["health-bind"], binds),
            Tls = ReadTls(admin["tls"], environment),
            Dashboard = admin["dashboard"].Switch(),
            AuditLog = AccessLogReader.ReadAudit(admin["audit-log"]),
        };
    }

    private static AdminTlsSettings? ReadTls(ConfigurationCursor tls, ConfigurationEnvironment environment)
    {
        bool enabled = tls["enabled"].Switch();
        CertificateSettings certificate = CertificateReader.Read(
            new(tls["certificate"], tls["key"], tls["password"], tls["enabled"]), enabled ? "operators" : null, required: true, complete: true, environment);
        (ClientCertificateUse use, string roots) = ClientCertificateReader.Read(tls, enabled, complete: true, environment);
        return enabled ? new AdminTlsSettings(certificate, use, roots) : null;
    }

    private static IPEndPoint? HealthBind(ConfigurationCursor key, BindConflicts binds)
    {
        IPEndPoint? bind = key.As<IPEndPoint?>(ReadOptional, $"{Endpoints.BindExpected}, or empty", null);
        if (bind is not null)
        {
            binds.Add(key, bind);
        }

        return bind;
    }

    private static string? ReadOptional(string text, out IPEndPoint? bind)
    {
        bind = null;
        if (text.Length == 0)
        {
            return null;
        }

        string? problem = Endpoints.Read(text, out IPEndPoint read);
        bind = problem is null ? read : null;
        return problem;
    }
}
