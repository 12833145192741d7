using System.Globalization;

namespace ActorLb.Node.Events.Sources;

/// <summary>What people are told of certificates, by events and as troubles alike. Pure.</summary>
internal static class CertificateWords
{
    /// <summary>Listeners show it to clients, the admin API to browsers and actorlb, pools to their backends.</summary>
    /// <param name="key">Of the configuration, below actorlb.</param>
    public static string WhoRefuses(string key) =>
        IsOfListener(key) ? "clients refuse it" : key.StartsWith("pools.", StringComparison.Ordinal) ? "backends that ask for one refuse it" : "browsers and actorlb refuse it";

    public static bool IsOfListener(string key) => key.StartsWith("listeners.", StringComparison.Ordinal);

    public static string At(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-dd HH:mm'Z'}");
}
