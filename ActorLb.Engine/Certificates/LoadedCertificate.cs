using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ActorLb.Engine.Certificates;

/// <summary>A certificate with its key, and the certificates that lead from it to its root.</summary>
/// <param name="leaf">With its key.</param>
/// <param name="issuers">In any order; a root among them is not sent.</param>
public sealed class LoadedCertificate(X509Certificate2 leaf, X509Certificate2Collection issuers) : IDisposable
{
    public X509Certificate2 Leaf => leaf;

    public X509Certificate2Collection Issuers => issuers;

    /// <summary>The DNS names that the certificate bears; the common name is none (RFC 9525, 2).</summary>
    public IReadOnlyList<string> DnsNames => AlternativeNames.Dns(leaf);

    /// <summary>What a handshake sends: the chain as it is in the files. Nothing is fetched from addresses that certificates name.</summary>
    public SslStreamCertificateContext Context() => SslStreamCertificateContext.Create(leaf, issuers, offline: true);

    public void Dispose()
    {
        leaf.Dispose();
        foreach (X509Certificate2 issuer in issuers)
        {
            issuer.Dispose();
        }
    }
}
