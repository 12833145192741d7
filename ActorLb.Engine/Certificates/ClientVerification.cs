using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// How certificates of clients are verified: by the roots that are named alone, valid now, and for the use by clients where they name
/// uses. Nothing is fetched meanwhile, neither issuers nor revocations.
/// </summary>
internal static class ClientVerification
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    /// <summary>Has a handshake ask for a certificate.</summary>
    /// <param name="refused">Hears why one was refused.</param>
    public static void Ask(SslServerAuthenticationOptions options, ClientCertificateUse use, X509Certificate2Collection roots, TimeProvider time, Action<string> refused)
    {
        // A certificate is looked at in every handshake: one that expired opens nothing by a session of before.
        options.AllowTlsResume = use == ClientCertificateUse.None;
        if (use == ClientCertificateUse.None)
        {
            return;
        }

        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = PolicyOf(roots);
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            // A client has no name that its certificate should bear; QUIC compares it with the one that the client asked for.
            errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
            if (certificate is null ? use == ClientCertificateUse.Optional : errors == SslPolicyErrors.None)
            {
                return true;
            }

            refused(certificate is null ? "it showed none" : CertificateRefusal.DescribeClient((X509Certificate2)certificate, chain, errors, time.GetUtcNow()));
            return false;
        };
    }

    private static X509ChainPolicy PolicyOf(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            TrustMode = X509ChainTrustMode.CustomRootTrust,
        };
        policy.ApplicationPolicy.Add(ClientAuthentication);
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
