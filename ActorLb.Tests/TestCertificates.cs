using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests;

/// <summary>Certificates made by hand: a root, an issuer below it and servers below that, as files of a folder of their own.</summary>
internal sealed class TestCertificates : IDisposable
{
    private static readonly Dictionary<string, byte[]> There = MakeThere();

    private readonly string _folder = Directory.CreateTempSubdirectory("actorlb-test-").FullName;
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _issuer;

    public TestCertificates()
    {
        _root = Make("test root", null, isAuthority: true);
        _issuer = Make("test issuer", _root, isAuthority: true);
        Root = Write("root.pem", _root.ExportCertificatePem());
    }

    /// <summary>PEM file of the root alone.</summary>
    public string Root { get; }

    public string IssuerPem => _issuer.ExportCertificatePem();

    public string RootPem => _root.ExportCertificatePem();

    /// <summary>A file of certificates and keys that are there for every configuration: there.pfx (password p), there.pem, there.key, other.key; nameless.pem and expired.pem with their keys; there.users.</summary>
    public static byte[] ReadFile(string path) => There.TryGetValue(path, out byte[]? bytes) ? bytes : throw new FileNotFoundException();

    /// <summary>A certificate for a name or an address, with its key.</summary>
    /// <param name="days">From now, until it expires; before 0 it did.</param>
    public X509Certificate2 Server(string name, bool rsa = false, int days = 30) => Make(name, _issuer, isAuthority: false, rsa, days);

    /// <summary>A certificate for several names, with its key.</summary>
    public X509Certificate2 Server(params string[] names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            alternatives.AddDnsName(name);
        }

        return Leaf($"CN={names[0]}", 30, alternatives.Build());
    }

    /// <summary>A certificate with these extensions, below the issuer; with its key.</summary>
    /// <param name="days">From now, until it expires; before 0 it did.</param>
    public X509Certificate2 Leaf(string subject, int days, params X509Extension[] extensions) => Leaf(new X500DistinguishedName(subject), days, extensions);

    /// <inheritdoc cref="Leaf(string, int, X509Extension[])"/>
    public X509Certificate2 Leaf(X500DistinguishedName subject, int days, params X509Extension[] extensions)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        foreach (X509Extension extension in extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        // Within the time of who issues it.
        DateTimeOffset end = DateTimeOffset.UtcNow.AddDays(days);
        using X509Certificate2 signed = request.Create(
            _issuer, _issuer.NotBefore, end < _issuer.NotAfter ? end : _issuer.NotAfter, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Files of a certificate with its issuer and of its key.</summary>
    public CertificateSettings Files(string name, X509Certificate2 certificate)
    {
        // The key first: until the certificate is there as well, they do not belong together.
        string key = Write($"{name}.key", certificate.GetECDsaPrivateKey()?.ExportPkcs8PrivateKeyPem() ?? certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return new CertificateSettings(Write($"{name}.pem", certificate.ExportCertificatePem() + "\n" + IssuerPem), key, "");
    }

    public string Write(string file, string text) => Write(file, System.Text.Encoding.ASCII.GetBytes(text));

    public string Write(string file, byte[] bytes)
    {
        string path = Path.Combine(_folder, file);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose()
    {
        _root.Dispose();
        _issuer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static X509Certificate2 Make(string name, X509Certificate2? issuer, bool isAuthority, bool rsa = false, int days = 30)
    {
        using RSA rsaKey = RSA.Create(2048);
        using ECDsa ecKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = rsa
            ? new($"CN={name}", rsaKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new($"CN={name}", ecKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (!isAuthority)
        {
            var names = new SubjectAlternativeNameBuilder();
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(name);
            }

            request.CertificateExtensions.Add(names.Build());
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        if (issuer is null)
        {
            return request.CreateSelfSigned(now.AddDays(-100), now.AddDays(100));
        }

        // Signed by an EC key, whatever its own is.
        using ECDsa signer = issuer.GetECDsaPrivateKey()!;
        using X509Certificate2 signed = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), now.AddDays(Math.Min(days, 0) - 10), now.AddDays(days), RandomNumberGenerator.GetBytes(8));
        return rsa ? signed.CopyWithPrivateKey(rsaKey) : signed.CopyWithPrivateKey(ecKey);
    }

    private static byte[] SelfSigned(string name, int days)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset end = DateTimeOffset.UtcNow.AddDays(days);
        using X509Certificate2 certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(end.AddDays(-100), end);
        return System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
    }

    private static Dictionary<string, byte[]> MakeThere()
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Make("there", null, isAuthority: false);
        return new Dictionary<string, byte[]>
        {
            ["there.pfx"] = certificate.Export(X509ContentType.Pkcs12, "p"),
            ["there.pem"] = System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()),
            ["there.users"] = System.Text.Encoding.UTF8.GetBytes(Passwords.HtpasswdFile.Text),
            ["nameless.pem"] = SelfSigned("nameless", 10),
            ["expired.pem"] = SelfSigned("expired", -10),
            ["other.key"] = System.Text.Encoding.ASCII.GetBytes(other.ExportPkcs8PrivateKeyPem()),
            ["there.key"] = System.Text.Encoding.ASCII.GetBytes(certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };
    }
}
