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

        ConfigurationCursor tokenKey = admin["token"];
        string? token = tokenKey.Exists ? tokenKey.Text("a text, or the key left out for none") : null;
        bool open = token is null or "";
        bool loopback = IPAddress.IsLoopback(bind.Address);
        if (open && !loopback && tokenKey.IsText == tokenKey.Exists)
        {
            bindKey.Complain(
                $"{bind} can be reached from other machines and there is no token",
                "admin.token set (ACTORLB_ADMIN_TOKEN), or a loopback address");
        }

        // A token is never shown, not even a wrong one.
        if (!open && !Names.IsVisible(token!))
        {
            tokenKey.Complain("the token holds blanks or characters beyond ASCII", "visible ASCII characters (RFC 6750, 2.1)");
        }
        else if (!open && !loopback && SecretWord.Problem(token!) is { } problem)
        {
            tokenKey.Complain(
                $"the token {problem} and the admin API can be reached from other machines",
                $"{SecretWord.LengthMin} characters or more, such as \"openssl rand -hex 16\" prints");
        }

        return new AdminSettings(bind, open ? null : token) { HealthBind = HealthBind(admin["health-bind"], binds) };
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
