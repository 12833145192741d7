using ActorLb.Engine.Certificates;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Events.Sources;

namespace ActorLb.Node.Admin;

/// <summary>Certificates that nodes show and that are not good now, or not for long. Pure.</summary>
internal static class CertificateTroubles
{
    /// <summary>Files are looked at twice a second.</summary>
    private const string Followed = "New files are loaded as soon as they are there, without a new start.";

    public static IEnumerable<Trouble> Of(DateTimeOffset now, GatheredFigures gathered)
    {
        (string Node, CertificateInUse Certificate)[] all = [.. gathered.Nodes.SelectMany(n => n.Certificates.Select(c => (n.Node, Certificate: c))).Where(c => c.Certificate.IsToRenew(now))];
        return all
            .GroupBy(c => (c.Certificate.Key, c.Certificate.Expires, Identity: IdentityOf(c.Certificate, all)))
            .OrderBy(g => g.Key.Expires).ThenBy(g => g.Key.Key, StringComparer.Ordinal).ThenBy(g => g.Key.Identity, StringComparer.Ordinal)
            .Select(g => Of(now, g.MinBy(c => c.Node, StringComparer.Ordinal).Certificate, g.Key.Identity, [.. g.Select(c => c.Node).Distinct().Order(StringComparer.Ordinal)]));
    }

    // A node of an older version has no fingerprint: what it says for people has to do, and is that of a certificate that looks alike, where another node knows one.
    private static string IdentityOf(CertificateInUse certificate, (string Node, CertificateInUse Certificate)[] all) => certificate.Fingerprint.Length > 0
        ? certificate.Fingerprint
        : all.Select(c => c.Certificate)
            .Where(c => c.Fingerprint.Length > 0 && c.Key == certificate.Key && c.Expires == certificate.Expires && c.Description == certificate.Description)
            .Select(c => c.Fingerprint).Min(StringComparer.Ordinal) ?? certificate.Description;

    private static Trouble Of(DateTimeOffset now, CertificateInUse certificate, string identity, string[] nodes)
    {
        string who = CertificateWords.WhoRefuses(certificate.Key);
        (string severity, DateTimeOffset? since, string what, string done) = certificate switch
        {
            _ when certificate.Expires <= now => (Trouble.Error, certificate.Expires, "has expired", $"It is shown all the same: {who}. {Followed}"),
            _ when certificate.Begins > now => (Trouble.Error, (DateTimeOffset?)null, $"is not valid before {CertificateWords.At(certificate.Begins)}", $"It is shown all the same: {who}. {Followed}"),
            _ => (Trouble.Warning, certificate.Expires - CertificateInUse.ExpiresSoon, $"expires in {CertificateInUse.Counted(certificate.Expires - now)}", $"From then on {who}. {Followed}"),
        };
        return new Trouble(
            $"expires:{certificate.Key}:{certificate.Expires.ToUnixTimeSeconds()}:{identity}", severity, since, $"The certificate of {certificate.Key} {what}",
            $"{Trouble.Listed(nodes)} {(nodes.Length == 1 ? "shows" : "show")} it: {certificate.Description}.", done) { Node = nodes.Length == 1 ? nodes[0] : null };
    }
}
