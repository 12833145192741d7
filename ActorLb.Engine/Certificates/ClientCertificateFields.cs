using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// What backends are told of the certificate of a client: Client-Cert (RFC 9440) and X-Forwarded-Client-Cert, as Envoy writes it. A
/// subject is whatever its authority signed: nothing of it ends a value or a line. Pure.
/// </summary>
internal static class ClientCertificateFields
{
    /// <summary>RFC 3986, 2. What has other characters is no URI, and is not passed on.</summary>
    private static readonly SearchValues<char> OfUris = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%");

    private static readonly SearchValues<char> OfHosts = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*");

    /// <summary>Both lines with their ends.</summary>
    public static byte[] LinesOf(X509Certificate2 certificate)
    {
        ReadOnlySpan<byte> bytes = certificate.RawDataMemory.Span;
        StringBuilder text = new StringBuilder("Client-Cert: :").Append(Convert.ToBase64String(bytes)).Append(":\r\n")
            .Append("X-Forwarded-Client-Cert: Hash=").Append(Convert.ToHexStringLower(SHA256.HashData(bytes)))
            .Append(";Subject=\"").Append(DistinguishedNameText.Of(certificate.SubjectName)).Append('"');
        Append(text, "URI", AlternativeNames.Uris(certificate), OfUris);
        Append(text, "DNS", AlternativeNames.Dns(certificate), OfHosts);
        return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
    }

    private static void Append(StringBuilder text, string key, IReadOnlyList<string> names, SearchValues<char> characters)
    {
        foreach (string name in names)
        {
            if (name.Length > 0 && !name.AsSpan().ContainsAnyExcept(characters))
            {
                string quote = name.AsSpan().ContainsAny(",;=") ? "\"" : "";
                text.Append(';').Append(key).Append('=').Append(quote).Append(name).Append(quote);
            }
        }
    }
}
