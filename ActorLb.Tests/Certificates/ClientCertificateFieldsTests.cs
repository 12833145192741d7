using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorLb.Engine.Certificates;
using Xunit;

namespace ActorLb.Tests.Certificates;

/// <summary>What backends are told of a client's certificate, whatever its authority signed.</summary>
public sealed class ClientCertificateFieldsTests : IDisposable
{
    private readonly TestCertificates _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_certificate_is_passed_on_whole_and_by_its_names()
    {
        using X509Certificate2 certificate = _files.Leaf("CN=alice, OU=Sales + OU=North, O=Acme Ltd, C=DE", 30, Names(
            (6, "spiffe://acme.example/alice"), (2, "alice.example"), (1, "alice@acme.example"), (2, "*.alice.example")));
        string[] lines = Encoding.ASCII.GetString(ClientCertificateFields.LinesOf(certificate)).Split("\r\n");

        Assert.Equal($"Client-Cert: :{Convert.ToBase64String(certificate.RawData)}:", lines[0]);
        Assert.Equal(
            $"X-Forwarded-Client-Cert: Hash={certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()};"
            + $"Subject=\"{DistinguishedNameText.Of(certificate.SubjectName)}\";URI=spiffe://acme.example/alice;DNS=alice.example;DNS=*.alice.example",
            lines[1]);
        Assert.Equal(["", ""], [lines[2], .. lines[3..].DefaultIfEmpty("")]);
    }

    [Theory]
    [InlineData("alice", "CN=alice")]
    [InlineData("Alice B. Example", "CN=Alice B. Example")]
    [InlineData("", "CN=")]
    [InlineData("a\";Hash=0;Subject=\"b", "CN=a\\22\\3BHash\\3D0\\3BSubject\\3D\\22b")]
    [InlineData("a,CN=root", "CN=a\\2CCN\\3Droot")]
    [InlineData("a\\", "CN=a\\5C")]
    [InlineData("a\\\"", "CN=a\\5C\\22")]
    [InlineData("a\r\nX-Admin: 1", "CN=a\\0D\\0AX-Admin: 1")]
    [InlineData("a\0b\tc\u007f", "CN=a\\00b\\09c\\7F")]
    [InlineData("M\u00fcller \u65e5", "CN=M\\C3\\BCller \\E6\\97\\A5")]
    [InlineData(" a ", "CN=\\20a\\20")]
    [InlineData("#a+b<c>d", "CN=\\23a\\2Bb\\3Cc\\3Ed")]
    public void A_subject_can_end_neither_its_value_nor_its_line(string commonName, string expected)
    {
        using X509Certificate2 certificate = _files.Leaf(Subject(("2.5.4.3", UniversalTagNumber.UTF8String, commonName)), 30);

        Assert.Equal(expected, DistinguishedNameText.Of(certificate.SubjectName));
        string lines = Encoding.ASCII.GetString(ClientCertificateFields.LinesOf(certificate));
        Assert.Equal(2, lines.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(2, lines.Count(c => c == '"'));
        Assert.EndsWith($";Subject=\"{expected}\"\r\n", lines, StringComparison.Ordinal);
        Assert.DoesNotContain(lines.Replace("\r\n", "", StringComparison.Ordinal), c => c is < ' ' or > '~');
    }

    [Fact]
    public void A_name_that_has_no_text_stands_as_its_octets()
    {
        X500DistinguishedName name = Subject(("1.2.3.4", UniversalTagNumber.UTF8String, "ab"), ("2.5.4.6", UniversalTagNumber.PrintableString, "DE"), ("2.5.4.10", UniversalTagNumber.BMPString, "\u00c4"));
        Assert.Equal("O=\\C3\\84,C=DE,1.2.3.4=#0C026162", DistinguishedNameText.Of(name));
        Assert.Equal("", DistinguishedNameText.Of(new X500DistinguishedName([0x30, 0])));
    }

    [Theory]
    [InlineData(6, "https://a.example/x;y,z=1", ";URI=\"https://a.example/x;y,z=1\"")]
    [InlineData(6, "https://a.example/?q=\u0001", "")]
    [InlineData(6, "https://a/\";Hash=0", "")]
    [InlineData(6, "https://a/\r\nX-Admin: 1", "")]
    [InlineData(6, "https://a/\\", "")]
    [InlineData(6, "", "")]
    [InlineData(2, "a.example,b.example", "")]
    [InlineData(2, "a.example;DNS=b", "")]
    [InlineData(2, "a b", "")]
    [InlineData(2, "xn--mller-kva.de", ";DNS=xn--mller-kva.de")]
    public void A_name_that_could_be_none_is_not_passed_on(int kind, string name, string expected)
    {
        using X509Certificate2 certificate = _files.Leaf("CN=a", 30, Names((kind, name)));
        Assert.EndsWith($";Subject=\"CN=a\"{expected}\r\n", Encoding.ASCII.GetString(ClientCertificateFields.LinesOf(certificate)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_extension_that_cannot_be_read_names_nobody()
    {
        using X509Certificate2 certificate = _files.Leaf("CN=a", 30, new X509Extension("2.5.29.17", [0x30, 0x03, 0x82, 0x05, 0x61], false));
        Assert.Empty(AlternativeNames.Dns(certificate));
        Assert.EndsWith(";Subject=\"CN=a\"\r\n", Encoding.ASCII.GetString(ClientCertificateFields.LinesOf(certificate)), StringComparison.Ordinal);
    }

    private static X500DistinguishedName Subject(params (string Type, UniversalTagNumber Kind, string Value)[] parts)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach ((string type, UniversalTagNumber kind, string value) in parts)
            {
                using (writer.PushSetOf())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(type);
                    writer.WriteCharacterString(kind, value);
                }
            }
        }

        return new X500DistinguishedName(writer.Encode());
    }

    private static X509Extension Names(params (int Kind, string Name)[] names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach ((int kind, string name) in names)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, kind));
            }
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical: false);
    }
}
