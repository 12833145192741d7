using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Lane;

/// <summary>One self-signed certificate, as PKCS#12 and as PEM.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorlb-test-").FullName;

    public CertificateFiles()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllBytes(At("cert.pfx"), certificate.Export(X509ContentType.Pkcs12, "secret"));
        File.WriteAllText(At("cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(At("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    public ListenerTlsSettings Pfx => new(new CertificateSettings(At("cert.pfx"), "", "secret"));

    public ListenerTlsSettings Pem => new(new CertificateSettings(At("cert.pem"), At("key.pem"), ""));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);
}
