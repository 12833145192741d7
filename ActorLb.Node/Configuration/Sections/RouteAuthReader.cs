using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>Whether a request of one of actorlb.routes may go on: by a password, or by whom another server lets in.</summary>
internal static class RouteAuthReader
{
    private const int RealmLengthMax = 128;

    public static ForwardAuthSettings? ReadForward(ConfigurationCursor forward)
    {
        Uri? url = forward["url"].As<Uri?>(ReadUrl, "an address with http:// or https://, or \"\"", null);
        EquatableArray<string> copied =
        [
            .. forward["copy-headers"].ItemsOrWords().Select(n => n.As<string>(RouteFilterReader.ReadName, "the name of a header of the application's", ""))
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        TimeSpan timeout = forward["timeout"].Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        bool passes = forward["when-unavailable"].Choice(("refuse", false), ("pass", true));
        if (url is null && forward is { Exists: true, IsDefault: false, HasMistakes: false } && forward["url"].IsDefault)
        {
            forward.Complain("without url nobody is asked, and everybody may go on", "url = \"http://auth.internal/check\", or no auth.forward (url = \"\" says so)");
        }

        return url is null ? null : new ForwardAuthSettings(url, copied, timeout, passes);
    }

    public static BasicAuthSettings? ReadBasic(ConfigurationCursor auth, UsersFileReader users)
    {
        ConfigurationCursor basic = auth["basic"];
        string file = users.Read(basic["users-file"]);
        string realm = basic["realm"].As<string>(ReadRealm, "1 to 128 characters of ASCII", "");
        bool passes = basic["pass"].Switch();
        if (file.Length > 0 && auth["forward"]["url"] is { IsText: true } url && url.Text("") is { Length: > 0 })
        {
            ConfigurationCursor.ToBlame(basic["users-file"], url)?.Complain(
                "auth.basic and auth.forward both say who may ask, and a route has one of them", "users-file = \"\", or auth.forward.url = \"\"");
        }

        if (file.Length == 0 && basic is { Exists: true, IsDefault: false, HasMistakes: false } && basic["users-file"].IsDefault)
        {
            basic.Complain("without users-file nobody is asked for a password, and everybody may go on", "users-file = \"/etc/actorlb/users.htpasswd\", or no auth.basic (users-file = \"\" says so)");
        }

        return file.Length == 0 ? null : new BasicAuthSettings(file, realm, passes);
    }

    private static string? ReadRealm(string text, out string realm)
    {
        realm = text;
        return text.Length is 0 or > RealmLengthMax || text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? $"'{text}' is nothing that browsers show beside a question for a password" : null;
    }

    private static string? ReadUrl(string text, out Uri? url)
    {
        url = null;
        if (text.Length == 0)
        {
            return null;
        }

        // What may hold a password is not said again: mistakes are logged.
        bool isAddress = Uri.TryCreate(text, UriKind.Absolute, out url);
        return text.Contains('@', StringComparison.Ordinal) && url is not { UserInfo.Length: 0 } ? "the address holds a user or a password"
            : isAddress && (url!.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.Fragment.Length == 0 ? null
            : $"'{text}' is no address of a server";
    }
}
