using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;
using Akka.Remote.Transport.DotNetty;

namespace ActorLb.Node.Cluster;

/// <summary>
/// Mutual TLS between nodes. The file (PFX or PEM) holds this node's certificate with its key, and beside it the roots to
/// trust: a peer is one of us if its certificate leads to one of them. A self-signed certificate is its own root,
/// so that all nodes may share one; a file without a root leaves trust to the system's store.
/// </summary>
internal static class ClusterTls
{
    public static DotNettySslSetup Load(ClusterTlsSettings settings)
    {
        LoadedCertificate loaded;
        try
        {
            loaded = CertificateStore.OfFiles.Load(new CertificateSettings(settings.Certificate, "", settings.Password));
        }
        catch (CertificateFileException e)
        {
            throw new ControlPlaneException($"the cluster's certificate cannot be used: {e.Message}", e);
        }

        X509Certificate2 own = loaded.Leaf;
        X509Certificate2Collection file = [own, .. loaded.Issuers];
        X509Certificate2[] roots = [.. file.Where(c => c.SubjectName.RawData.AsSpan().SequenceEqual(c.IssuerName.RawData))];
        return new DotNettySslSetup(
            own,
            suppressValidation: false,
            requireMutualAuthentication: true,
            validateCertificateHostname: false,
            (peer, _, _, _, _) => IsTrusted(peer, roots, file));
    }

    internal static bool IsTrusted(X509Certificate2? peer, X509Certificate2[] roots, X509Certificate2Collection intermediates)
    {
        if (peer is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ExtraStore.AddRange(intermediates);
        if (roots.Length > 0)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        }

        return chain.Build(peer);
    }
}
