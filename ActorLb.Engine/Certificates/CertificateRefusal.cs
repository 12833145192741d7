using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ActorLb.Engine.Certificates;

/// <summary>Says in one line why a certificate was refused. What comes out of the certificate is cut to what a log may hold.</summary>
internal static class CertificateRefusal
{
    private const int NamesMax = 5;
    private const int NameLengthMax = 80;

    /// <param name="name">That was asked for.</param>
    public static string Describe(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string name, DateTimeOffset now)
    {
        if (certificate is null)
        {
            return "it sent none";
        }

        List<string> reasons = [];
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            string[] names = [.. NamesOf(certificate)];
            string shown = names.Length == 0 ? "it has no name" : "it is for " + string.Join(", ", names.Take(NamesMax).Select(Visible));
            reasons.Add($"{shown}{(names.Length > NamesMax ? $" and {names.Length - NamesMax} more" : "")}, not for {name}");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            reasons.AddRange(OfChain(certificate, chain, now, "servers").Distinct());
        }

        return reasons.Count > 0 ? string.Join("; ", reasons) : errors.ToString();
    }

    /// <summary>Of a client's, which is for no name.</summary>
    public static string DescribeClient(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors, DateTimeOffset now)
    {
        string[] reasons = errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? [.. OfChain(certificate, chain, now, "clients").Distinct()] : [];
        return $"{Name(certificate, ofIssuer: false)}: {(reasons.Length > 0 ? string.Join("; ", reasons) : errors.ToString())}";
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return alternatives is null
            ? certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common ? [$"{common} (by its common name)"] : []
            : [.. alternatives.EnumerateDnsNames(), .. alternatives.EnumerateIPAddresses().Select(a => a.ToString())];
    }

    private static IEnumerable<string> OfChain(X509Certificate2 certificate, X509Chain? chain, DateTimeOffset now, string whom)
    {
        if (chain is null)
        {
            yield return "there is no chain to a root";
            yield break;
        }

        foreach (X509ChainElement element in chain.ChainElements)
        {
            X509Certificate2 at = element.Certificate;
            string it = at.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span) ? "it" : $"its issuer {Name(at, ofIssuer: false)}";
            foreach (X509ChainStatus status in element.ChainElementStatus)
            {
                yield return Describe(status.Status, at, it, now, whom);
            }
        }

        // Some states belong to the chain as a whole, and stand at no element.
        bool isKnown = chain.ChainElements.Any(e => e.ChainElementStatus.Length > 0);
        foreach (X509ChainStatus status in isKnown ? [] : chain.ChainStatus)
        {
            yield return Describe(status.Status, certificate, "it", now, whom);
        }
    }

    private static string Describe(X509ChainStatusFlags status, X509Certificate2 at, string it, DateTimeOffset now, string whom) => status switch
    {
        X509ChainStatusFlags.NotTimeValid when at.NotBefore > now.LocalDateTime => $"{it} is not valid before {Moment(at.NotBefore)}",
        X509ChainStatusFlags.NotTimeValid => $"{it} expired on {Moment(at.NotAfter)}",
        X509ChainStatusFlags.UntrustedRoot => $"its root {Name(at, ofIssuer: false)} is not trusted",
        X509ChainStatusFlags.PartialChain => $"the issuer {Name(at, ofIssuer: true)} is neither trusted nor sent",
        X509ChainStatusFlags.Revoked => $"{it} was revoked",
        X509ChainStatusFlags.NotSignatureValid => $"{it} has a wrong signature",
        X509ChainStatusFlags.NotValidForUsage => $"{it} is not for {whom}",
        X509ChainStatusFlags.InvalidBasicConstraints => $"{it} may not issue certificates",
        _ => $"{it}: {status}",
    };

    private static string Name(X509Certificate2 certificate, bool ofIssuer) =>
        Visible(certificate.GetNameInfo(X509NameType.SimpleName, ofIssuer) is { Length: > 0 } name ? name : ofIssuer ? certificate.Issuer : certificate.Subject);

    private static string Moment(DateTime local) =>
        local.ToUniversalTime().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    private static string Visible(string text) =>
        string.Create(Math.Min(text.Length, NameLengthMax), text, static (span, text) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
            }
        });
}
