using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorLb.Engine.Certificates;

/// <summary>The subject's alternative names of a certificate (RFC 5280, 4.2.1.6), as they stand in it.</summary>
internal static class AlternativeNames
{
    private const string ExtensionId = "2.5.29.17";

    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    public static IReadOnlyList<string> Dns(X509Certificate2 certificate) => Of(certificate, DnsTag);

    public static IReadOnlyList<string> Uris(X509Certificate2 certificate) => Of(certificate, UriTag);

    // What is malformed names nobody.
    private static List<string> Of(X509Certificate2 certificate, Asn1Tag kind)
    {
        List<string> names = [];
        foreach (X509Extension extension in certificate.Extensions.Where(e => e.Oid?.Value == ExtensionId))
        {
            try
            {
                AsnReader all = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (all.HasData)
                {
                    Asn1Tag tag = all.PeekTag();
                    if (tag.HasSameClassAndValue(kind))
                    {
                        names.Add(all.ReadCharacterString(UniversalTagNumber.IA5String, kind));
                    }
                    else
                    {
                        all.ReadEncodedValue();
                    }
                }
            }
            catch (Exception e) when (e is AsnContentException or CryptographicException)
            {
                return [];
            }
        }

        return names;
    }
}
