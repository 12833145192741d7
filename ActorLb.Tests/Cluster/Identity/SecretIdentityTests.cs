using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Node.Cluster.Identity;
using ActorLb.Shared.Settings;
using Xunit;
using static ActorLb.Tests.Cluster.Identity.TestSecrets;

namespace ActorLb.Tests.Cluster.Identity;

public sealed class SecretIdentityTests
{
    [Fact]
    public void The_key_of_a_secret_is_the_same_on_every_node_and_in_every_version()
    {
        var secret = new ClusterSecret([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        Assert.Equal(
            "711E05C2383D56F133D8C4B8F7D54A45A42B4F1E3D453689F1A19E22519CFE06",
            Convert.ToHexString(SHA256.HashData(SecretIdentity.PublicKey(secret, "actorlb"))));
    }

    [Fact]
    public void A_secret_or_a_cluster_of_another_name_has_another_key()
    {
        string[] keys =
        [
            .. from secret in new[] { A, B, C }
               from name in new[] { "actorlb", "shop", "" }
               select Convert.ToHexString(SecretIdentity.PublicKey(secret, name)),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void A_certificate_is_valid_whatever_clocks_say()
    {
        using X509Certificate2 certificate = SecretIdentity.Certificate(A, "actorlb");
        Assert.True(certificate.NotBefore.Year <= 2000 && certificate.NotAfter.Year >= 9998);
        Assert.Equal("actorlb", certificate.GetNameInfo(X509NameType.SimpleName, false));
        using ECDsa? key = certificate.GetECDsaPrivateKey();
        Assert.NotNull(key);
    }

    [Theory]
    [InlineData("A", "A", true)]
    [InlineData("A", "AB", true)]
    [InlineData("AB", "AB", true)]
    [InlineData("AB", "BA", true)]
    [InlineData("BA", "BA", true)]
    [InlineData("BA", "B", true)]
    [InlineData("B", "B", true)]
    [InlineData("A", "BA", false)]
    [InlineData("A", "B", false)]
    public void Two_nodes_know_each_other_where_each_accepts_the_secret_that_the_other_one_shows(string one, string other, bool known)
    {
        Assert.Equal(known, Refusal(one, other) is null && Refusal(other, one) is null);
    }

    [Fact]
    public void A_key_is_accepted_by_itself_alone_and_not_by_what_its_certificate_says()
    {
        var identity = new SecretIdentity([A], "actorlb");
        using ECDsa foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 real = SecretIdentity.Certificate(A, "actorlb");
        using X509Certificate2 copy = new CertificateRequest(real.SubjectName, foreign, HashAlgorithmName.SHA256)
            .CreateSelfSigned(real.NotBefore, real.NotAfter);
        Assert.Equal("it has another cluster secret", identity.Refusal(copy, peerAccepts: true));

        using ECDsa ours = ClusterKey.Derive(A, "actorlb");
        using X509Certificate2 expired = new CertificateRequest("CN=whatever", ours, HashAlgorithmName.SHA256)
            .CreateSelfSigned(real.NotBefore, real.NotBefore.AddDays(1));
        Assert.Null(identity.Refusal(expired, peerAccepts: false));
    }

    [Fact]
    public void A_node_of_another_cluster_with_the_same_secret_is_told_by_name_and_nobody_can_pretend_it()
    {
        var identity = new SecretIdentity([B, A], "actorlb");
        using X509Certificate2 shop = SecretIdentity.Certificate(A, "shop");
        Assert.Equal("its cluster.name is 'shop', and here it is 'actorlb'", identity.Refusal(shop, peerAccepts: true));

        using X509Certificate2 pretends = SecretIdentity.Certificate(C, "shop");
        Assert.Equal("it has another cluster secret", identity.Refusal(pretends, peerAccepts: true));
    }

    private static string? Refusal(string node, string peer)
    {
        using X509Certificate2 shown = SecretIdentity.Certificate(Secrets(peer)[0], "actorlb");
        return new SecretIdentity(Secrets(node), "actorlb").Refusal(shown, peerAccepts: true);
    }

    private static ImmutableArray<ClusterSecret> Secrets(string letters) => [.. letters.Select(l => l == 'A' ? A : B)];
}
