using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Lane;
using Xunit;

namespace ActorLb.Tests.Certificates;

/// <summary>Whatever shows a certificate says which one it is.</summary>
public sealed class FingerprintTests : IDisposable
{
    private readonly CertificateFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_certificate_that_is_shown_has_its_fingerprint_wherever_it_is_shown()
    {
        CertificateSettings settings = _files.Pem.Certificates[0];
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(settings.Certificate);
        string fingerprint = certificate.GetCertHashString(HashAlgorithmName.SHA256);

        Assert.Equal(fingerprint, new ServerCertificate(settings, "listeners.https.tls", () => { }).InUse.Fingerprint);
        Assert.Equal(fingerprint, new AdminCertificate(new AdminTlsSettings(settings, ClientCertificateUse.None, ""), TimeProvider.System).InUse.Fingerprint);
        Assert.Equal(fingerprint, new BackendTls(BackendTlsSettings.Default with { ClientCertificate = settings }, TimeProvider.System).InUse!.Fingerprint);
    }
}
