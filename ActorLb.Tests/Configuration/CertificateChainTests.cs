using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class CertificateChainTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public void A_certificate_whose_issuer_is_not_in_its_file_is_a_warning()
    {
        ConfigurationResult read = Read(withIssuer: false);
        Assert.Empty(read.Mistakes);
        string warning = Assert.Single(read.Warnings).ToString();
        Assert.Contains(": actorlb.listeners.https.tls.certificate: '", warning, StringComparison.Ordinal);
        Assert.Contains("does not hold the issuer of its certificate (CN=test issuer)", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void One_with_its_issuer_is_none_whatever_its_root() => Assert.Empty(Read(withIssuer: true).Warnings);

    public void Dispose() => _certificates.Dispose();

    private ConfigurationResult Read(bool withIssuer)
    {
        using var leaf = _certificates.Server("a.org");
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(leaf)!;
        string certificate = _certificates.Write("leaf.pem", leaf.ExportCertificatePem() + "\n" + (withIssuer ? _certificates.IssuerPem : ""));
        string keyFile = _certificates.Write("leaf.key", key.ExportPkcs8PrivateKeyPem());
        var environment = new ConfigurationEnvironment(_ => null, "machine", File.ReadAllBytes) { ModeOf = _ => null };
        string listener = $"listeners.https {{ bind = \"127.0.0.1:8443\", tls {{ enabled = true, certificate = \"{certificate}\", key = \"{keyFile}\" }} }}";
        return ConfigurationLoader.FromText("node.conf", $"actorlb {{\n{Reading.OnePool}\n{listener}\n}}", environment);
    }
}
