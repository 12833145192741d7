using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Identity;

/// <summary>
/// Nodes that share a secret have one key pair, and whoever shows its public half and proves to hold the other is a node.
/// The first secret's key is shown, the keys of all are accepted. Nothing else in a certificate counts: no name, no date,
/// because clocks may be wrong, and no issuer.
/// </summary>
internal sealed class SecretIdentity : NodeIdentity
{
    /// <summary>The organisation in the subject; the common name says the cluster's. Both are for people who look at it.</summary>
    private const string Organisation = "ActorLb cluster";

    private static readonly DateTimeOffset NotBefore = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset NotAfter = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    private readonly ImmutableArray<ClusterSecret> _secrets;
    private readonly ImmutableArray<byte[]> _accepted;
    private readonly string _clusterName;

    /// <param name="secrets">At least one.</param>
    public SecretIdentity(ImmutableArray<ClusterSecret> secrets, string clusterName)
        : base(SslStreamCertificateContext.Create(Certificate(secrets[0], clusterName), additionalCertificates: null, offline: true))
    {
        _secrets = secrets;
        _clusterName = clusterName;
        _accepted = [.. secrets.Select(s => PublicKey(s, clusterName))];
    }

    public override string Proof => "secret";

    public override string? Refusal(X509Certificate2 peer, bool peerAccepts)
    {
        byte[] shown = peer.PublicKey.ExportSubjectPublicKeyInfo();
        bool accepted = false;
        foreach (byte[] key in _accepted)
        {
            accepted |= CryptographicOperations.FixedTimeEquals(key, shown);
        }

        if (accepted)
        {
            return null;
        }

        // Its own claim about its name is put to the test: nobody else could have made the key of our secret and that name.
        string claimed = peer.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return claimed != _clusterName && _secrets.Any(s => PublicKey(s, claimed).AsSpan().SequenceEqual(shown))
            ? $"its cluster.name is '{claimed}', and here it is '{_clusterName}'"
            : "it has another cluster secret";
    }

    /// <summary>What a secret's key is called in public (X.509's SubjectPublicKeyInfo).</summary>
    internal static byte[] PublicKey(ClusterSecret secret, string clusterName)
    {
        using ECDsa key = ClusterKey.Derive(secret, clusterName);
        return key.ExportSubjectPublicKeyInfo();
    }

    /// <summary>Self-signed, with the key that the secret stands for.</summary>
    internal static X509Certificate2 Certificate(ClusterSecret secret, string clusterName)
    {
        using ECDsa key = ClusterKey.Derive(secret, clusterName);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(clusterName);
        name.AddOrganizationName(Organisation);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        X509Certificate2 certificate = request.CreateSelfSigned(NotBefore, NotAfter);
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        // Windows signs with keys of its own store only.
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }

    protected override X509ChainPolicy Policy(bool peerAccepts) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };
}
