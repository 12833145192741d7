using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Node.Cluster.Identity;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Cluster.Identity;

public sealed class CertificateIdentityTests : IDisposable
{
    private const string Server = "1.3.6.1.5.5.7.3.1";
    private const string Client = "1.3.6.1.5.5.7.3.2";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("actorlb-identity-");
    private readonly X509Certificate2 _root = Root("root");

    public void Dispose()
    {
        _root.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void A_peer_is_known_by_the_root_that_issued_its_certificate_and_by_no_other()
    {
        using X509Certificate2 own = Issued(_root, "own", Server, Client);
        using X509Certificate2 peer = Issued(_root, "peer", Server, Client);
        using X509Certificate2 namesake = Root("root");
        using X509Certificate2 stranger = Issued(namesake, "peer", Server, Client);
        CertificateIdentity identity = Load(own, _root);

        Assert.Null(identity.Refusal(peer, peerAccepts: true));
        Assert.Null(identity.Refusal(peer, peerAccepts: false));
        Assert.Contains("not of this cluster", identity.Refusal(stranger, peerAccepts: true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_is_for_one_side_alone_is_refused_on_the_other()
    {
        using X509Certificate2 own = Issued(_root, "own", Server, Client);
        using X509Certificate2 server = Issued(_root, "web", Server);
        CertificateIdentity identity = Load(own, _root);

        Assert.Null(identity.Refusal(server, peerAccepts: true));
        Assert.NotNull(identity.Refusal(server, peerAccepts: false));
    }

    [Fact]
    public void Where_names_are_set_a_certificate_bears_one_of_them()
    {
        using X509Certificate2 own = Issued(_root, "lb.internal", Server, Client);
        using X509Certificate2 other = Issued(_root, "printer.internal", Server, Client);
        CertificateIdentity identity = Load(own, _root, "lb.internal", "10.0.0.1");

        Assert.Null(identity.Refusal(own, peerAccepts: true));
        Assert.Equal("its certificate bears none of the names in cluster.tls.names", identity.Refusal(other, peerAccepts: true));
    }

    [Fact]
    public void A_file_without_a_root_is_refused_and_the_systems_roots_do_not_count()
    {
        using X509Certificate2 own = Issued(_root, "own", Server, Client);
        var e = Assert.Throws<IdentityException>(() => Load(own, root: null));
        Assert.Contains("holds no root", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_the_other_nodes_would_refuse_is_refused_here()
    {
        using X509Certificate2 web = Issued(_root, "web", Server);
        Assert.Contains("extended key usage", Assert.Throws<IdentityException>(() => Load(web, _root)).Message, StringComparison.Ordinal);

        using X509Certificate2 namesake = Root("root");
        using X509Certificate2 stranger = Issued(namesake, "own", Server, Client);
        Assert.Contains("does not lead to a root", Assert.Throws<IdentityException>(() => Load(stranger, _root)).Message, StringComparison.Ordinal);

        using X509Certificate2 own = Issued(_root, "own", Server, Client);
        Assert.Contains("none of the names", Assert.Throws<IdentityException>(() => Load(own, _root, "elsewhere")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        string missing = Path.Combine(_directory.FullName, "missing.pfx");
        var e = Assert.Throws<IdentityException>(() => CertificateIdentity.Load(new ClusterTlsSettings(missing, "x")));
        Assert.Contains(missing, e.Message, StringComparison.Ordinal);
    }

    private CertificateIdentity Load(X509Certificate2 own, X509Certificate2? root, params string[] names)
    {
        string path = Path.Combine(_directory.FullName, $"{Guid.NewGuid()}.pfx");
        X509Certificate2Collection all = root is null ? [own] : [own, X509CertificateLoader.LoadCertificate(root.RawData)];
        File.WriteAllBytes(path, all.Export(X509ContentType.Pkcs12, "p")!);
        return CertificateIdentity.Load(new ClusterTlsSettings(path, "p") { Names = [.. names] });
    }

    private static X509Certificate2 Root(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Issued(X509Certificate2 issuer, string name, params string[] uses)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var oids = new OidCollection();
        foreach (string use in uses)
        {
            oids.Add(new Oid(use));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, critical: false));
        using X509Certificate2 signed = request.Create(
            issuer, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
