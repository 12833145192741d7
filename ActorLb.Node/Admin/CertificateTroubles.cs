using ActorLb.Engine.Certificates;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Events.Sources;

namespace ActorLb.Node.Admin;

/// <summary>Certificates that nodes show and that are not good now, or not for long. Pure.</summary>
internal static class CertificateTroubles
{
    /// <summary>Files are looked at twice a second.</summary>
    private const string Followed = "New files are loaded as soon as they are there, without a new start.";

    public static IEnumerable<Trouble> Of(DateTimeOffset now, GatheredFigures gathered) => gathered.Nodes
        .SelectMany(n => n.Certificates.Select(c => (n.Node, Certificate: c)))
        .Where(c => c.Certificate.IsToRenew(now))
        .GroupBy(c => (c.Certificate.Key, c.Certificate.Expires))
        .OrderBy(g => g.Key.Expires).ThenBy(g => g.Key.Key, StringComparer.Ordinal)
        .Select(g => Of(now, g.First().Certificate, [.. g.Select(c => c.Node).Distinct().Order(StringComparer.Ordinal)]));

    private static Trouble Of(DateTimeOffset now, CertificateInUse certificate, string[] nodes)
    {
        string who = CertificateWords.WhoRefuses(certificate.Key);
        (string severity, DateTimeOffset? since, string what, string done) = certificate switch
        {
            _ when certificate.Expires <= now => (Trouble.Error, certificate.Expires, "has expired", $"It is shown all the same: {who}. {Followed}"),
            _ when certificate.Begins > now => (Trouble.Error, (DateTimeOffset?)null, $"is not valid before {CertificateWords.At(certificate.Begins)}", $"It is shown all the same: {who}. {Followed}"),
            _ => (Trouble.Warning, certificate.Expires - CertificateInUse.ExpiresSoon, $"expires in {CertificateInUse.Counted(certificate.Expires - now)}", $"From then on {who}. {Followed}"),
        };
        return new Trouble(
            $"expires:{certificate.Key}:{certificate.Expires.ToUnixTimeSeconds()}", severity, since, $"The certificate of {certificate.Key} {what}",
            $"{Trouble.Listed(nodes)} {(nodes.Length == 1 ? "shows" : "show")} it: {certificate.Description}.", done) { Node = nodes.Length == 1 ? nodes[0] : null };
    }
}
