using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Certificates;

public sealed class CertificateStoreTests : IDisposable
{
    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);

    private readonly TestCertificates _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_certificate_is_found_with_its_key_and_its_issuers_in_every_form(bool rsa)
    {
        using X509Certificate2 server = _files.Server("a.example", rsa);
        string chain = server.ExportCertificatePem() + "\n" + _files.IssuerPem;
        string pkcs8 = KeyPem(server, k => k.ExportPkcs8PrivateKeyPem());
        string encrypted = KeyPem(server, k => k.ExportEncryptedPkcs8PrivateKeyPem("secret", Encryption));
        string traditional = rsa ? server.GetRSAPrivateKey()!.ExportRSAPrivateKeyPem() : server.GetECDsaPrivateKey()!.ExportECPrivateKeyPem();
        string fullchain = _files.Write("fullchain.pem", chain);
        var pfx = new X509Certificate2Collection { server, X509Certificate2.CreateFromPem(_files.IssuerPem) };

        foreach (CertificateSettings settings in (CertificateSettings[])
        [
            new(fullchain, _files.Write("pkcs8.key", pkcs8), ""),
            new(fullchain, _files.Write("encrypted.key", encrypted), "secret"),
            new(fullchain, _files.Write("traditional.key", traditional), ""),
            new(_files.Write("one.pem", pkcs8 + "\n" + chain), "", ""),
            new(_files.Write("two.pem", chain + "\n" + encrypted), "", "secret"),
            new(_files.Write("reversed.pem", _files.IssuerPem + "\n" + server.ExportCertificatePem() + "\n" + pkcs8), "", ""),
            new(_files.Write("all.pfx", pfx.Export(X509ContentType.Pkcs12, "secret")!), "", "secret"),
            new(_files.Write("open.pfx", pfx.Export(X509ContentType.Pkcs12)!), "", ""),
        ])
        {
            using LoadedCertificate loaded = CertificateStore.OfFiles.Load(settings);
            Assert.True(loaded.Leaf.HasPrivateKey);
            Assert.Equal("CN=a.example", loaded.Leaf.Subject);
            Assert.Equal("CN=test issuer", Assert.Single(loaded.Issuers).Subject);
        }
    }

    [Theory]
    [InlineData("secret", null)]
    [InlineData("wrong", "the password does not open the key in '{0}'")]
    [InlineData("", "the key in '{0}' is encrypted, and there is no password")]
    public void A_key_that_OpenSSL_encrypted_in_its_own_way_is_opened_by_its_password_alone(string password, string? problem)
    {
        string file = _files.Write("openssl.pem", OpenSslPem.EncryptedKeyAndCertificate);
        var settings = new CertificateSettings(file, "", password);
        if (problem is null)
        {
            using LoadedCertificate loaded = CertificateStore.OfFiles.Load(settings);
            Assert.True(loaded.Leaf.HasPrivateKey);
        }
        else
        {
            Refuses(settings, CertificatePart.Password, string.Format(problem, file));
        }
    }

    [Fact]
    public void What_cannot_be_used_is_said_of_the_value_that_is_wrong()
    {
        using X509Certificate2 server = _files.Server("a.example");
        using X509Certificate2 other = _files.Server("b.example", rsa: true);
        string pem = _files.Write("a.pem", server.ExportCertificatePem());
        string key = _files.Write("a.key", KeyPem(server, k => k.ExportPkcs8PrivateKeyPem()));
        string locked = _files.Write("locked.key", KeyPem(server, k => k.ExportEncryptedPkcs8PrivateKeyPem("secret", Encryption)));
        string foreign = _files.Write("b.key", KeyPem(other, k => k.ExportPkcs8PrivateKeyPem()));
        string pfx = _files.Write("a.pfx", server.Export(X509ContentType.Pkcs12, "secret"));
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(server.RawData);
        string keyless = _files.Write("keyless.pfx", bare.Export(X509ContentType.Pkcs12, "secret"));
        string folder = Path.GetDirectoryName(pem)!;
        string both = _files.Write("both.pem", server.ExportCertificatePem() + "\n" + KeyPem(other, k => k.ExportPkcs8PrivateKeyPem()));
        string noise = _files.Write("noise.bin", "nothing of the kind");
        string damaged = _files.Write("damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        string damagedKey = _files.Write("damaged.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");

        Refuses(new("/gone.pem", "", ""), CertificatePart.Certificate, "there is no file '/gone.pem'");
        Refuses(new("/gone/gone.pem", "", ""), CertificatePart.Certificate, "there is no file '/gone/gone.pem'");
        Refuses(new(folder, "", ""), CertificatePart.Certificate, $"'{folder}' cannot be read: it is a directory");
        Refuses(new(noise, "", ""), CertificatePart.Certificate, $"'{noise}' is neither a PEM nor a PFX file");
        Refuses(new(damaged, key, ""), CertificatePart.Certificate, $"'{damaged}' holds a damaged certificate");
        Refuses(new(key, key, ""), CertificatePart.Certificate, $"'{key}' holds no certificate");
        Refuses(new(pem, "", ""), CertificatePart.Key, $"'{pem}' holds a certificate without its private key");
        Refuses(new(pem, "/gone.key", ""), CertificatePart.Key, "there is no file '/gone.key'");
        Refuses(new(pem, pem, ""), CertificatePart.Key, $"'{pem}' holds no private key");
        Refuses(new(pem, noise, ""), CertificatePart.Key, $"'{noise}' is no PEM file");
        Refuses(new(pem, damagedKey, ""), CertificatePart.Key, $"the key in '{damagedKey}' is damaged, or neither RSA nor EC");
        Refuses(new(pem, foreign, ""), CertificatePart.Key, $"the key in '{foreign}' does not belong to the certificate in '{pem}'");
        Refuses(new(both, "", ""), CertificatePart.Key, $"key and certificate in '{both}' do not belong together");
        Refuses(new(pem, locked, ""), CertificatePart.Password, $"the key in '{locked}' is encrypted, and there is no password");
        Refuses(new(pem, locked, "wrong"), CertificatePart.Password, $"the password does not open the key in '{locked}'");
        Refuses(new(pfx, "", ""), CertificatePart.Password, $"'{pfx}' needs a password, and there is none");
        Refuses(new(pfx, "", "wrong"), CertificatePart.Password, $"the password does not open '{pfx}'");
        Refuses(new(pfx, key, "secret"), CertificatePart.Key, $"'{pfx}' is a PFX file, which has its key inside, and '{key}' is named as well");
        Refuses(new(keyless, "", "secret"), CertificatePart.Certificate, $"'{keyless}' holds no private key");
        Assert.Contains(damaged, Assert.Throws<CertificateFileException>(() => CertificateStore.OfFiles.LoadRoots(damaged)).Message, StringComparison.Ordinal);
        Assert.Contains(key, Assert.Throws<CertificateFileException>(() => CertificateStore.OfFiles.LoadRoots(key)).Message, StringComparison.Ordinal);
    }

    private static string KeyPem(X509Certificate2 certificate, Func<AsymmetricAlgorithm, string> export)
    {
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey()!;
        return export(key);
    }

    private static void Refuses(CertificateSettings settings, CertificatePart part, string problem)
    {
        var refusal = Assert.Throws<CertificateFileException>(() => CertificateStore.OfFiles.Load(settings));
        Assert.Equal((part, problem), (refusal.Part, refusal.Message));
    }
}
