using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.admin.</summary>
internal static class AdminReader
{
    public static AdminSettings Read(ConfigurationCursor admin, BindConflicts binds)
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

        return new AdminSettings(bind) { Tokens = tokens, HealthBind = HealthBind(admin["health-bind"], binds), AuditLog = AccessLogReader.ReadAudit(admin["audit-log"]) };
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
