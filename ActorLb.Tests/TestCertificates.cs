using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

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

    /// <summary>A file of certificates and keys that are there for every configuration: there.pfx (password p), there.pem, there.key.</summary>
    public static byte[] ReadFile(string path) => There.TryGetValue(path, out byte[]? bytes) ? bytes : throw new FileNotFoundException();

    /// <summary>A certificate for a name or an address, with its key.</summary>
    /// <param name="days">From now, until it expires; before 0 it did.</param>
    public X509Certificate2 Server(string name, bool rsa = false, int days = 30) => Make(name, _issuer, isAuthority: false, rsa, days);

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

    private static Dictionary<string, byte[]> MakeThere()
    {
        using X509Certificate2 certificate = Make("there", null, isAuthority: false);
        return new Dictionary<string, byte[]>
        {
            ["there.pfx"] = certificate.Export(X509ContentType.Pkcs12, "p"),
            ["there.pem"] = System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()),
            ["there.key"] = System.Text.Encoding.ASCII.GetBytes(certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };
    }
}
