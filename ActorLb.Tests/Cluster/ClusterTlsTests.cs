using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Cluster;

public sealed class ClusterTlsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("actorlb-tls-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Nodes_with_the_same_certificate_form_a_cluster_and_one_with_another_is_left_out()
    {
        ClusterTlsSettings ours = SelfSigned("ours");
        ClusterTlsSettings theirs = SelfSigned("theirs");
        var seed = new HostPort("127.0.0.1", TestNode.FreePort());
        await using var first = new TestNode("first", seed.Port, [seed], ours);
        await using var second = new TestNode("second", 0, [seed], ours);
        await using var stranger = new TestNode("stranger", 0, [seed], theirs);
        await using var plain = new TestNode("plain", 0, [seed]);
        foreach (TestNode node in new[] { first, stranger, plain, second })
        {
            await node.StartAsync();
        }

        await Eventually.Holds(() => first.Active.Length == 2 && second.Active.Length == 2, () => $"{first} and {second} are one cluster");

        // Both have tried for as long as the second one needed, and were told off.
        await Eventually.Holds(() => !stranger.Active.IsEmpty && !plain.Active.IsEmpty, "the strangers tried and went on alone");
        Assert.Equal(["stranger"], stranger.Active.ToArray());
        Assert.Equal(["plain"], plain.Active.ToArray());
        Assert.All(first.Memberships, m => Assert.DoesNotContain(m.Members, x => x.Name is "stranger" or "plain"));
    }

    private ClusterTlsSettings SelfSigned(string name)
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 certificate = Root(name, key);
        string path = Path.Combine(_directory.FullName, name + ".pfx");
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12, "secret"));
        return new ClusterTlsSettings(path, "secret");
    }

    private static X509Certificate2 Root(string name, RSA key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
