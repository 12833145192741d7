using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>Who is asked whether a request of one of actorlb.routes may go on.</summary>
internal static class RouteAuthReader
{
    public static ForwardAuthSettings? Read(ConfigurationCursor forward)
    {
        Uri? url = forward["url"].As<Uri?>(ReadUrl, "an address with http:// or https://, or \"\"", null);
        EquatableArray<string> copied =
        [
            .. forward["copy-headers"].ItemsOrWords().Select(n => n.As<string>(RouteFilterReader.ReadName, "the name of a header of the application's", ""))
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        TimeSpan timeout = forward["timeout"].Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        bool passes = forward["when-unavailable"].Choice(("refuse", false), ("pass", true));
        return url is null ? null : new ForwardAuthSettings(url, copied, timeout, passes);
    }

    private static string? ReadUrl(string text, out Uri? url)
    {
        url = null;
        if (text.Length == 0)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.UserInfo.Length == 0 && url.Fragment.Length == 0
            ? null
            : $"'{text}' is no address of a server";
    }
}
