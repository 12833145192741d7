using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Identity;

/// <summary>
/// Nodes with certificates of the operator's own. The file (PFX or PEM) holds this node's with its key, and beside it the
/// roots to trust: a peer is one of us if its certificate leads to one of them, may be used for what the peer is in this
/// connection, and bears one of the names, where names are set. The system's own roots are never asked.
/// </summary>
internal sealed class CertificateIdentity : NodeIdentity
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _roots;
    private readonly X509Certificate2Collection _issuers;
    private readonly ImmutableArray<string> _names;

    private CertificateIdentity(LoadedCertificate loaded, ImmutableArray<string> names)
        : base(SslStreamCertificateContext.Create(loaded.Leaf, loaded.Issuers, offline: true))
    {
        _roots = RootsOf(loaded);
        _issuers = loaded.Issuers;
        _names = names;
    }

    public override string Proof => "certificate";

    /// <exception cref="IdentityException">The file cannot be used.</exception>
    public static CertificateIdentity Load(ClusterTlsSettings settings)
    {
        try
        {
            LoadedCertificate loaded = CertificateStore.OfFiles.Load(new CertificateSettings(settings.Certificate, "", settings.Password));
            return Problem(loaded, settings) is { } problem
                ? throw new IdentityException($"the cluster's certificate cannot be used: {problem}")
                : new CertificateIdentity(loaded, settings.Names);
        }
        catch (CertificateFileException e)
        {
            throw new IdentityException($"the cluster's certificate cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Why other nodes with the same roots would refuse this one; null where they would not.</summary>
    public static string? Problem(LoadedCertificate loaded, ClusterTlsSettings settings)
    {
        string file = $"'{settings.Certificate}'";
        X509Certificate2Collection roots = RootsOf(loaded);
        if (roots.Count == 0)
        {
            return $"{file} holds no root (a certificate that issued itself), so that no node would be known by it";
        }

        if (UseProblem(loaded.Leaf, ServerUse) is not null || UseProblem(loaded.Leaf, ClientUse) is not null)
        {
            return $"the certificate in {file} may not be used by both sides of a connection: its extended key usage needs serverAuth and clientAuth, its key usage digitalSignature";
        }

        return PathProblem(loaded.Leaf, roots, loaded.Issuers, ServerUse) is { } path
            ? $"the certificate in {file} does not lead to a root in it: {path}"
            : NameProblem(loaded.Leaf, settings.Names) is not null ? $"the certificate in {file} bears none of the names in cluster.tls.names" : null;
    }

    public override string? Refusal(X509Certificate2 peer, bool peerAccepts) =>
        PathProblem(peer, _roots, _issuers, peerAccepts ? ServerUse : ClientUse) is { } path ? $"its certificate is not of this cluster: {path}"
        : UseProblem(peer, peerAccepts ? ServerUse : ClientUse) ?? NameProblem(peer, _names);

    protected override X509ChainPolicy Policy(bool peerAccepts) => PolicyOf(_roots, _issuers, peerAccepts ? ServerUse : ClientUse);

    private static X509Certificate2Collection RootsOf(LoadedCertificate loaded) =>
        [.. new[] { loaded.Leaf }.Concat(loaded.Issuers).Where(c => c.SubjectName.RawData.AsSpan().SequenceEqual(c.IssuerName.RawData))];

    private static X509ChainPolicy PolicyOf(X509Certificate2Collection roots, X509Certificate2Collection issuers, string use)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        policy.ExtraStore.AddRange(issuers);
        policy.ApplicationPolicy.Add(new Oid(use));
        return policy;
    }

    private static string? PathProblem(
        X509Certificate2 certificate, X509Certificate2Collection roots, X509Certificate2Collection issuers, string use)
    {
        using var chain = new X509Chain { ChainPolicy = PolicyOf(roots, issuers, use) };
        return chain.Build(certificate)
            ? null
            : string.Join(", ", chain.ChainStatus.Select(s => s.Status).Distinct()) is { Length: > 0 } why ? why : "it leads to none of the roots";
    }

    private static string? UseProblem(X509Certificate2 certificate, string use)
    {
        bool signs = certificate.Extensions.OfType<X509KeyUsageExtension>().All(e => e.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature));
        bool serves = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .All(e => e.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == use));
        return signs && serves ? null : "its certificate is not for this use: see extended key usage (serverAuth, clientAuth) and key usage (digitalSignature)";
    }

    private static string? NameProblem(X509Certificate2 certificate, ImmutableArray<string> names) =>
        names.IsEmpty || names.Any(n => certificate.MatchesHostname(n, allowWildcards: true, allowCommonName: false))
            ? null
            : "its certificate bears none of the names in cluster.tls.names";
}
