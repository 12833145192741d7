using System.Collections.Immutable;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.pools.NAME.affinity.</summary>
internal static class AffinityReader
{
    // Browsers keep no cookie longer (RFC 6265bis, 5.5).
    private static readonly TimeSpan CookieAgeMax = TimeSpan.FromDays(400);

    // Whoever asks without a ticket for longer keeps none.
    private static readonly TimeSpan FirstBurstMax = TimeSpan.FromSeconds(10);

    private static readonly string[] OfCookiesAlone = ["name", "path", "domain", "same-site", "secure", "http-only", "max-age", "partitioned"];

    /// <summary>Stands in the list of keys for those that the nodes make and share.</summary>
    private const string SharedWord = "shared";

    public static AffinitySettings Read(ConfigurationCursor affinity, string clusterName)
    {
        ImmutableArray<TicketKey> keys = ReadKeys(affinity["keys"], out int? sharedAt);
        var read = new AffinitySettings(
            affinity["mode"].Choice(("cookie", AffinityMode.Cookie), ("header", AffinityMode.Header), ("learn", AffinityMode.Learn), ("off", AffinityMode.Off)),
            ReadCookie(affinity["cookie"], clusterName),
            affinity["idle-timeout"].Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(366)),
            affinity["max-sessions"].Integer(1, SessionPlaces.Max),
            affinity["rebind-timeout"].Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)),
            keys)
        {
            SharedKeysAt = sharedAt,
            LearnedCookie = affinity["learn"]["cookie"].As(ReadName, "the name of the application's own cookie, such as JSESSIONID", "x"),
            LearnedPath = affinity["learn"]["path"].As(ReadPath, "the path with which the application sets its cookie, such as /", "/"),
            FirstBurst = affinity["first-burst"].Duration(TimeSpan.Zero, FirstBurstMax),
            Header = affinity["header"].As(ReadHeader, "the name of a header of your own, such as X-Session", "X-Session"),
        };
        WarnOfUnused(affinity, read);
        return read;
    }

    // One of them, so that what a pool takes over from the defaults is not told of many times.
    private static void WarnOfUnused(ConfigurationCursor affinity, AffinitySettings read)
    {
        string word = read.Mode.ToString().ToLowerInvariant();
        ConfigurationCursor[] ofOthers =
        [
            .. read.Mode is AffinityMode.Header or AffinityMode.Learn ? OfCookiesAlone.Select(k => affinity["cookie"][k]) : [],
            .. read.Mode == AffinityMode.Learn ? [affinity["cookie"]["on-cacheable"], affinity["first-burst"], .. read.Keys.IsEmpty ? [] : new[] { affinity["keys"] }] : Array.Empty<ConfigurationCursor>(),
            .. read.Mode is AffinityMode.Cookie or AffinityMode.Learn ? [affinity["header"]] : Array.Empty<ConfigurationCursor>(),
            .. read.Mode is AffinityMode.Cookie or AffinityMode.Header ? [affinity["learn"]["cookie"], affinity["learn"]["path"]] : Array.Empty<ConfigurationCursor>(),
        ];
        if (ofOthers.FirstOrDefault(k => !k.IsDefault) is { } unused)
        {
            (string why, string advice) = read.Mode switch
            {
                AffinityMode.Header => ($": a client has to send {read.Header} back, and no browser does by itself", "affinity.mode = cookie where clients are browsers"),
                AffinityMode.Learn => ($": a client is known by the cookie {read.LearnedCookie} of the application, and gets none of ours", "affinity.mode = cookie for a cookie of ours"),
                _ => ("", "affinity.mode = header for clients without a cookie jar, or learn for a cookie of the application"),
            };
            unused.Warn($"this is not used, because affinity.mode is {word}{why}", advice);
        }
    }

    private static CookieSettings ReadCookie(ConfigurationCursor cookie, string clusterName)
    {
        string name = cookie["name"].As(ReadName, "a token of RFC 6265: letters, digits and !#$%&'*+-.^_`|~", "x");
        if (cookie["name"].IsDefault && clusterName != ClusterSettings.DefaultName)
        {
            name = $"{name}_{clusterName}";
        }

        var read = new CookieSettings(
            name,
            cookie["path"].As(ReadPath, "a path that begins with /, without ; and blanks", "/"),
            cookie["domain"].As(ReadDomain, "a host name, or \"\" for the host of the request", ""),
            cookie["same-site"].Choice(("lax", CookieSameSite.Lax), ("strict", CookieSameSite.Strict), ("none", CookieSameSite.None)),
            cookie["secure"].Choice(("auto", CookieSecure.Auto), ("always", CookieSecure.Always), ("never", CookieSecure.Never)),
            cookie["http-only"].Switch(),
            cookie["max-age"].As<TimeSpan?>(ReadMaxAge, "session, or a duration from 1s to 400d, such as 8h", null))
        {
            OnCacheable = cookie["on-cacheable"].Choice(("off", false), ("on", true)),
            Partitioned = cookie["partitioned"].Switch(),
        };

        bool insecure = read.Secure != CookieSecure.Always && !cookie["secure"].IsWrong;
        if (read.SameSite == CookieSameSite.None && insecure)
        {
            cookie["same-site"].Complain("browsers drop a cookie with same-site none that is not secure", "secure = always beside it, or lax");
        }

        if (read.Partitioned && insecure)
        {
            cookie["partitioned"].Complain("browsers drop a partitioned cookie that is not secure", "secure = always beside it, or off");
        }

        bool hostPrefix = read.Name.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase);
        if ((hostPrefix || read.Name.StartsWith("__Secure-", StringComparison.OrdinalIgnoreCase)) && insecure)
        {
            cookie["name"].Complain($"browsers drop a cookie '{read.Name}' that is not secure", "secure = always beside it, or another name");
        }
        else if (hostPrefix && (read.Path != "/" || read.Domain.Length > 0))
        {
            cookie["name"].Complain($"browsers drop a cookie '{read.Name}' with another path or a domain", "path = \"/\" and domain = \"\"");
        }

        return read;
    }

    private static ImmutableArray<TicketKey> ReadKeys(ConfigurationCursor list, out int? sharedAt)
    {
        // The texts are secrets: no message shows them.
        const string Expected = "random texts of 16 characters or more, each once, and \"shared\" for the keys that the nodes share";
        sharedAt = null;
        var keys = ImmutableArray.CreateBuilder<TicketKey>();
        foreach (ConfigurationCursor item in list.IsText ? [list] : list.Items())
        {
            if (item.Text(Expected) is not { } text)
            {
                continue;
            }

            if (text == SharedWord)
            {
                if (sharedAt is not null)
                {
                    item.Complain("\"shared\" is listed twice", Expected);
                }

                sharedAt = keys.Count;
                continue;
            }

            TicketKey key = TicketKey.FromText(text);
            if (SecretWord.Problem(text) is { } problem)
            {
                item.Complain($"this key {problem}", Expected);
            }
            else if (keys.Contains(key))
            {
                item.Complain("this key is listed twice", Expected);
            }

            keys.Add(key);
        }

        return keys.ToImmutable();
    }

    private static string? ReadName(string text, out string name)
    {
        name = text;
        return Names.IsToken(text) ? null : $"'{text}' is no name for a cookie";
    }

    private static string? ReadHeader(string text, out string header)
    {
        header = text;
        return !Names.IsToken(text) ? $"'{text}' is no name of a header"
            : !TicketField.IsFree(text) ? $"{text} has a meaning of its own, and would never reach the backend"
            : null;
    }

    private static string? ReadPath(string text, out string path)
    {
        path = text;
        return text.StartsWith('/') && Names.IsVisible(text) && !text.Contains(';') ? null : $"'{text}' is no path for a cookie";
    }

    private static string? ReadDomain(string text, out string domain)
    {
        domain = text.TrimStart('.');
        return text.Length == 0 || Uri.CheckHostName(domain) == UriHostNameType.Dns ? null : $"'{text}' is no domain for a cookie";
    }

    private static string? ReadMaxAge(string text, out TimeSpan? maxAge)
    {
        maxAge = null;
        if (text == "session")
        {
            return null;
        }

        string? problem = Durations.Read(text, out TimeSpan age);
        maxAge = age;
        return problem ?? (age < TimeSpan.FromSeconds(1) || age > CookieAgeMax ? $"{text} is out of range" : null);
    }
}
